-- One row per city of the customers, most sales first, the first 50. A city is that of the zip
-- prefix, one spelling each.
{% set shown_rows = 50 %}
with

mart_geographic_analysis as (
    select city, state, num_sales, num_sales_with_items, num_customers, revenue_amount
    from {{ ref('mart_geographic_analysis') }}
    where num_sales > 0
),

ranked as (
    select
        *,
        row_number() over (order by num_sales desc, revenue_amount desc, state, city)
            as sales_rank,
        row_number() over (order by revenue_amount desc, state, city) as revenue_rank,
        sum(num_sales) over () as all_sales,
        sum(revenue_amount) over () as all_revenue_amount
    from mart_geographic_analysis
)

select
    city,
    state,
    num_sales,
    {{ ratio('num_sales', 'all_sales') }} as sales_rate,
    {{ ratio('sum(num_sales) over (order by sales_rank)', 'all_sales') }}
        as cumulative_sales_rate,
    num_customers,
    revenue_amount,
    {{ ratio('revenue_amount', 'all_revenue_amount') }} as revenue_rate,
    revenue_rank,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value
from ranked
order by sales_rank
limit {{ shown_rows }}
