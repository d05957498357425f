-- Every raw row is staged or quarantined, never both, never neither. One row per table in which
-- the two do not add up.
with

{%- set staged = {
    'customers': 'stg_customers',
    'orders': 'stg_orders',
    'order_items': 'stg_order_items',
    'order_payments': 'stg_order_payments',
    'order_reviews': 'stg_order_reviews',
    'products': 'stg_products',
    'sellers': 'stg_sellers',
    'geolocation': 'stg_geolocation',
    'product_category_name_translation': 'stg_category_translation',
} %}

quarantined as (
    select table_name, count(*) as num_quarantined
    from {{ ref('quarantined_rows') }}
    group by table_name
),

counted as (
    {%- for table, model in staged.items() %}
    select
        '{{ table }}' as table_name,
        (select count(*) from {{ source('raw', table) }}) as num_raw,
        (select count(*) from {{ ref(model) }}) as num_staged
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    counted.table_name,
    counted.num_raw,
    counted.num_staged,
    coalesce(quarantined.num_quarantined, 0) as num_quarantined
from counted
left join quarantined on counted.table_name = quarantined.table_name
where counted.num_raw <> counted.num_staged + coalesce(quarantined.num_quarantined, 0)
