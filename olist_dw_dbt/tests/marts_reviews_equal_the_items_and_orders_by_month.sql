{{ config(tags=['weekly']) }}
-- Units, GMV and revenue of mart_review_analysis are those of the items of sales, and its orders
-- those of fact_orders, each counted once for each of its categories. Returns the months that
-- differ.
with

mart as (
    select
        order_month,
        sum(num_orders) as num_orders,
        sum(sum_review_score) as sum_review_score,
        sum(num_units) as num_units,
        sum(gmv_amount) as gmv_amount,
        sum(revenue_amount) as revenue_amount
    from {{ ref('mart_review_analysis') }}
    group by order_month
),

categories_by_order as (
    select
        order_key,
        count(distinct category_key) as num_categories,
        {{ count_where('is_sale') }} as num_units,
        sum(case when is_sale then price_amount else 0 end) as gmv_amount,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount
    from {{ ref('fact_order_items') }}
    group by order_key
),

facts as (
    select
        {{ month_start('fact_orders.order_date') }} as order_month,
        sum(coalesce(categories_by_order.num_categories, 1)) as num_orders,
        coalesce(sum(
            fact_orders.review_score * coalesce(categories_by_order.num_categories, 1)
        ), 0) as sum_review_score,
        coalesce(sum(categories_by_order.num_units), 0) as num_units,
        coalesce(sum(categories_by_order.gmv_amount), 0) as gmv_amount,
        coalesce(sum(categories_by_order.revenue_amount), 0) as revenue_amount
    from {{ ref('fact_orders') }} as fact_orders
    left join categories_by_order on fact_orders.order_key = categories_by_order.order_key
    group by {{ month_start('fact_orders.order_date') }}
)

select
    coalesce(mart.order_month, facts.order_month) as order_month,
    mart.num_orders,
    facts.num_orders as num_orders_in_facts,
    mart.gmv_amount,
    facts.gmv_amount as gmv_amount_in_facts
from mart
full outer join facts on mart.order_month = facts.order_month
where
    mart.num_orders is distinct from facts.num_orders
    or mart.sum_review_score is distinct from facts.sum_review_score
    or mart.num_units is distinct from facts.num_units
    or mart.gmv_amount is distinct from facts.gmv_amount
    or mart.revenue_amount is distinct from facts.revenue_amount
