-- One row per tenth of the customers, the most valuable first: what one of them has spent on
-- sales to date.
with

mart_customer_analytics as (
    select customer_unique_id, num_orders, revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

tenths as (
    select
        num_orders,
        revenue_amount,
        ntile(10) over (order by revenue_amount desc, customer_unique_id) as customer_tenth
    from mart_customer_analytics
),

overall as (
    select
        {{ ratio('sum(revenue_amount)', 'count(*)', 2) }} as average_revenue_amount,
        {{ rounded(median('revenue_amount'), 2) }} as median_revenue_amount
    from mart_customer_analytics
),

summed as (
    select
        customer_tenth,
        count(*) as num_customers,
        {{ total('num_orders') }} as num_orders,
        sum(revenue_amount) as revenue_amount,
        min(revenue_amount) as lowest_revenue_amount
    from tenths
    group by customer_tenth
)

select
    summed.customer_tenth,
    summed.num_customers,
    summed.revenue_amount,
    {{ ratio('summed.revenue_amount', 'sum(summed.revenue_amount) over ()') }}
        as revenue_share_rate,
    {{ ratio('summed.revenue_amount', 'summed.num_customers', 2) }}
        as revenue_per_customer_amount,
    summed.lowest_revenue_amount,
    {{ ratio('summed.num_orders', 'summed.num_customers') }} as orders_per_customer,
    overall.average_revenue_amount,
    overall.median_revenue_amount
from summed
cross join overall
order by summed.customer_tenth
