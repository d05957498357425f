-- One row per order whose customer is known: the person, and which of the person's address
-- versions the order belongs to. The source has one customer_id per order, so addresses are
-- dated by the orders that carry them.
with

stg_orders as (
    select order_id, customer_id, purchased_at
    from {{ ref('stg_orders') }}
),

stg_customers as (
    select customer_id, customer_unique_id, zip_code_prefix, city, state
    from {{ ref('stg_customers') }}
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
    purchased_at
from with_version_start
