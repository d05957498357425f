{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per payment of an order. An order may be paid in parts, by several vouchers and a
-- card for instance; join the facts on orders, never payments to items.
with

changed_orders as (
    {{ changed_orders() }}
),

stg_order_payments as (
    select
        payments.order_id,
        payments.payment_sequential,
        payments.payment_type,
        payments.num_installments,
        payments.payment_amount,
        changed_orders.source_changed_at
    from {{ ref('stg_order_payments') }} as payments
    inner join changed_orders on payments.order_id = changed_orders.order_id
),

stg_orders as (
    select order_id, order_status, purchased_at
    from {{ ref('stg_orders') }}
    {{ where_needed('order_id') }}
),

int_order_customers as (
    select order_id, customer_key
    from {{ ref('int_order_customers') }}
    {{ where_needed('order_id') }}
),

joined as (
    select
        stg_order_payments.order_id,
        stg_order_payments.payment_sequential,
        coalesce(stg_order_payments.payment_type, 'unknown') as payment_type,
        stg_order_payments.num_installments,
        stg_order_payments.payment_amount,
        stg_order_payments.source_changed_at,
        cast(stg_orders.purchased_at as date) as order_date,
        coalesce(stg_orders.order_status, 'unknown') as order_status,
        stg_orders.order_id is null as is_orphan,
        {{ is_sale('stg_orders.order_status') }} as is_sale,
        coalesce(int_order_customers.customer_key, {{ unknown_key() }}) as customer_key
    from stg_order_payments
    left join stg_orders on stg_order_payments.order_id = stg_orders.order_id
    left join int_order_customers
        on stg_order_payments.order_id = int_order_customers.order_id
)

select
    {{ surrogate_key(['order_id', 'payment_sequential']) }} as payment_key,
    {{ surrogate_key(['order_id']) }} as order_key,
    customer_key,
    order_id,
    payment_sequential,
    {{ date_key('order_date') }} as order_date_key,
    order_date,
    order_status,
    payment_type,
    is_sale,
    is_orphan,
    num_installments,
    payment_amount,
    source_changed_at
from joined
