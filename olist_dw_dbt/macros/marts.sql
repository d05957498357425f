{#- A sum of fractions that does not depend on the order of the rows: each is rounded to so many
    decimals and added up exactly. 0 without rows. -#}
{% macro sum_exact(column, decimals=3) -%}
    coalesce(sum(cast({{ column }} as decimal(18, {{ decimals }}))), 0)
{%- endmacro %}

{#- Days from a day to the as-of date, 0 for a day after it (stragglers follow the last real day
    of the data); null without a day. -#}
{% macro days_before(day, as_of_date) -%}
    cast(case
        when {{ day }} > {{ as_of_date }} then 0
        else {{ dbt.datediff(day, as_of_date, 'day') }}
    end as integer)
{%- endmacro %}

{#- How many rows fulfil a condition; unknown counts as not. 0 without rows. -#}
{% macro count_where(condition) -%}
    cast(coalesce(sum(case when {{ condition }} then 1 else 0 end), 0) as integer)
{%- endmacro %}
