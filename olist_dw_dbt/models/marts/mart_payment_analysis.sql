-- One row per month of purchase and payment type, for those with a payment or an order paid
-- mainly so (`none`: the orders without a payment). Payments are those of all orders, canceled
-- ones included; revenue is that of sales and stands with the type that paid most of the order.
with

fact_payments as (
    select
        order_key,
        {{ month_start('order_date') }} as order_month,
        payment_type,
        is_sale,
        num_installments,
        payment_amount
    from {{ ref('fact_payments') }}
    where not is_orphan
),

fact_orders as (
    select
        {{ month_start('order_date') }} as order_month,
        main_payment_type as payment_type,
        is_sale,
        has_items,
        order_status,
        revenue_amount
    from {{ ref('fact_orders') }}
),

int_order_months as (
    select order_month, is_complete
    from {{ ref('int_order_months') }}
),

-- A plan of n installments leaves (n - 1) / 2 months of its amount open on average, when the
-- first one is paid at once: halved by anyone who reads installment_months_amount.
payments as (
    select
        order_month,
        payment_type,
        count(*) as num_payments,
        count(distinct order_key) as num_orders_with_payment,
        {{ count_where('payment_amount = 0') }} as num_zero_payments,
        coalesce(sum(num_installments), 0) as sum_installments,
        {% set short = var('short_plan_max_installments') -%}
        {%- set medium = var('medium_plan_max_installments') -%}
        {%- set plans = {
            'single': 'coalesce(num_installments, 0) <= 1',
            'short': 'num_installments > 1 and num_installments <= ' ~ short,
            'medium': 'num_installments > ' ~ short ~ ' and num_installments <= ' ~ medium,
            'long': 'num_installments > ' ~ medium,
        } -%}
        {%- for plan, condition in plans.items() -%}
        {{ count_where(condition) }} as num_{{ plan }}_plans,
        sum(case when {{ condition }} then payment_amount else 0 end) as {{ plan }}_plan_amount,
        {% endfor -%}
        sum(case when num_installments > 1 then payment_amount * (num_installments - 1) else 0 end)
            as installment_months_amount,
        sum(case when is_sale then payment_amount else 0 end) as sale_payment_amount,
        sum(payment_amount) as payment_amount
    from fact_payments
    group by order_month, payment_type
),

orders as (
    select
        order_month,
        payment_type,
        count(*) as num_orders,
        {{ count_where('is_sale') }} as num_sales,
        {{ count_where('is_sale and has_items') }} as num_sales_with_items,
        {{ count_where("order_status = 'canceled'") }} as num_canceled_orders,
        sum(revenue_amount) as revenue_amount
    from fact_orders
    group by order_month, payment_type
),

months_and_types as (
    select order_month, payment_type from payments
    union distinct
    select order_month, payment_type from orders
),

joined as (
    select
        months_and_types.order_month,
        months_and_types.payment_type,
        coalesce(int_order_months.is_complete, false) as is_complete_month,
        {% for measure in [
            'num_payments', 'num_orders_with_payment', 'num_zero_payments', 'sum_installments',
            'num_single_plans', 'num_short_plans', 'num_medium_plans', 'num_long_plans',
            'single_plan_amount', 'short_plan_amount', 'medium_plan_amount', 'long_plan_amount',
            'installment_months_amount', 'sale_payment_amount', 'payment_amount',
        ] -%}
        coalesce(payments.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {% for measure in [
            'num_orders', 'num_sales', 'num_sales_with_items', 'num_canceled_orders',
            'revenue_amount',
        ] -%}
        coalesce(orders.{{ measure }}, 0) as {{ measure }}
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
    from months_and_types
    left join payments
        on
            months_and_types.order_month = payments.order_month
            and months_and_types.payment_type = payments.payment_type
    left join orders
        on
            months_and_types.order_month = orders.order_month
            and months_and_types.payment_type = orders.payment_type
    left join int_order_months
        on months_and_types.order_month = int_order_months.order_month
)

select
    order_month,
    payment_type,
    is_complete_month,
    {% for count in [
        'num_payments', 'num_zero_payments', 'num_orders_with_payment', 'sum_installments',
        'num_single_plans', 'num_short_plans', 'num_medium_plans', 'num_long_plans',
        'num_orders', 'num_sales', 'num_sales_with_items', 'num_canceled_orders',
    ] -%}
    cast({{ count }} as integer) as {{ count }},
    {% endfor -%}
    {% for amount in [
        'payment_amount', 'sale_payment_amount', 'single_plan_amount', 'short_plan_amount',
        'medium_plan_amount', 'long_plan_amount', 'installment_months_amount', 'revenue_amount',
    ] -%}
    cast({{ amount }} as decimal(18, 2)) as {{ amount }},
    {% endfor -%}
    {{ safe_divide('payment_amount', 'sum(payment_amount) over (partition by order_month)') }}
        as payment_share_rate,
    {{ safe_divide('sum_installments', 'num_payments') }} as average_installments,
    {{ safe_divide('payment_amount', 'num_payments') }} as average_payment_value,
    {{ safe_divide('revenue_amount', 'num_sales_with_items') }} as average_order_value
from joined
