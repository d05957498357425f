{#- One row per day from first to last, both included, as a column `day`. -#}
{% macro day_series(first_day, last_day, from_relation) -%}
    {{ return(adapter.dispatch('day_series')(first_day, last_day, from_relation)) }}
{%- endmacro %}

{% macro default__day_series(first_day, last_day, from_relation) -%}
    select cast(days.day as date) as day
    from {{ from_relation }}
    cross join lateral generate_series({{ first_day }}, {{ last_day }}, interval '1 day')
        as days (day)
{%- endmacro %}

{% macro month_start(column) -%}
    cast({{ dbt.date_trunc('month', column) }} as date)
{%- endmacro %}

{#- Days from 2016-01-01, where the calendar begins, as an integer that windows can range over. -#}
{% macro day_number(column) -%}
    {{ dbt.datediff("cast('" ~ var('calendar_start_date') ~ "' as date)", column, 'day') }}
{%- endmacro %}
