{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per shipment: the items of an order that one seller sends. The source dates the order,
-- not the shipment, so the shipments of an order share its timestamps (1,278 orders of the full
-- data have several sellers).
-- depends_on: {{ ref('int_order_changes') }}
with

fact_order_items as (
    select
        order_key,
        seller_key,
        customer_key,
        geography_key,
        seller_geography_key,
        order_id,
        order_date_key,
        order_date,
        shipping_limit_at,
        order_status,
        is_sale,
        is_orphan,
        price_amount,
        freight_amount,
        distance_km,
        source_changed_at
    from {{ ref('fact_order_items') }}
    {{ where_rebuilt() }}
),

fact_orders as (
    select
        order_key,
        handed_to_carrier_at,
        delivered_at,
        estimated_delivery_date,
        is_delivered,
        is_on_time,
        is_late,
        delivery_days,
        delay_days,
        approval_hours,
        handling_days,
        transit_days
    from {{ ref('fact_orders') }}
    {{ where_rebuilt() }}
),

-- What is said of the order or of the seller is the same for all items of a shipment.
shipments as (
    select
        order_key,
        seller_key,
        order_id,
        max(customer_key) as customer_key,
        max(geography_key) as geography_key,
        max(seller_geography_key) as seller_geography_key,
        max(order_date_key) as order_date_key,
        max(order_date) as order_date,
        max(order_status) as order_status,
        max(case when is_sale then 1 else 0 end) = 1 as is_sale,
        max(case when is_orphan then 1 else 0 end) = 1 as is_orphan,
        max(shipping_limit_at) as shipping_limit_at,
        count(*) as num_items,
        sum(price_amount) as item_amount,
        sum(freight_amount) as freight_amount,
        max(distance_km) as distance_km,
        max(source_changed_at) as source_changed_at
    from fact_order_items
    group by order_key, seller_key, order_id
),

-- A shipment of an orphan item finds no order.
joined as (
    select
        shipments.*,
        fact_orders.handed_to_carrier_at,
        fact_orders.delivered_at,
        fact_orders.estimated_delivery_date,
        coalesce(fact_orders.is_delivered, false) as is_delivered,
        coalesce(fact_orders.is_on_time, false) as is_on_time,
        coalesce(fact_orders.is_late, false) as is_late,
        coalesce(fact_orders.handed_to_carrier_at > shipments.shipping_limit_at, false)
            as is_dispatch_late,
        fact_orders.delivery_days,
        fact_orders.delay_days,
        fact_orders.approval_hours,
        fact_orders.handling_days,
        fact_orders.transit_days
    from shipments
    left join fact_orders on shipments.order_key = fact_orders.order_key
)

select
    {{ surrogate_key(['order_id', 'seller_key']) }} as delivery_key,
    order_key,
    seller_key,
    customer_key,
    geography_key,
    seller_geography_key,
    order_id,
    order_date_key,
    order_date,
    shipping_limit_at,
    handed_to_carrier_at,
    delivered_at,
    estimated_delivery_date,
    order_status,
    case
        when not is_late then 'NONE'
        when is_dispatch_late then 'SELLER'
        else 'CARRIER'
    end as lateness_cause,
    is_sale,
    is_orphan,
    is_delivered,
    is_on_time,
    is_late,
    is_dispatch_late,
    cast(num_items as integer) as num_items,
    cast(item_amount as decimal(18, 2)) as item_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    distance_km,
    delivery_days,
    delay_days,
    approval_hours,
    handling_days,
    transit_days,
    source_changed_at
from joined
