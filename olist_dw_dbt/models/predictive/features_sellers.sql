-- One row per snapshot date and seller active by then: what is known at the start of that day, from
-- events before it. Snapshots are first days of months and the day after the as-of date, the one
-- that is scored.
{% set windows = [14, 30, 90, 180] %}
{% set record_days = var('seller_record_days') %}
with

fact_order_items as (
    select order_key, seller_key, order_date, price_amount, is_sale
    from {{ ref('fact_order_items') }}
),

fact_deliveries as (
    select order_key, seller_key, estimated_delivery_date, delivered_at, is_sale
    from {{ ref('fact_deliveries') }}
),

fact_reviews as (
    select order_key, answered_at, review_score
    from {{ ref('fact_reviews') }}
),

dim_seller as (
    select seller_key
    from {{ ref('dim_seller') }}
    where not is_unknown
),

int_as_of_date as (
    select first_steady_date, as_of_date
    from {{ ref('int_as_of_date') }}
),

snapshots as (
    select distinct {{ month_start('fact_order_items.order_date') }} as snapshot_date
    from fact_order_items
    cross join int_as_of_date
    where
        {{ month_start('fact_order_items.order_date') }}
        between int_as_of_date.first_steady_date and int_as_of_date.as_of_date
    union
    select cast({{ dbt.dateadd('day', 1, 'as_of_date') }} as date)
    from int_as_of_date
),

sale_days as (
    select
        fact_order_items.seller_key,
        fact_order_items.order_date,
        count(distinct fact_order_items.order_key) as num_orders,
        sum(fact_order_items.price_amount) as gmv_amount
    from fact_order_items
    inner join dim_seller on fact_order_items.seller_key = dim_seller.seller_key
    where fact_order_items.is_sale
    group by fact_order_items.seller_key, fact_order_items.order_date
),

sales as (
    select
        snapshots.snapshot_date,
        sale_days.seller_key,
        sale_days.order_date,
        sale_days.num_orders,
        sale_days.gmv_amount,
        {{ dbt.datediff('sale_days.order_date', 'snapshots.snapshot_date', 'day') }} as days_ago
    from snapshots
    inner join sale_days on snapshots.snapshot_date > sale_days.order_date
),

sales_by_seller as (
    select
        snapshot_date,
        seller_key,
        min(days_ago) as days_since_last_sale,
        max(days_ago) as days_since_first_sale,
        sum(num_orders) as num_orders,
        {% for days in windows -%}
        sum(case when days_ago <= {{ days }} then num_orders else 0 end) as num_orders_{{ days }}d,
        {% endfor -%}
        sum(case when days_ago <= 90 then 1 else 0 end) as num_sale_days_90d,
        sum(case when days_ago <= 90 then gmv_amount else 0 end) as gmv_90d_amount
    from sales
    group by snapshot_date, seller_key
    -- The as-of date and the 90 days before it: the active sellers of mart_seller_scorecard.
    having min(days_ago) <= {{ var('seller_active_within_days') }} + 1
),

promises as (
    -- A promise is broken once its day is over without a delivery, whatever happens after.
    select
        seller_key,
        cast({{ dbt.dateadd('day', 1, 'estimated_delivery_date') }} as date) as known_date,
        count(*) as num_due,
        {{ count_where('delivered_at is null or cast(delivered_at as date)'
                       ~ ' > estimated_delivery_date') }} as num_late
    from fact_deliveries
    where is_sale
    group by seller_key, estimated_delivery_date
),

promises_by_seller as (
    select
        snapshots.snapshot_date,
        promises.seller_key,
        sum(promises.num_due) as num_due,
        sum(promises.num_late) as num_late
    from snapshots
    inner join promises
        on
            snapshots.snapshot_date >= promises.known_date
            and {{ dbt.datediff('promises.known_date', 'snapshots.snapshot_date', 'day') }}
            < {{ record_days }}
    group by snapshots.snapshot_date, promises.seller_key
),

sellers_of_orders as (
    select distinct order_key, seller_key
    from fact_order_items
),

reviews as (
    select
        sellers_of_orders.seller_key,
        cast(fact_reviews.answered_at as date) as answered_date,
        count(*) as num_reviews,
        {{ count_where('fact_reviews.review_score <= ' ~ var('negative_review_max_score')) }}
            as num_low_reviews
    from fact_reviews
    -- A review is of every seller of its order.
    inner join sellers_of_orders on fact_reviews.order_key = sellers_of_orders.order_key
    group by sellers_of_orders.seller_key, cast(fact_reviews.answered_at as date)
),

reviews_by_seller as (
    select
        snapshots.snapshot_date,
        reviews.seller_key,
        sum(reviews.num_reviews) as num_reviews,
        sum(reviews.num_low_reviews) as num_low_reviews
    from snapshots
    inner join reviews
        on
            snapshots.snapshot_date > reviews.answered_date
            and {{ dbt.datediff('reviews.answered_date', 'snapshots.snapshot_date', 'day') }}
            <= {{ record_days }}
    group by snapshots.snapshot_date, reviews.seller_key
)

select
    sales_by_seller.snapshot_date,
    sales_by_seller.seller_key,
    {% for count in [
        'days_since_last_sale', 'days_since_first_sale', 'num_orders', 'num_orders_14d',
        'num_orders_30d', 'num_orders_90d', 'num_orders_180d', 'num_sale_days_90d',
    ] -%}
    cast(sales_by_seller.{{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(coalesce(promises_by_seller.num_due, 0) as integer) as num_due,
    cast(coalesce(promises_by_seller.num_late, 0) as integer) as num_late,
    cast(coalesce(reviews_by_seller.num_reviews, 0) as integer) as num_reviews,
    cast(coalesce(reviews_by_seller.num_low_reviews, 0) as integer) as num_low_reviews,
    cast(sales_by_seller.gmv_90d_amount as decimal(18, 2)) as gmv_90d_amount
from sales_by_seller
left join promises_by_seller
    on
        sales_by_seller.snapshot_date = promises_by_seller.snapshot_date
        and sales_by_seller.seller_key = promises_by_seller.seller_key
left join reviews_by_seller
    on
        sales_by_seller.snapshot_date = reviews_by_seller.snapshot_date
        and sales_by_seller.seller_key = reviews_by_seller.seller_key
