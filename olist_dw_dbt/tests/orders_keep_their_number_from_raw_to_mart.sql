-- One row per layer that has not every usable raw order once, those without items included.
with

raw_orders as (
    {{ raw_without_quarantine('orders') }}
),

expected as (
    select count(*) as num_orders
    from raw_orders
),

layers as (
    {% for layer in ['stg_orders', 'fact_orders'] -%}
    select
        '{{ layer }}' as layer,
        count(*) as num_orders
    from {{ ref(layer) }}
    union all
    {% endfor -%}
    select
        'mart_executive_dashboard' as layer,
        coalesce(sum(num_orders), 0) as num_orders
    from {{ ref('mart_executive_dashboard') }}
)

select
    layers.layer,
    layers.num_orders - expected.num_orders as orders_too_many
from layers
cross join expected
where layers.num_orders <> expected.num_orders
