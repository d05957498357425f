-- One row per month of purchase, product category and review score, null for the orders without
-- a review. The score is the order's latest review. An order stands once with each category it
-- has items of (1 in 125 has several), those without items with the unknown category: units
-- and amounts add up over everything, orders and stars within one category.
with

fact_orders as (
    select
        order_key,
        {{ month_start('order_date') }} as order_month,
        is_sale,
        is_delivered,
        is_on_time,
        is_late,
        is_reviewed_before_delivery,
        review_score,
        delivery_days,
        delay_days
    from {{ ref('fact_orders') }}
),

fact_order_items as (
    select order_key, category_key, price_amount, revenue_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

fact_reviews as (
    select order_key, has_comment, response_hours
    from {{ ref('fact_reviews') }}
    where is_latest_for_order
),

dim_category as (
    select category_key, category_name_english, category_group
    from {{ ref('dim_category') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

items_by_order_and_category as (
    select
        order_key,
        category_key,
        count(*) as num_units,
        sum(price_amount) as item_amount,
        sum(revenue_amount) as revenue_amount
    from fact_order_items
    group by order_key, category_key
),

-- One row per order and category; one order to many categories.
orders_by_category as (
    select
        fact_orders.*,
        coalesce(items_by_order_and_category.category_key, {{ unknown_key() }}) as category_key,
        coalesce(items_by_order_and_category.num_units, 0) as num_units,
        coalesce(items_by_order_and_category.item_amount, 0) as item_amount,
        coalesce(items_by_order_and_category.revenue_amount, 0) as revenue_amount,
        coalesce(fact_reviews.has_comment, false) as has_comment,
        fact_reviews.response_hours
    from fact_orders
    left join items_by_order_and_category
        on fact_orders.order_key = items_by_order_and_category.order_key
    left join fact_reviews on fact_orders.order_key = fact_reviews.order_key
),

aggregated as (
    select
        order_month,
        category_key,
        review_score,
        cast(count(*) as integer) as num_orders,
        {{ count_where('is_sale') }} as num_sales,
        cast(coalesce(sum(case when is_sale then num_units end), 0) as integer) as num_units,
        cast(count(review_score) as integer) as num_reviews,
        cast(coalesce(sum(review_score), 0) as integer) as sum_review_score,
        {{ count_where('has_comment') }} as num_with_comment,
        cast(count(response_hours) as integer) as num_answered,
        {{ count_where('is_delivered') }} as num_delivered,
        {{ count_where('is_on_time') }} as num_on_time,
        {{ count_where('is_late') }} as num_late,
        {{ count_where('is_reviewed_before_delivery') }} as num_reviewed_before_delivery,
        {{ count_where('is_late and is_reviewed_before_delivery') }}
            as num_late_reviewed_before_delivery,
        cast(coalesce(sum(delay_days), 0) as {{ type_double() }}) as sum_delay_days,
        cast({{ sum_days('delivery_days') }} as {{ type_double() }}) as sum_delivery_days,
        cast({{ sum_days('response_hours / 24.0') }} as {{ type_double() }})
            as sum_response_days,
        cast(coalesce(sum(case when is_sale then item_amount end), 0) as decimal(18, 2))
            as gmv_amount,
        cast(coalesce(sum(revenue_amount), 0) as decimal(18, 2)) as revenue_amount
    from orders_by_category
    group by order_month, category_key, review_score
)

select
    aggregated.category_key,
    aggregated.order_month,
    dim_category.category_name_english,
    dim_category.category_group,
    coalesce(cast(aggregated.review_score as {{ dbt.type_string() }}), 'none') as score_label,
    aggregated.review_score,
    aggregated.review_score is not null as has_review,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    aggregated.num_orders,
    aggregated.num_sales,
    aggregated.num_units,
    aggregated.num_reviews,
    aggregated.sum_review_score,
    aggregated.num_with_comment,
    aggregated.num_answered,
    aggregated.num_delivered,
    aggregated.num_on_time,
    aggregated.num_late,
    aggregated.num_reviewed_before_delivery,
    aggregated.num_late_reviewed_before_delivery,
    aggregated.gmv_amount,
    aggregated.revenue_amount,
    aggregated.sum_delivery_days,
    aggregated.sum_delay_days,
    aggregated.sum_response_days
from aggregated
inner join dim_category on aggregated.category_key = dim_category.category_key
left join int_order_months on aggregated.order_month = int_order_months.order_month
