{#- A ratio of sums, rounded: what a reader of a question's answer compares. Null where there is
    nothing to divide by. -#}
{% macro ratio(numerator, denominator, decimals=4) -%}
    {{ rounded(safe_divide(numerator, denominator), decimals) }}
{%- endmacro %}

{#- A floating-point number rounded half up to so many decimals: first to twelve, since engines
    differ on which side of a tie the last digits of a double lie. -#}
{% macro rounded(value, decimals=4) -%}
    cast(cast(cast({{ value }} as decimal(38, 12)) as decimal(38, {{ decimals }}))
        as {{ type_double() }})
{%- endmacro %}

{#- A sum of whole numbers, 0 without rows. -#}
{% macro total(column) -%}
    cast(coalesce(sum({{ column }}), 0) as {{ dbt.type_bigint() }})
{%- endmacro %}

{#- The complete months, counted back from the latest, which is 1, with the number of them all:
    the body of a CTE. -#}
{% macro complete_months() -%}
    select
        order_month,
        {{ dbt.datediff('order_month', 'max(order_month) over ()', 'month') }} + 1 as months_back,
        count(*) over () as num_complete_months
    from (
        select distinct month_start_date as order_month
        from {{ ref('dim_date') }}
        where is_complete_month
    ) as months
{%- endmacro %}

{#- The number of the band a value falls into, 1 below the first start; null without a value. -#}
{% macro band_number(column, starts) -%}
    case
        when {{ column }} is null then null
        {%- for start in starts %}
        when {{ column }} < {{ start }} then {{ loop.index }}
        {%- endfor %}
        else {{ starts | length + 1 }}
    end
{%- endmacro %}

{#- Names of the bands that some starts make, for `name_of_number`: `under 25`, `25 to 50` and
    `500 or more` of amounts; `under 2`, `2 to 5`, `51 or more` of whole numbers. -#}
{% macro band_names(starts, unit='', is_whole=false) %}
    {%- set names = ['under ' ~ starts[0] ~ unit] -%}
    {%- for start in starts[1:] -%}
        {%- set from_value = starts[loop.index0] -%}
        {%- set until = start - 1 if is_whole else start -%}
        {%- do names.append(
            from_value ~ unit if is_whole and until == from_value
            else from_value ~ ' to ' ~ until ~ unit
        ) -%}
    {%- endfor -%}
    {%- do names.append(starts[-1] ~ unit ~ ' or more') -%}
    {%- do return(names) -%}
{% endmacro %}

{#- The value of a column in the row that comes first by some order: who leads, when the peak was.
    Nulls come last; the order ends with something unique. -#}
{% macro value_at(column, order) -%}
    first_value({{ column }}) over (
        order by {{ order }}
        rows between unbounded preceding and unbounded following
    )
{%- endmacro %}

{#- How many make up a top share of a number of them: rounded up, so that the top tenth of three is
    one of them, everywhere alike. -#}
{% macro top_count(number, share) -%}
    cast(ceil(cast({{ number }} * {{ share }} as decimal(18, 4))) as integer)
{%- endmacro %}

{#- The group of a rank where so many equal groups, best first, are cut by `top_count`. -#}
{% macro top_group(rank, number, groups) -%}
    cast(floor(
        cast({{ groups }} * ({{ rank }} - 1) as {{ type_double() }}) / {{ number }}
    ) as integer) + 1
{%- endmacro %}

{#- Orders of the 13 weeks up to the as-of date and of the 13 after it with intervals, a row for
    each state or category with at least min_orders_for_ranking in the former: the CTEs up to
    `answer`.

    Args:
        series_type: Of mart_demand_forecast, `state` or `category`.
        column: What its name is called. -#}
{% macro quarters_of(series_type, column) -%}
{% set ends = ['low_80_value', 'high_80_value', 'low_95_value', 'high_95_value'] -%}
mart_demand_forecast as (
    select
        series_name,
        weeks_ahead,
        method,
        actual_value,
        forecast_value,
        {{ ends | join(', ') }}
    from {{ ref('mart_demand_forecast') }}
    where
        forecast_grain = 'quarter'
        and series_type = '{{ series_type }}'
        and metric_name = 'num_orders'
        and weeks_ahead >= 0
),

-- Two rows of each series: the quarter that is over, and the one ahead.
quarters as (
    select
        series_name as {{ column }},
        max(case when weeks_ahead = 0 then actual_value end) as last_quarter_orders,
        max(forecast_value) as expected_orders,
        {% for end in ends -%}
        max({{ end }}) as {{ end | replace('value', 'orders') }},
        {% endfor -%}
        max(method) as method
    from mart_demand_forecast
    group by series_name
),

answer as (
    select
        {{ column }},
        {{ rounded('last_quarter_orders', 0) }} as last_quarter_orders,
        {{ rounded('expected_orders', 0) }} as expected_orders,
        {% for end in ends -%}
        {%- set name = end | replace('value', 'orders') -%}
        {{ rounded(name, 0) }} as {{ name }},
        {% endfor -%}
        {{ ratio('expected_orders - last_quarter_orders', 'last_quarter_orders') }} as change_rate,
        method,
        0.80 as interval_rate
    from quarters
    where last_quarter_orders >= {{ var('min_orders_for_ranking') }}
)
{%- endmacro %}
