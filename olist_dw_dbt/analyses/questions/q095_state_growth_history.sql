-- One row per state of the customer with at least min_orders_for_ranking sales in the last three
-- complete months and a year before, fastest growth on the year first.
{% set spans = [('num_sales', 1), ('previous_num_sales', 4), ('year_ago_num_sales', 13)] %}
with

mart_executive_dashboard as (
    select customer_state, region, order_month, num_sales
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    {{ complete_months() }}
),

states as (
    select
        mart_executive_dashboard.customer_state as state,
        mart_executive_dashboard.region,
        {% for name, first_back in spans -%}
        {{ total(
            'case when months.months_back between ' ~ first_back ~ ' and '
            ~ (first_back + var('short_trend_months') - 1)
            ~ ' then mart_executive_dashboard.num_sales end'
        ) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from mart_executive_dashboard
    inner join months on mart_executive_dashboard.order_month = months.order_month
    group by mart_executive_dashboard.customer_state, mart_executive_dashboard.region
),

rated as (
    select
        *,
        {{ ratio('num_sales - previous_num_sales', 'previous_num_sales') }}
            as quarter_growth_rate,
        {{ ratio('num_sales - year_ago_num_sales', 'year_ago_num_sales') }} as year_growth_rate,
        {{ ratio(
            'sum(num_sales - previous_num_sales) over ()', 'sum(previous_num_sales) over ()'
        ) }} as all_quarter_growth_rate,
        {{ ratio(
            'sum(num_sales - year_ago_num_sales) over ()', 'sum(year_ago_num_sales) over ()'
        ) }} as all_year_growth_rate
    from states
)

select
    state,
    region,
    num_sales,
    previous_num_sales,
    year_ago_num_sales,
    quarter_growth_rate,
    year_growth_rate,
    all_quarter_growth_rate,
    all_year_growth_rate,
    {{ var('min_orders_for_ranking') }} as min_sales,
    'A forecast of orders by state, with intervals. Until then: history.' as waits_for_model
from rated
where
    num_sales >= {{ var('min_orders_for_ranking') }}
    and year_ago_num_sales >= {{ var('min_orders_for_ranking') }}
order by year_growth_rate desc, state
