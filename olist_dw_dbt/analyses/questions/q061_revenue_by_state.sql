-- One row per state of the customer, most revenue first.
with

mart_executive_dashboard as (
    select
        customer_state,
        region,
        num_sales,
        num_sales_with_items,
        freight_amount,
        revenue_amount
    from {{ ref('mart_executive_dashboard') }}
),

states as (
    select
        customer_state as state,
        region,
        {{ total('num_sales') }} as num_sales,
        sum(num_sales_with_items) as num_sales_with_items,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from mart_executive_dashboard
    group by customer_state, region
)

select
    state,
    region,
    num_sales,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('sum(revenue_amount) over (partition by region)', 'sum(revenue_amount) over ()') }}
        as region_revenue_rate,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate
from states
where num_sales > 0
order by states.revenue_amount desc, state
