{{ config(tags=['weekly']) }}
-- Orders, units and GMV of mart_seller_months are those of the items, its deliveries and late
-- dispatches those of the shipments. Returns the months that differ.
with

mart as (
    select
        order_month,
        sum(num_orders) as num_orders,
        sum(num_sales) as num_sales,
        sum(num_units) as num_units,
        sum(gmv_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(num_deliveries) as num_deliveries,
        sum(num_on_time) as num_on_time,
        sum(num_dispatch_late) as num_dispatch_late,
        sum(num_late_by_seller) as num_late_by_seller
    from {{ ref('mart_seller_months') }}
    group by order_month
),

items as (
    select
        {{ month_start('order_date') }} as order_month,
        {{ count_where('is_sale') }} as num_units,
        sum(case when is_sale then price_amount else 0 end) as gmv_amount,
        sum(case when is_sale then freight_amount else 0 end) as freight_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
    group by {{ month_start('order_date') }}
),

-- A shipment is one order of one seller.
shipments as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_orders,
        {{ count_where('is_sale') }} as num_sales,
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where('is_on_time') }} as num_on_time,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late,
        {{ count_where("lateness_cause = 'SELLER'") }} as num_late_by_seller
    from {{ ref('fact_deliveries') }}
    where not is_orphan
    group by {{ month_start('order_date') }}
)

select coalesce(mart.order_month, items.order_month) as order_month
from mart
full outer join items on mart.order_month = items.order_month
full outer join shipments on items.order_month = shipments.order_month
where
    mart.num_orders is distinct from shipments.num_orders
    or mart.num_sales is distinct from shipments.num_sales
    or mart.num_units is distinct from items.num_units
    or mart.gmv_amount is distinct from items.gmv_amount
    or mart.freight_amount is distinct from items.freight_amount
    or mart.num_deliveries is distinct from shipments.num_deliveries
    or mart.num_on_time is distinct from shipments.num_on_time
    or mart.num_dispatch_late is distinct from shipments.num_dispatch_late
    or mart.num_late_by_seller is distinct from shipments.num_late_by_seller
