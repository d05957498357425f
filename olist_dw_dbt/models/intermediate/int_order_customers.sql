{{ config(materialized='incremental', incremental_strategy='replace_persons') }}
-- One row per order whose customer is known: the person, and which of the person's address
-- versions the order belongs to. The source has one customer_id per order, so addresses are
-- dated by the orders that carry them.
-- A late order or a corrected customer can move the versions of the person's other orders, so
-- a person is rebuilt as a whole.
-- depends_on: {{ ref('quarantined_rows') }}
with

{% if is_incremental() -%}
changed_rows as (
    {{ orders_of_changed_rows(this) }}
),

changed_persons as (
    select known.customer_unique_id
    from {{ this }} as known
    where known.order_id in (select changed_rows.order_id from changed_rows)
    union distinct
    select customers.customer_unique_id
    from {{ ref('stg_orders') }} as orders
    inner join {{ ref('stg_customers') }} as customers
        on orders.customer_id = customers.customer_id
    where orders.order_id in (select changed_rows.order_id from changed_rows)
),
{%- endif %}

stg_customers as (
    select customer_id, customer_unique_id, zip_code_prefix, city, state, _loaded_at
    from {{ ref('stg_customers') }}
    {{ where_needed('customer_unique_id', 'changed_persons') }}
),

stg_orders as (
    select order_id, customer_id, purchased_at, _loaded_at
    from {{ ref('stg_orders') }}
    {{ where_needed('customer_id', 'stg_customers') }}
),

-- Many orders to one customer row; in the source it is one to one.
order_addresses as (
    select
        stg_orders.order_id,
        stg_orders.purchased_at,
        stg_customers.customer_unique_id,
        stg_customers.zip_code_prefix,
        stg_customers.city,
        stg_customers.state,
        {% if is_incremental() -%}
        (select max(changed_rows.changed_at) from changed_rows) as source_changed_at,
        {%- else -%}
        greatest(stg_orders._loaded_at, stg_customers._loaded_at) as source_changed_at,
        {%- endif %}
        -- One text to compare, so that a missing part equals another missing one.
        {{ dbt.concat([
            "coalesce(stg_customers.zip_code_prefix, '')", "'|'",
            "coalesce(stg_customers.city, '')", "'|'",
            "coalesce(stg_customers.state, '')",
        ]) }} as address
    from stg_orders
    inner join stg_customers on stg_orders.customer_id = stg_customers.customer_id
),

with_previous as (
    select
        *,
        lag(address) over (
            partition by customer_unique_id
            order by purchased_at, order_id
        ) as previous_address
    from order_addresses
),

numbered as (
    select
        *,
        sum(case when address = previous_address then 0 else 1 end) over (
            partition by customer_unique_id
            order by purchased_at, order_id
            rows between unbounded preceding and current row
        ) as version_number
    from with_previous
),

with_version_start as (
    select
        *,
        first_value(order_id) over (
            partition by customer_unique_id, version_number
            order by purchased_at, order_id
        ) as first_order_id
    from numbered
)

select
    order_id,
    -- Keyed by the order that opened the version, not by its number: a late order that splits
    -- an earlier version leaves the keys of the later ones as they were.
    {{ surrogate_key(['customer_unique_id', 'first_order_id']) }} as customer_key,
    customer_unique_id,
    version_number,
    zip_code_prefix,
    city,
    state,
    purchased_at,
    source_changed_at
from with_version_start
