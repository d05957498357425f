{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id',
    on_schema_change='fail',
) }}
-- One row per order id that any source table names: when something the facts say about the
-- order last changed. The facts rebuild the orders that changed since they last looked, so a
-- night costs what changed and not the history. Beside it stands what several facts say of an
-- order, so that its row and its person are looked for once and not by each of them.
-- depends_on: {{ ref('stg_customers') }}, {{ ref('stg_geolocation') }}
-- depends_on: {{ ref('stg_products') }}, {{ ref('stg_sellers') }}
-- depends_on: {{ ref('int_order_customers') }}
with

{% if is_incremental() -%}
{%- set mark = high_water_mark(this, 'changed_at') -%}
-- A product or seller whose latest row is unusable has left the dimensions: that is a change, too.
changed_products as (
    select product_id, _loaded_at as changed_at
    from {{ ref('stg_products') }}
    where _loaded_at > {{ mark }}
    union all
    select entity_id as product_id, loaded_at as changed_at
    from {{ ref('quarantined_rows') }}
    where table_name = 'products' and loaded_at > {{ mark }}
),

changed_prefixes as (
    select zip_code_prefix, max(_loaded_at) as changed_at
    from {{ ref('stg_geolocation') }}
    where _loaded_at > {{ mark }}
    group by zip_code_prefix
),

changed_sellers as (
    select seller_id, _loaded_at as changed_at
    from {{ ref('stg_sellers') }}
    where _loaded_at > {{ mark }}
    union all
    select entity_id as seller_id, loaded_at as changed_at
    from {{ ref('quarantined_rows') }}
    where table_name = 'sellers' and loaded_at > {{ mark }}
    union all
    select sellers.seller_id, changed_prefixes.changed_at
    from {{ ref('stg_sellers') }} as sellers
    inner join changed_prefixes on sellers.zip_code_prefix = changed_prefixes.zip_code_prefix
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
        and {{ loaded_at }} > {{ mark }}
        {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
    {% if is_incremental() -%}
    union all
    -- Orders whose customer was corrected, or has become unusable.
    {{ orders_of_changed_rows(this, 'changed_at') }}
    union all
    -- The other orders of such a person: their address versions may have moved.
    select order_id, source_changed_at as changed_at
    from {{ ref('int_order_customers') }}
    where source_changed_at > {{ mark }}
    union all
    select persons.order_id, changed_prefixes.changed_at
    from {{ ref('int_order_customers') }} as persons
    inner join changed_prefixes on persons.zip_code_prefix = changed_prefixes.zip_code_prefix
    union all
    select items.order_id, changed_products.changed_at
    from {{ ref('stg_order_items') }} as items
    inner join changed_products on items.product_id = changed_products.product_id
    union all
    select items.order_id, changed_sellers.changed_at
    from {{ ref('stg_order_items') }} as items
    inner join changed_sellers on items.seller_id = changed_sellers.seller_id
    {%- endif %}
),

latest_changes as (
    select
        order_id,
        min(changed_at) as first_loaded_at,
        max(changed_at) as changed_at
    from changes
    group by order_id
),

stg_orders as (
    select order_id, order_status, purchased_at
    from {{ ref('stg_orders') }}
    {{ where_needed('order_id', 'latest_changes') }}
),

int_order_customers as (
    select order_id, customer_key, zip_code_prefix
    from {{ ref('int_order_customers') }}
    {{ where_needed('order_id', 'latest_changes') }}
){{ ',' if is_incremental() }}

{% if is_incremental() -%}
known_orders as (
    select order_id, first_loaded_at, changed_at
    from {{ this }}
    {{ where_needed('order_id', 'latest_changes') }}
)
{%- endif %}

-- Each join finds one row or none.
select
    latest_changes.order_id,
    stg_orders.order_status,
    stg_orders.purchased_at,
    stg_orders.order_id is null as is_orphan,
    coalesce(int_order_customers.customer_key, {{ unknown_key() }}) as customer_key,
    int_order_customers.zip_code_prefix,
    {% if is_incremental() -%}
    coalesce(known_orders.first_loaded_at, latest_changes.first_loaded_at) as first_loaded_at,
    {%- else -%}
    latest_changes.first_loaded_at,
    {%- endif %}
    -- From nothing it is not known what came before: the latest that it can have been.
    {{ 'known_orders' if is_incremental() else 'latest_changes' }}.changed_at
        as previous_changed_at,
    latest_changes.changed_at
from latest_changes
left join stg_orders on latest_changes.order_id = stg_orders.order_id
left join int_order_customers on latest_changes.order_id = int_order_customers.order_id
{% if is_incremental() -%}
left join known_orders on latest_changes.order_id = known_orders.order_id
{%- endif %}
