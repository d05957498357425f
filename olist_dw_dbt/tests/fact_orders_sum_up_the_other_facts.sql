-- One row per fact whose rows are not all counted once in fact_orders: a join that multiplies,
-- or an order that was rebuilt without its details. Orphans have no order to be counted in.
with

fact_orders as (
    select
        coalesce(sum(num_items), 0) as num_items,
        coalesce(sum(charged_amount), 0) as charged_amount,
        coalesce(sum(num_payments), 0) as num_payments,
        coalesce(sum(payment_amount), 0) as payment_amount,
        coalesce(sum(num_reviews), 0) as num_reviews,
        coalesce(sum(sum_review_score), 0) as sum_review_score
    from {{ ref('fact_orders') }}
),

items as (
    select
        'fact_order_items' as layer,
        count(*) as num_rows,
        coalesce(sum(charged_amount), 0) as total
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

payments as (
    select
        'fact_payments' as layer,
        count(*) as num_rows,
        coalesce(sum(payment_amount), 0) as total
    from {{ ref('fact_payments') }}
    where not is_orphan
),

reviews as (
    select
        'fact_reviews' as layer,
        count(*) as num_rows,
        coalesce(sum(review_score), 0) as total
    from {{ ref('fact_reviews') }}
    where not is_orphan
),

differences as (
    {% for details, num_rows, total in [
        ('items', 'num_items', 'charged_amount'),
        ('payments', 'num_payments', 'payment_amount'),
        ('reviews', 'num_reviews', 'sum_review_score'),
    ] -%}
    select
        {{ details }}.layer,
        fact_orders.{{ num_rows }} - {{ details }}.num_rows as rows_too_many_in_fact_orders,
        fact_orders.{{ total }} - {{ details }}.total as total_too_much_in_fact_orders
    from {{ details }}
    cross join fact_orders
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select layer, rows_too_many_in_fact_orders, total_too_much_in_fact_orders
from differences
where rows_too_many_in_fact_orders <> 0 or total_too_much_in_fact_orders <> 0
