{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id',
) }}
-- One row per order id that any source table names: when something the facts say about the
-- order last changed. The facts rebuild the orders that changed since they last looked, so a
-- night costs what changed and not the history.
-- depends_on: {{ ref('stg_customers') }}, {{ ref('stg_geolocation') }}
-- depends_on: {{ ref('stg_products') }}, {{ ref('stg_sellers') }}
with

int_order_customers as (
    select order_id, customer_key
    from {{ ref('int_order_customers') }}
),

{% if is_incremental() -%}
changed_products as (
    select product_id, _loaded_at
    from {{ ref('stg_products') }}
    where _loaded_at > {{ high_water_mark(this, 'changed_at') }}
),

changed_prefixes as (
    select zip_code_prefix, max(_loaded_at) as _loaded_at
    from {{ ref('stg_geolocation') }}
    where _loaded_at > {{ high_water_mark(this, 'changed_at') }}
    group by zip_code_prefix
),

changed_customers as (
    select customer_id, _loaded_at
    from {{ ref('stg_customers') }}
    where _loaded_at > {{ high_water_mark(this, 'changed_at') }}
    union all
    select stg_customers.customer_id, changed_prefixes._loaded_at
    from {{ ref('stg_customers') }} as stg_customers
    inner join changed_prefixes
        on stg_customers.zip_code_prefix = changed_prefixes.zip_code_prefix
),

changed_sellers as (
    select seller_id, _loaded_at
    from {{ ref('stg_sellers') }}
    where _loaded_at > {{ high_water_mark(this, 'changed_at') }}
    union all
    select stg_sellers.seller_id, changed_prefixes._loaded_at
    from {{ ref('stg_sellers') }} as stg_sellers
    inner join changed_prefixes
        on stg_sellers.zip_code_prefix = changed_prefixes.zip_code_prefix
),
{%- endif %}

changes as (
    {%- set order_sources = [
        ['stg_orders', '_loaded_at'],
        ['stg_order_items', '_loaded_at'],
        ['stg_order_payments', '_loaded_at'],
        ['stg_order_reviews', '_loaded_at'],
        ['quarantined_rows', 'loaded_at'],
    ] %}
    {% for model, loaded_at in order_sources -%}
    select order_id, {{ loaded_at }} as changed_at
    from {{ ref(model) }}
    where
        order_id is not null
        {%- if is_incremental() %}
        and {{ loaded_at }} > {{ high_water_mark(this, 'changed_at') }}
        {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
    {% if is_incremental() -%}
    union all
    select stg_order_items.order_id, changed_products._loaded_at
    from {{ ref('stg_order_items') }} as stg_order_items
    inner join changed_products on stg_order_items.product_id = changed_products.product_id
    union all
    select stg_order_items.order_id, changed_sellers._loaded_at
    from {{ ref('stg_order_items') }} as stg_order_items
    inner join changed_sellers on stg_order_items.seller_id = changed_sellers.seller_id
    union all
    select stg_orders.order_id, changed_customers._loaded_at
    from {{ ref('stg_orders') }} as stg_orders
    inner join changed_customers on stg_orders.customer_id = changed_customers.customer_id
    {%- endif %}
),

{% if is_incremental() -%}
-- A late order can split a person's address versions and so move the keys of other orders.
moved_customer_keys as (
    select
        known.order_id,
        (select max(changes.changed_at) from changes) as changed_at
    from {{ this }} as known
    left join int_order_customers on known.order_id = int_order_customers.order_id
    where known.customer_key <> coalesce(int_order_customers.customer_key, {{ unknown_key() }})
),
{%- endif %}

all_changes as (
    select order_id, changed_at
    from changes
    {%- if is_incremental() %}
    union all
    select order_id, changed_at
    from moved_customer_keys
    where changed_at is not null
    {%- endif %}
),

latest as (
    select
        order_id,
        max(changed_at) as changed_at
    from all_changes
    group by order_id
)

select
    latest.order_id,
    coalesce(int_order_customers.customer_key, {{ unknown_key() }}) as customer_key,
    latest.changed_at
from latest
left join int_order_customers on latest.order_id = int_order_customers.order_id
