{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per order, those without items included (775 on the full data: most were canceled or
-- unavailable). Items, payments and reviews are summed to the order before they meet here, so
-- that no total is multiplied.
with

changed_orders as (
    {{ changed_orders(['customer_key', 'zip_code_prefix']) }}
),

stg_orders as (
    select
        orders.order_id,
        orders.order_status,
        orders.purchased_at,
        orders.approved_at,
        orders.handed_to_carrier_at,
        orders.delivered_at,
        orders.estimated_delivery_date,
        changed_orders.customer_key,
        changed_orders.zip_code_prefix,
        changed_orders.source_changed_at
    from {{ ref('stg_orders') }} as orders
    inner join changed_orders on orders.order_id = changed_orders.order_id
    {{ where_of_changed_orders('orders') }}
),

dim_geography as (
    select geography_key, zip_code_prefix
    from {{ ref('dim_geography') }}
    where not is_unknown
),

items_by_order as (
    select
        order_key,
        count(*) as num_items,
        count(distinct seller_key) as num_sellers,
        sum(price_amount) as item_amount,
        sum(freight_amount) as freight_amount,
        sum(charged_amount) as charged_amount,
        sum(revenue_amount) as revenue_amount,
        sum(case when freight_amount = 0 then 1 else 0 end) as num_free_freight_items
    from {{ ref('fact_order_items') }}
    {{ where_rebuilt() }}
    group by order_key
),

payments_by_type as (
    select
        order_key,
        payment_type,
        count(*) as num_payments,
        sum(payment_amount) as payment_amount,
        max(num_installments) as max_installments,
        min(payment_sequential) as first_sequential
    from {{ ref('fact_payments') }}
    {{ where_rebuilt() }}
    group by order_key, payment_type
),

-- The type that paid most of the order, the earlier one where two paid the same.
ranked_payment_types as (
    select
        *,
        row_number() over (
            partition by order_key
            order by payment_amount desc, first_sequential, payment_type
        ) as type_rank
    from payments_by_type
),

payments_by_order as (
    select
        order_key,
        sum(num_payments) as num_payments,
        sum(payment_amount) as payment_amount,
        max(max_installments) as max_installments,
        max(case when type_rank = 1 then payment_type end) as main_payment_type
    from ranked_payment_types
    group by order_key
),

reviews_by_order as (
    select
        order_key,
        count(*) as num_reviews,
        sum(review_score) as sum_review_score,
        sum(case when sentiment = 'POSITIVE' then 1 else 0 end) as num_satisfied_reviews,
        sum(case when review_score >= {{ var('nps_promoter_min_score') }} then 1 else 0 end)
            as num_promoters,
        sum(case when review_score <= {{ var('nps_detractor_max_score') }} then 1 else 0 end)
            as num_detractors,
        max(case when is_latest_for_order then review_score end) as review_score,
        max(case when is_latest_for_order and is_answered_before_delivery then 1 else 0 end) = 1
            as is_reviewed_before_delivery
    from {{ ref('fact_reviews') }}
    {{ where_rebuilt() }}
    group by order_key
),

keyed_orders as (
    select
        *,
        {{ surrogate_key(['order_id']) }} as order_key,
        cast(purchased_at as date) as order_date,
        cast(delivered_at as date) as delivered_date,
        coalesce(order_status = 'delivered' and delivered_at is not null, false)
            as is_delivered
    from stg_orders
),

-- Each join below finds one row or none.
joined as (
    select
        keyed_orders.*,
        coalesce(dim_geography.geography_key, {{ unknown_key() }}) as geography_key,
        coalesce(items_by_order.num_items, 0) as num_items,
        coalesce(items_by_order.num_sellers, 0) as num_sellers,
        coalesce(items_by_order.num_free_freight_items, 0) as num_free_freight_items,
        coalesce(items_by_order.item_amount, 0) as item_amount,
        coalesce(items_by_order.freight_amount, 0) as freight_amount,
        coalesce(items_by_order.charged_amount, 0) as charged_amount,
        coalesce(items_by_order.revenue_amount, 0) as revenue_amount,
        coalesce(payments_by_order.num_payments, 0) as num_payments,
        coalesce(payments_by_order.payment_amount, 0) as payment_amount,
        coalesce(payments_by_order.main_payment_type, 'none') as main_payment_type,
        payments_by_order.max_installments,
        coalesce(reviews_by_order.num_reviews, 0) as num_reviews,
        coalesce(reviews_by_order.sum_review_score, 0) as sum_review_score,
        coalesce(reviews_by_order.num_satisfied_reviews, 0) as num_satisfied_reviews,
        coalesce(reviews_by_order.num_promoters, 0) as num_promoters,
        coalesce(reviews_by_order.num_detractors, 0) as num_detractors,
        reviews_by_order.review_score,
        coalesce(reviews_by_order.is_reviewed_before_delivery, false)
            as is_reviewed_before_delivery
    from keyed_orders
    left join dim_geography on keyed_orders.zip_code_prefix = dim_geography.zip_code_prefix
    left join items_by_order on keyed_orders.order_key = items_by_order.order_key
    left join payments_by_order on keyed_orders.order_key = payments_by_order.order_key
    left join reviews_by_order on keyed_orders.order_key = reviews_by_order.order_key
)

select
    order_key,
    customer_key,
    geography_key,
    order_id,
    {{ date_key('order_date') }} as order_date_key,
    {{ date_key('delivered_date') }} as delivered_date_key,
    order_date,
    purchased_at,
    approved_at,
    handed_to_carrier_at,
    delivered_at,
    estimated_delivery_date,
    order_status,
    main_payment_type,
    {{ is_sale('order_status') }} as is_sale,
    num_items > 0 as has_items,
    is_delivered,
    coalesce(is_delivered and delivered_date <= estimated_delivery_date, false) as is_on_time,
    coalesce(is_delivered and delivered_date > estimated_delivery_date, false) as is_late,
    coalesce(approved_at < purchased_at, false)
    or coalesce(handed_to_carrier_at < purchased_at, false)
    or coalesce(handed_to_carrier_at < approved_at, false)
    or coalesce(delivered_at < purchased_at, false)
    or coalesce(delivered_at < handed_to_carrier_at, false) as has_timestamp_anomaly,
    num_items > 0 and num_payments > 0
    and abs(payment_amount - charged_amount) > {{ var('payment_tolerance_amount') }}
        as has_payment_mismatch,
    is_reviewed_before_delivery,
    cast(num_items as integer) as num_items,
    cast(num_free_freight_items as integer) as num_free_freight_items,
    cast(num_sellers as integer) as num_sellers,
    cast(num_payments as integer) as num_payments,
    max_installments,
    cast(num_reviews as integer) as num_reviews,
    cast(sum_review_score as integer) as sum_review_score,
    cast(num_satisfied_reviews as integer) as num_satisfied_reviews,
    cast(num_promoters as integer) as num_promoters,
    cast(num_detractors as integer) as num_detractors,
    review_score,
    cast(item_amount as decimal(18, 2)) as item_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    cast(charged_amount as decimal(18, 2)) as charged_amount,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(payment_amount as decimal(18, 2)) as payment_amount,
    case when is_delivered then {{ elapsed_days('purchased_at', 'delivered_at') }} end
        as delivery_days,
    case
        when is_delivered
            then cast(
                {{ dbt.datediff('order_date', 'estimated_delivery_date', 'day') }} as integer
            )
    end as promised_days,
    case
        when is_delivered
            then cast(
                {{ dbt.datediff('estimated_delivery_date', 'delivered_date', 'day') }} as integer
            )
    end as delay_days,
    {{ elapsed_hours('purchased_at', 'approved_at') }} as approval_hours,
    {{ elapsed_days('approved_at', 'handed_to_carrier_at') }} as handling_days,
    case
        when is_delivered then {{ elapsed_days('handed_to_carrier_at', 'delivered_at') }}
    end as transit_days,
    source_changed_at
from joined
