-- One row per kind of sale: of a customer who has not returned, of the first day of one who has,
-- and of a later day. Two orders of one day are one visit.
with

fact_orders as (
    select
        customer_key,
        order_date,
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

dim_customer as (
    select customer_key, customer_unique_id
    from {{ ref('dim_customer') }}
),

mart_customer_analytics as (
    select customer_unique_id, first_order_date, is_repeat_customer
    from {{ ref('mart_customer_analytics') }}
),

kinds as (
    select
        fact_orders.*,
        case
            when fact_orders.order_date > mart_customer_analytics.first_order_date then 3
            when mart_customer_analytics.is_repeat_customer then 2
            else 1
        end as kind
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    inner join mart_customer_analytics
        on dim_customer.customer_unique_id = mart_customer_analytics.customer_unique_id
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
        sum(revenue_amount) as revenue_amount,
        sum(revenue_amount * revenue_amount) as sum_square
    from kinds
    group by kind
),

answer as (
    select
        kind,
        {{ name_of_number('kind', ['not returned', 'first day', 'later day']) }} as order_kind,
        num_sales,
        {{ ratio('num_sales', 'sum(num_sales) over ()') }} as order_rate,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
        {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value,
        {% for side in ['low', 'high'] -%}
        {{ rounded(mean_bound('revenue_amount', 'sum_square', 'num_sales_with_items', side), 2) }}
            as {{ side }}_order_value_amount,
        {% endfor -%}
        {{ ratio('num_items', 'num_sales_with_items', 3) }} as average_items,
        {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
        {{ ratio('sum_installments', 'num_paid', 2) }} as average_installments,
        {{ ratio('sum_review_score', 'num_reviewed', 2) }} as average_review_score,
        {{ ratio('num_late', 'num_delivered') }} as late_rate
    from grouped
)

select
    order_kind,
    num_sales,
    order_rate,
    revenue_amount,
    revenue_rate,
    average_order_value,
    low_order_value_amount,
    high_order_value_amount,
    average_items,
    freight_rate,
    average_installments,
    average_review_score,
    late_rate,
    coalesce(
        {{ value_at('high_order_value_amount', 'kind desc') }}
        < {{ value_at('low_order_value_amount', 'kind') }}, false
    ) as finding_is_smaller,
    coalesce(
        {{ value_at('low_order_value_amount', 'kind desc') }}
        > {{ value_at('high_order_value_amount', 'kind') }}, false
    ) as finding_is_larger
from answer
order by kind
