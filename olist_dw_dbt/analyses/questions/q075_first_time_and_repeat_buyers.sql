-- One row per kind of sale: the only order of a person, the first of several, a later one.
with

fact_orders as (
    select
        order_id,
        has_items,
        is_delivered,
        is_late,
        num_items,
        max_installments,
        review_score,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
    where is_sale
),

mart_customer_analytics as (
    select first_order_id, num_orders
    from {{ ref('mart_customer_analytics') }}
),

-- A sale that is nobody's first is a later one.
kinds as (
    select
        fact_orders.*,
        case
            when mart_customer_analytics.first_order_id is null then 3
            when mart_customer_analytics.num_orders > 1 then 2
            else 1
        end as kind
    from fact_orders
    left join mart_customer_analytics
        on fact_orders.order_id = mart_customer_analytics.first_order_id
),

grouped as (
    select
        kind,
        count(*) as num_sales,
        {{ count_where('has_items') }} as num_sales_with_items,
        sum(num_items) as num_items,
        count(max_installments) as num_paid,
        sum(max_installments) as sum_installments,
        count(review_score) as num_reviewed,
        sum(review_score) as sum_review_score,
        {{ count_where('is_delivered') }} as num_delivered,
        {{ count_where('is_late') }} as num_late,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from kinds
    group by kind
)

select
    {{ name_of_number('kind', ['only order', 'first of several', 'later order']) }}
        as order_kind,
    num_sales,
    {{ ratio('num_sales', 'sum(num_sales) over ()') }} as order_rate,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value,
    {{ ratio('num_items', 'num_sales_with_items', 3) }} as average_items,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('sum_installments', 'num_paid', 2) }} as average_installments,
    {{ ratio('sum_review_score', 'num_reviewed', 2) }} as average_review_score,
    {{ ratio('num_late', 'num_delivered') }} as late_rate
from grouped
order by kind
