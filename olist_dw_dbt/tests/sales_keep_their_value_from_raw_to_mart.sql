-- One row when the mart's items, GMV or freight are not those of the raw items of sales. Items
-- of canceled, unavailable and missing orders are none; reviews count for every known order.
with

raw_orders as (
    {{ raw_without_quarantine('orders') }}
),

raw_items as (
    {{ raw_without_quarantine('order_items') }}
),

raw_reviews as (
    {{ raw_without_quarantine('order_reviews') }}
),

expected_sales as (
    select
        count(*) as num_items,
        coalesce(sum({{ dbt.cast('raw_items.price', 'decimal(18, 2)') }}), 0) as gmv_amount,
        coalesce(sum({{ dbt.cast('raw_items.freight_value', 'decimal(18, 2)') }}), 0)
            as freight_amount
    from raw_items
    inner join raw_orders on trim(raw_items.order_id) = trim(raw_orders.order_id)
    where lower(trim(raw_orders.order_status)) not in ('canceled', 'unavailable')
),

expected_reviews as (
    select count(*) as num_reviews
    from raw_reviews
    inner join raw_orders on trim(raw_reviews.order_id) = trim(raw_orders.order_id)
),

mart as (
    select
        coalesce(sum(num_items), 0) as num_items,
        coalesce(sum(gmv_amount), 0) as gmv_amount,
        coalesce(sum(freight_amount), 0) as freight_amount,
        coalesce(sum(revenue_amount), 0) as revenue_amount,
        coalesce(sum(num_reviews), 0) as num_reviews
    from {{ ref('mart_executive_dashboard') }}
),

differences as (
    select
        'mart_executive_dashboard' as layer,
        mart.num_items - expected_sales.num_items as items_too_many,
        mart.gmv_amount - expected_sales.gmv_amount as gmv_too_much,
        mart.freight_amount - expected_sales.freight_amount as freight_too_much,
        mart.revenue_amount - expected_sales.gmv_amount - expected_sales.freight_amount
            as revenue_too_much,
        mart.num_reviews - expected_reviews.num_reviews as reviews_too_many
    from mart
    cross join expected_sales
    cross join expected_reviews
)

select
    layer,
    items_too_many,
    gmv_too_much,
    freight_too_much,
    revenue_too_much,
    reviews_too_many
from differences
where
    items_too_many <> 0
    or gmv_too_much <> 0
    or freight_too_much <> 0
    or revenue_too_much <> 0
    or reviews_too_many <> 0
