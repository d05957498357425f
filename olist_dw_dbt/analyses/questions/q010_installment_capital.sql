-- One row per complete month: card payments and their plans, and what of all plans so far would
-- still be outstanding at its end. A plan of n parts falls by one n-th a month, the first part in
-- the month of the purchase.
with

fact_payments as (
    select
        {{ month_start('order_date') }} as order_month,
        num_installments,
        payment_amount
    from {{ ref('fact_payments') }}
    where payment_type = 'credit_card' and not is_orphan
),

dim_date as (
    select distinct month_start_date as order_month
    from {{ ref('dim_date') }}
    where is_complete_month
),

plans as (
    select
        order_month,
        num_installments,
        count(*) as num_payments,
        sum(payment_amount) as payment_amount
    from fact_payments
    group by order_month, num_installments
),

payments_by_month as (
    select
        order_month,
        {{ total('num_payments') }} as num_payments,
        {{ total('num_installments * num_payments') }} as sum_installments,
        sum(payment_amount) as payment_amount
    from plans
    group by order_month
),

-- Parts paid by the end of a month: one for each month from that of the purchase on.
outstanding as (
    select
        dim_date.order_month,
        sum(
            plans.payment_amount
            * (plans.num_installments - 1
                - {{ dbt.datediff('plans.order_month', 'dim_date.order_month', 'month') }})
            / cast(plans.num_installments as {{ type_double() }})
        ) as outstanding_amount
    from dim_date
    inner join plans
        on
            plans.order_month <= dim_date.order_month
            and plans.num_installments - 1
            > {{ dbt.datediff('plans.order_month', 'dim_date.order_month', 'month') }}
    group by dim_date.order_month
)

select
    dim_date.order_month,
    payments_by_month.num_payments,
    payments_by_month.payment_amount,
    {{ ratio('payments_by_month.sum_installments', 'payments_by_month.num_payments', 2) }}
        as average_installments,
    {{ rounded('coalesce(outstanding.outstanding_amount, 0)', 2) }} as outstanding_amount,
    {{ ratio('coalesce(outstanding.outstanding_amount, 0)',
        'payments_by_month.payment_amount', 2) }} as outstanding_months,
    'The balance is made from the plans: equal monthly parts, the first in the month of the '
    || 'purchase. Due dates, and who finances them, are not in the data.' as proxy
from dim_date
inner join payments_by_month on dim_date.order_month = payments_by_month.order_month
left join outstanding on dim_date.order_month = outstanding.order_month
order by dim_date.order_month
