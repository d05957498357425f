-- One row per region of the customer, what an order leaves there, highest first.
with

mart_executive_dashboard as (
    select
        region,
        num_sales,
        num_sales_with_items,
        freight_amount,
        revenue_amount,
        num_delivered,
        num_late,
        num_reviews,
        sum_review_score
    from {{ ref('mart_executive_dashboard') }}
),

regions as (
    select
        region,
        {{ total('num_sales') }} as num_sales,
        sum(num_sales_with_items) as num_sales_with_items,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score
    from mart_executive_dashboard
    group by region
)

select
    region,
    num_sales,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    cast(revenue_amount - freight_amount as decimal(18, 2)) as revenue_less_freight_amount,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as revenue_per_order_amount,
    {{ ratio('freight_amount', 'num_sales_with_items', 2) }} as freight_per_order_amount,
    {{ ratio('revenue_amount - freight_amount', 'num_sales_with_items', 2) }}
        as revenue_less_freight_per_order_amount,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('num_late', 'num_delivered') }} as late_rate,
    {{ ratio('sum_review_score', 'num_reviews', 2) }} as average_review_score,
    'Revenue less freight stands in for a margin: the data has neither the cost of goods, nor'
    || ' commission, nor what the carrier was paid.' as proxy
from regions
where num_sales_with_items > 0
order by revenue_less_freight_per_order_amount desc, region
