-- One row per order and pattern it shows, newest first: all of them, to look into.
with

marked as (
    {{ orders_with_patterns() }}
),

listed as (
    {% for pattern in order_patterns() -%}
    select
        order_id,
        order_date,
        order_status,
        main_payment_type,
        num_items,
        num_payments,
        max_installments,
        payment_amount,
        review_score,
        '{{ pattern.name }}' as pattern
    from marked
    where {{ pattern.column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    pattern,
    order_id,
    order_date,
    order_status,
    main_payment_type,
    num_items,
    num_payments,
    max_installments,
    payment_amount,
    review_score
from listed
order by order_date desc, order_id, pattern
