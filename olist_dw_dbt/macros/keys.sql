{#- A surrogate key: md5 over the text of the columns, a missing value distinguished from ''. -#}
{% macro surrogate_key(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- if not loop.first %}{% do parts.append("'|'") %}{% endif -%}
        {%- do parts.append(
            "coalesce(" ~ dbt.cast(column, api.Column.translate_type('string')) ~ ", '<null>')"
        ) -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro %}

{#- The key of the member a row points to when its source names none or an unknown one. -#}
{% macro unknown_key() -%}
    'unknown'
{%- endmacro %}

{#- A day as the integer yyyymmdd; 0, the unknown day, where there is none. -#}
{% macro date_key(column) -%}
    coalesce(
        cast(extract(year from {{ column }}) * 10000
            + extract(month from {{ column }}) * 100
            + extract(day from {{ column }}) as integer),
        0
    )
{%- endmacro %}
