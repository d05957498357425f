{{ config(tags=['weekly']) }}
-- One row per order that does not point to the version of its own person, with the address of
-- its own customer row, valid at the purchase; or, without a customer row, to the unknown one.
with

orders as (
    select
        fact_orders.order_id,
        fact_orders.purchased_at,
        fact_orders.customer_key,
        stg_customers.customer_unique_id,
        stg_customers.zip_code_prefix,
        stg_customers.city,
        stg_customers.state
    from {{ ref('fact_orders') }} as fact_orders
    inner join {{ ref('stg_orders') }} as stg_orders
        on fact_orders.order_id = stg_orders.order_id
    left join {{ ref('stg_customers') }} as stg_customers
        on stg_orders.customer_id = stg_customers.customer_id
),

dim_customer as (
    select
        customer_key,
        customer_unique_id,
        zip_code_prefix,
        city,
        state,
        valid_from,
        valid_to,
        is_unknown
    from {{ ref('dim_customer') }}
),

validated as (
    select
        'dim_customer' as layer,
        orders.order_id,
        orders.customer_key,
        orders.customer_unique_id,
        case
            when dim_customer.customer_key is null then 'no such version'
            when orders.customer_unique_id is null
                then case when not dim_customer.is_unknown then 'no customer row' end
            when dim_customer.customer_unique_id <> orders.customer_unique_id
                then 'another person'
            when
                coalesce(dim_customer.zip_code_prefix, '') <> coalesce(orders.zip_code_prefix, '')
                or coalesce(dim_customer.city, '') <> coalesce(orders.city, '')
                or coalesce(dim_customer.state, '') <> coalesce(orders.state, '')
                then 'another address'
            -- Two purchases in one second can open and close a version at once.
            when
                orders.purchased_at < dim_customer.valid_from
                or orders.purchased_at > dim_customer.valid_to
                then 'not valid at the purchase'
        end as difference
    from orders
    left join dim_customer on orders.customer_key = dim_customer.customer_key
)

select layer, order_id, customer_key, customer_unique_id, difference
from validated
where difference is not null
