{#- What a test reads of its model: dbt calls this for every generic test. The rows of its own
    `where`, and, where the var tests_from names the moment up to which all rows were tested, only
    those that changed since: `meta.changed_at` of the test names the column that says so. -#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [] -%}
    {%- if config.get('where') -%}
        {%- do conditions.append('(' ~ config.get('where') ~ ')') -%}
    {%- endif -%}
    {%- set changed_at = (config.get('meta') or {}).get('changed_at') -%}
    {%- if changed_at and var('tests_from', none) -%}
        {%- do conditions.append(
            changed_at ~ " > cast('" ~ var('tests_from') ~ "' as " ~ dbt.type_timestamp() ~ ')'
        ) -%}
    {%- endif -%}
    {%- if not conditions %}{% do return(relation) %}{% endif -%}
    {%- set condition = conditions | join(' and ') -%}
    {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as dbt_subquery') -%}
{%- endmacro %}
