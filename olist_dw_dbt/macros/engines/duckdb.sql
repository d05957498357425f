{#- What DuckDB spells otherwise than the standard, which the `default__` macros follow. -#}

{% macro duckdb__day_series(first_day, last_day, from_relation) -%}
    select
        cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
            as day
    from {{ from_relation }}
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

{% macro duckdb__snapshot_get_time() -%}
    {{ moment_of_last_load() }}
{%- endmacro %}

{% macro duckdb__number_series(last, from_relation) -%}
    select unnest(generate_series(0, cast({{ last }} as bigint))) as number
    from {{ from_relation }}
{%- endmacro %}

{% macro duckdb__log_factorial(number) -%}
    lgamma({{ number }} + 1)
{%- endmacro %}

{% macro duckdb__matches_pattern(value, pattern) %}
    {%- do return('regexp_matches(' ~ value ~ ", '" ~ pattern ~ "')") -%}
{% endmacro %}

{% macro duckdb__strip_accents(value) %}
    {%- do return('strip_accents(' ~ value ~ ')') -%}
{% endmacro %}

{% macro duckdb__json_object_text(columns, suffix) %}
    {%- set pairs = [] -%}
    {%- for column in columns -%}
        {%- do pairs.append("'" ~ column ~ "', " ~ column ~ suffix) -%}
    {%- endfor -%}
    {%- do return('cast(json_object(' ~ pairs | join(', ') ~ ') as varchar)') -%}
{% endmacro %}

{% macro duckdb__try_cast(value, type) %}
    {%- do return('try_cast(' ~ value ~ ' as ' ~ type ~ ')') -%}
{% endmacro %}

{#- Of doubles: between two decimals it would be cut to their digits. -#}
{% macro duckdb__median(column) -%}
    median(cast({{ column }} as {{ type_double() }}))
{%- endmacro %}
