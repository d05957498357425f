-- One row per category with at least min_orders_for_ranking orders in the last three complete
-- months and a year before, most orders first.
{% set spans = [('num_orders', 1), ('previous_num_orders', 4), ('year_ago_num_orders', 13)] %}
with

mart_category_performance as (
    select category_name_english, order_month, num_orders
    from {{ ref('mart_category_performance') }}
),

months as (
    {{ complete_months() }}
),

categories as (
    select
        mart_category_performance.category_name_english,
        {% for name, first_back in spans -%}
        {{ total(
            'case when months.months_back between ' ~ first_back ~ ' and '
            ~ (first_back + var('short_trend_months') - 1)
            ~ ' then mart_category_performance.num_orders end'
        ) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from mart_category_performance
    inner join months on mart_category_performance.order_month = months.order_month
    group by mart_category_performance.category_name_english
),

shares as (
    select
        *,
        sum(num_orders) over () as all_orders
    from categories
),

answer as (
    select
        category_name_english,
        num_orders,
        previous_num_orders,
        year_ago_num_orders,
        {{ ratio('num_orders - previous_num_orders', 'previous_num_orders') }}
            as quarter_growth_rate,
        {{ ratio('num_orders - year_ago_num_orders', 'year_ago_num_orders') }}
            as year_growth_rate,
        {% for side in ['low', 'high'] -%}
        {%- set share = wilson_bound('num_orders', '(num_orders + year_ago_num_orders)', side) -%}
        {{ ratio(share, '(1 - ' ~ share ~ ')') }} - 1 as {{ side }}_growth_rate,
        {% endfor -%}
        {{ ratio('num_orders', 'all_orders') }} as order_rate,
        {{ var('min_orders_for_ranking') }} as min_orders
    from shares
    where
        num_orders >= {{ var('min_orders_for_ranking') }}
        and year_ago_num_orders >= {{ var('min_orders_for_ranking') }}
)

select
    *,
    'A forecast of orders by category and quarter, with intervals. Until then: history.'
        as waits_for_model,
    {{ var('short_trend_months') }} as finding_num_months,
    sum(case when low_growth_rate > 0 then 1 else 0 end) over () as finding_num_growing,
    sum(case when high_growth_rate < 0 then 1 else 0 end) over () as finding_num_shrinking
from answer
order by num_orders desc, category_name_english
