-- One row per layer whose payments or their value are not those of the usable raw rows.
with

raw_payments as (
    {{ raw_without_quarantine('order_payments') }}
),

expected as (
    select
        count(*) as num_payments,
        coalesce(sum({{ dbt.cast('payment_value', 'decimal(18, 2)') }}), 0) as payment_amount
    from raw_payments
),

layers as (
    {% for layer in ['stg_order_payments', 'fact_payments'] -%}
    select
        '{{ layer }}' as layer,
        count(*) as num_payments,
        coalesce(sum(payment_amount), 0) as payment_amount
    from {{ ref(layer) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

differences as (
    select
        layers.layer,
        layers.num_payments - expected.num_payments as payments_too_many,
        layers.payment_amount - expected.payment_amount as value_too_much
    from layers
    cross join expected
)

select layer, payments_too_many, value_too_much
from differences
where payments_too_many <> 0 or value_too_much <> 0
