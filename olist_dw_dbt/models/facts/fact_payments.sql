{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per payment of an order. An order may be paid in parts, by several vouchers and a
-- card for instance; join the facts on orders, never payments to items.
with

changed_orders as (
    {{ changed_orders(['order_status', 'purchased_at', 'is_orphan', 'customer_key']) }}
),

joined as (
    select
        payments.order_id,
        payments.payment_sequential,
        coalesce(payments.payment_type, 'unknown') as payment_type,
        payments.num_installments,
        payments.payment_amount,
        cast(changed_orders.purchased_at as date) as order_date,
        coalesce(changed_orders.order_status, 'unknown') as order_status,
        changed_orders.is_orphan,
        {{ is_sale('changed_orders.order_status') }} as is_sale,
        changed_orders.customer_key,
        changed_orders.source_changed_at
    from {{ ref('stg_order_payments') }} as payments
    inner join changed_orders on payments.order_id = changed_orders.order_id
    {{ where_of_changed_orders('payments') }}
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
