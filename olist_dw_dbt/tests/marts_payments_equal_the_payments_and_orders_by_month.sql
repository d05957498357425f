{{ config(tags=['weekly']) }}
-- Payments of mart_payment_analysis are those of fact_payments, its orders and revenue those of
-- fact_orders, month by month. Returns the months that differ.
with

mart as (
    select
        order_month,
        sum(num_payments) as num_payments,
        sum(payment_amount) as payment_amount,
        sum(num_orders) as num_orders,
        sum(revenue_amount) as revenue_amount
    from {{ ref('mart_payment_analysis') }}
    group by order_month
),

payments as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_payments,
        sum(payment_amount) as payment_amount
    from {{ ref('fact_payments') }}
    where not is_orphan
    group by {{ month_start('order_date') }}
),

orders as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_orders,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount
    from {{ ref('fact_orders') }}
    group by {{ month_start('order_date') }}
)

select
    coalesce(mart.order_month, orders.order_month, payments.order_month) as order_month,
    mart.num_payments,
    payments.num_payments as num_payments_in_facts,
    mart.revenue_amount,
    orders.revenue_amount as revenue_amount_in_facts
from mart
full outer join orders on mart.order_month = orders.order_month
full outer join payments on orders.order_month = payments.order_month
where
    mart.num_orders is distinct from orders.num_orders
    or mart.revenue_amount is distinct from orders.revenue_amount
    or mart.num_payments is distinct from coalesce(payments.num_payments, 0)
    or mart.payment_amount is distinct from coalesce(payments.payment_amount, 0)
