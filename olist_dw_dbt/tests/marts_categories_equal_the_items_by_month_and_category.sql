{{ config(tags=['weekly']) }}
-- Units, GMV and freight of mart_category_performance are those of the items of sales, and its
-- orders those with such items, by month and category. Returns the months and categories that
-- differ.
with

mart as (
    select
        order_month,
        category_key,
        sum(num_orders_of_any_status) as num_orders,
        sum(sum_review_score) as sum_review_score,
        sum(num_units) as num_units,
        sum(gmv_amount) as gmv_amount,
        sum(freight_amount) as freight_amount
    from {{ ref('mart_category_performance') }}
    group by order_month, category_key
),

items as (
    select
        {{ month_start('order_date') }} as order_month,
        category_key,
        count(distinct order_key) as num_orders,
        {{ count_where('is_sale') }} as num_units,
        sum(case when is_sale then price_amount else 0 end) as gmv_amount,
        sum(case when is_sale then freight_amount else 0 end) as freight_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
    group by {{ month_start('order_date') }}, category_key
),

-- The stars have a mart of their own to agree with.
stars as (
    select
        order_month,
        category_key,
        sum(sum_review_score) as sum_review_score
    from {{ ref('mart_review_analysis') }}
    group by order_month, category_key
)

select
    coalesce(mart.order_month, items.order_month) as order_month,
    coalesce(mart.category_key, items.category_key) as category_key,
    mart.num_orders,
    items.num_orders as num_orders_in_facts,
    mart.gmv_amount,
    items.gmv_amount as gmv_amount_in_facts
from mart
full outer join items
    on
        mart.order_month = items.order_month
        and mart.category_key = items.category_key
left join stars
    on
        mart.order_month = stars.order_month
        and mart.category_key = stars.category_key
where
    mart.num_orders is distinct from items.num_orders
    or mart.num_units is distinct from items.num_units
    or mart.gmv_amount is distinct from items.gmv_amount
    or mart.freight_amount is distinct from items.freight_amount
    or (
        -- Orders without items are of the unknown category there, and not in this mart.
        mart.category_key <> {{ unknown_key() }}
        and mart.sum_review_score is distinct from stars.sum_review_score
    )
