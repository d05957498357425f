-- One row per month of purchase and seller with an order in it. Additive measures only: sum them
-- over any period and group of sellers, divide afterwards. Items of orders that the source does
-- not know have no month and are left out.
with

fact_order_items as (
    select
        order_key,
        seller_key,
        {{ month_start('order_date') }} as order_month,
        order_status,
        is_sale,
        price_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

fact_orders as (
    select order_key, review_score
    from {{ ref('fact_orders') }}
),

fact_deliveries as (
    select
        seller_key,
        {{ month_start('order_date') }} as order_month,
        shipping_limit_at,
        handed_to_carrier_at,
        lateness_cause,
        {{ is_due() }} as is_due,
        is_delivered,
        is_on_time,
        is_late,
        is_dispatch_late,
        delivery_days
    from {{ ref('fact_deliveries') }}
    where not is_orphan
),

dim_seller as (
    select seller_key, seller_id, state, region, first_sale_date
    from {{ ref('dim_seller') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

-- An order is reviewed and canceled once, however many items of it the seller sends.
orders_by_seller as (
    select
        fact_order_items.order_month,
        fact_order_items.seller_key,
        fact_order_items.order_key,
        max(case when fact_order_items.is_sale then 1 else 0 end) as is_sale_number,
        max(case when fact_order_items.order_status = 'canceled' then 1 else 0 end)
            as is_canceled_number,
        max(fact_orders.review_score) as review_score
    from fact_order_items
    inner join fact_orders on fact_order_items.order_key = fact_orders.order_key
    group by
        fact_order_items.order_month, fact_order_items.seller_key, fact_order_items.order_key
),

order_counts as (
    select
        order_month,
        seller_key,
        count(*) as num_orders,
        sum(is_sale_number) as num_sales,
        sum(is_canceled_number) as num_canceled_orders,
        count(review_score) as num_reviewed_orders,
        coalesce(sum(review_score), 0) as sum_review_score
    from orders_by_seller
    group by order_month, seller_key
),

units as (
    select
        order_month,
        seller_key,
        {{ count_where('is_sale') }} as num_units,
        sum(case when is_sale then price_amount else 0 end) as gmv_amount,
        sum(case when is_sale then freight_amount else 0 end) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from fact_order_items
    group by order_month, seller_key
),

deliveries as (
    select
        order_month,
        seller_key,
        {{ count_where('handed_to_carrier_at is not null and shipping_limit_at is not null') }}
            as num_dispatched,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late,
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where('is_on_time') }} as num_on_time,
        {{ count_where('is_late') }} as num_late,
        {{ count_where('is_due') }} as num_due,
        {{ count_where('is_due and is_on_time') }} as num_promise_kept,
        {{ count_where("lateness_cause = 'SELLER'") }} as num_late_by_seller,
        {{ sum_days('delivery_days') }} as sum_delivery_days
    from fact_deliveries
    group by order_month, seller_key
)

-- Every seller of a month has units and shipments there: items make all three.
select
    order_counts.order_month,
    order_counts.seller_key,
    dim_seller.seller_id,
    dim_seller.state,
    dim_seller.region,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    coalesce(
        order_counts.order_month = {{ month_start('dim_seller.first_sale_date') }}, false
    ) as is_first_sale_month,
    {% for table, count in [
        ('order_counts', 'num_orders'), ('order_counts', 'num_sales'),
        ('order_counts', 'num_canceled_orders'), ('units', 'num_units'),
        ('order_counts', 'num_reviewed_orders'), ('order_counts', 'sum_review_score'),
        ('deliveries', 'num_dispatched'), ('deliveries', 'num_dispatch_late'),
        ('deliveries', 'num_deliveries'), ('deliveries', 'num_on_time'),
        ('deliveries', 'num_late'), ('deliveries', 'num_due'),
        ('deliveries', 'num_promise_kept'), ('deliveries', 'num_late_by_seller'),
    ] -%}
    cast({{ table }}.{{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(units.gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(units.freight_amount as decimal(18, 2)) as freight_amount,
    cast(units.revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(deliveries.sum_delivery_days as {{ type_double() }}) as sum_delivery_days
from order_counts
inner join units
    on
        order_counts.order_month = units.order_month
        and order_counts.seller_key = units.seller_key
inner join deliveries
    on
        order_counts.order_month = deliveries.order_month
        and order_counts.seller_key = deliveries.seller_key
inner join dim_seller on order_counts.seller_key = dim_seller.seller_key
left join int_order_months on order_counts.order_month = int_order_months.order_month
