-- One row per category with at least min_orders_for_ranking orders in the last 13 weeks, most
-- expected orders first: what the 13 weeks after the as-of date are likely to bring.
{% set ends = ['low_80_value', 'high_80_value', 'low_95_value', 'high_95_value'] %}
with

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
        and series_type = 'category'
        and metric_name = 'num_orders'
        and weeks_ahead >= 0
),

-- Two rows of each category: the quarter that is over, and the one ahead.
categories as (
    select
        series_name as category_name_english,
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
        category_name_english,
        {{ rounded('last_quarter_orders', 0) }} as last_quarter_orders,
        {{ rounded('expected_orders', 0) }} as expected_orders,
        {% for end in ends -%}
        {%- set name = end | replace('value', 'orders') -%}
        {{ rounded(name, 0) }} as {{ name }},
        {% endfor -%}
        {{ ratio('expected_orders - last_quarter_orders', 'last_quarter_orders') }} as change_rate,
        method,
        0.80 as interval_rate
    from categories
    where last_quarter_orders >= {{ var('min_orders_for_ranking') }}
)

select
    *,
    sum(case
        when low_80_orders > last_quarter_orders or high_80_orders < last_quarter_orders then 1
        else 0
    end) over () as finding_num_moving
from answer
order by expected_orders desc, category_name_english
