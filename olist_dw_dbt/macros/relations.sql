{#- A view stores the names it was made with. A build file is renamed on publish, and with it
    its catalogue, so names must not carry the database. -#}
{% macro ref() %}
    {%- do return(builtins.ref(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{% macro source() %}
    {%- do return(builtins.source(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{#- Schemas are named as models.md names them, whatever the target: raw, staging, core, ... In a
    database where readers find these names, those that are built in have a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ schema_prefix() }}{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{% macro schema_prefix() -%}
    {{ env_var('OLIST_DBT_SCHEMA_PREFIX', '') }}
{%- endmacro %}

{#- The comments of a relation and its columns. dbt's own asks the relation for its columns, twice,
    and only warns of a described column that is not there. Here that fails the build: the
    description is wrong. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do run_query(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() and model.columns %}
        {% set comments %}
            {% for name, column in model.columns.items() %}
            comment on column {{ relation }}.{{ adapter.quote(name) if column.quote else name }}
                is {{ duckdb_escape_comment(column.description) }};
            {% endfor %}
        {% endset %}
        {% do run_query(comments) %}
    {% endif %}
{%- endmacro %}
