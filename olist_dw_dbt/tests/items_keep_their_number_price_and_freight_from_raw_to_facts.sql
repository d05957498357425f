-- One row per layer whose items, price or freight are not those of the usable raw rows.
with

raw_items as (
    {{ raw_without_quarantine('order_items') }}
),

expected as (
    select
        count(*) as num_items,
        coalesce(sum({{ dbt.cast('price', 'decimal(18, 2)') }}), 0) as price_amount,
        coalesce(sum({{ dbt.cast('freight_value', 'decimal(18, 2)') }}), 0) as freight_amount
    from raw_items
),

layers as (
    {% for layer in ['stg_order_items', 'fact_order_items'] -%}
    select
        '{{ layer }}' as layer,
        count(*) as num_items,
        coalesce(sum(price_amount), 0) as price_amount,
        coalesce(sum(freight_amount), 0) as freight_amount
    from {{ ref(layer) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

differences as (
    select
        layers.layer,
        layers.num_items - expected.num_items as items_too_many,
        layers.price_amount - expected.price_amount as price_too_much,
        layers.freight_amount - expected.freight_amount as freight_too_much
    from layers
    cross join expected
)

select layer, items_too_many, price_too_much, freight_too_much
from differences
where items_too_many <> 0 or price_too_much <> 0 or freight_too_much <> 0
