{#- A view stores the names it was made with. A build file is renamed on publish, and with it
    its catalogue, so names must not carry the database. -#}
{% macro ref() %}
    {%- do return(builtins.ref(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{% macro source() %}
    {%- do return(builtins.source(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{#- Schemas are named as models.md names them, whatever the target: raw, staging, core, ... -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{#- dbt asks each relation for its columns before it comments on them, 49 questions a run. Here a
    described column that does not exist fails the build instead: its description is wrong. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ adapter.quote(name) if column.quote else name }}
        is {{ duckdb_escape_comment(column.description) }};
    {% endfor %}
{% endmacro %}
