-- One row per product category with at least min_orders_for_ranking orders, most revenue first.
-- Measures are of the orders of each seller within the category.
{% set compared_categories = 10 %}
with

fact_order_items as (
    select order_key, seller_key, category_key, order_status, is_sale, revenue_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

fact_orders as (
    select order_key, is_delivered, is_late, review_score
    from {{ ref('fact_orders') }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
),

-- Several items of an order by one seller in one category are one order of his.
seller_orders as (
    select
        category_key,
        seller_key,
        order_key,
        max(case when order_status = 'canceled' then 1 else 0 end) as is_canceled_number,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount
    from fact_order_items
    group by category_key, seller_key, order_key
),

sellers as (
    select
        seller_orders.category_key,
        seller_orders.seller_key,
        count(*) as num_orders,
        sum(seller_orders.is_canceled_number) as num_canceled,
        {{ count_where('fact_orders.is_delivered') }} as num_delivered,
        {{ count_where('fact_orders.is_late') }} as num_late,
        count(fact_orders.review_score) as num_reviewed,
        coalesce(sum(fact_orders.review_score), 0) as sum_review_score,
        coalesce(sum(fact_orders.review_score * fact_orders.review_score), 0) as sum_square,
        sum(seller_orders.revenue_amount) as revenue_amount
    from seller_orders
    inner join fact_orders on seller_orders.order_key = fact_orders.order_key
    group by seller_orders.category_key, seller_orders.seller_key
),

categories as (
    select
        category_key,
        {{ count_where('revenue_amount > 0') }} as num_sellers,
        sum(num_orders) as num_orders,
        sum(num_canceled) as num_canceled,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late,
        sum(num_reviewed) as num_reviewed,
        sum(sum_review_score) as sum_review_score,
        sum(sum_square) as sum_square,
        sum(revenue_amount) as revenue_amount,
        max(revenue_amount) as top_seller_revenue_amount
    from sellers
    group by category_key
),

answer as (
    select
        row_number() over (
            order by categories.revenue_amount desc, dim_category.category_name_english
        ) as revenue_rank,
        dim_category.category_name_english,
        categories.num_sellers,
        cast(categories.num_orders as integer) as num_orders,
        cast(categories.revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio('categories.revenue_amount', 'categories.num_sellers', 2) }}
            as average_revenue_per_seller,
        {{ ratio(
            'categories.top_seller_revenue_amount', 'categories.revenue_amount'
        ) }} as top_seller_rate,
        {{ ratio('categories.sum_review_score', 'categories.num_reviewed', 2) }}
            as average_review_score,
        {% for side in ['low', 'high'] -%}
        {{ rounded(mean_bound(
            'categories.sum_review_score', 'categories.sum_square', 'categories.num_reviewed',
            side
        ), 2) }} as {{ side }}_review_score,
        {% endfor -%}
        {{ ratio('categories.num_late', 'categories.num_delivered') }} as late_rate,
        {{ ratio('categories.num_canceled', 'categories.num_orders') }}
            as cancellation_rate,
        {{ var('min_orders_for_ranking') }} as min_orders
    from categories
    inner join dim_category on categories.category_key = dim_category.category_key
    where categories.num_orders >= {{ var('min_orders_for_ranking') }}
),

largest as (
    select *
    from answer
    where revenue_rank <= {{ compared_categories }}
),

extremes as (
    select
        {{ value_at('category_name_english', 'low_review_score desc, revenue_rank') }} as best,
        {{ value_at('average_review_score', 'low_review_score desc, revenue_rank') }}
            as best_score,
        {{ value_at('late_rate', 'low_review_score desc, revenue_rank') }} as best_late_rate,
        {{ value_at('num_sellers', 'low_review_score desc, revenue_rank') }}
            as best_num_sellers,
        {{ value_at('category_name_english', 'high_review_score, revenue_rank') }} as worst,
        {{ value_at('average_review_score', 'high_review_score, revenue_rank') }}
            as worst_score,
        {{ value_at('late_rate', 'high_review_score, revenue_rank') }} as worst_late_rate,
        {{ value_at('num_sellers', 'high_review_score, revenue_rank') }} as worst_num_sellers,
        max(low_review_score) over () > min(high_review_score) over () as is_apart,
        count(*) over () as num_compared,
        row_number() over (order by revenue_rank) as row_number
    from largest
)

select
    answer.*,
    extremes.best as finding_best,
    extremes.best_score as finding_best_score,
    extremes.best_late_rate as finding_best_late_rate,
    extremes.best_num_sellers as finding_best_num_sellers,
    extremes.worst as finding_worst,
    extremes.worst_score as finding_worst_score,
    extremes.worst_late_rate as finding_worst_late_rate,
    extremes.worst_num_sellers as finding_worst_num_sellers,
    extremes.is_apart as finding_is_apart,
    extremes.num_compared as finding_num_compared
from answer
cross join extremes
where extremes.row_number = 1
order by answer.revenue_rank
