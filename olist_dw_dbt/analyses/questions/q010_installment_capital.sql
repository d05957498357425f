-- One row per complete month: card payments of sales and their plans, and what of all plans to date
-- would still be outstanding at its end. A plan of n parts falls by one n-th a month, the first
-- part
-- some months after that of the purchase (cards usually settle after 30 days), or at once.
{%- set months_to_first = (var('days_to_first_settlement') / 30) | round | int %}
with

fact_payments as (
    select
        {{ month_start('order_date') }} as order_month,
        -- Two payments have a plan of no part: they are paid as one.
        greatest(num_installments, 1) as num_installments,
        payment_amount
    from {{ ref('fact_payments') }}
    where payment_type = 'credit_card' and is_sale and not is_orphan
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

-- Parts that are not paid by the end of a month, of each plan bought by then.
parts as (
    select
        dim_date.order_month,
        plans.num_installments,
        plans.payment_amount / cast(plans.num_installments as {{ type_double() }}) as part_amount,
        plans.num_installments - 1
        - {{ dbt.datediff('plans.order_month', 'dim_date.order_month', 'month') }}
            as parts_left_at_once
    from dim_date
    inner join plans
        on
            plans.order_month <= dim_date.order_month
            and plans.num_installments - 1 + {{ months_to_first }}
            > {{ dbt.datediff('plans.order_month', 'dim_date.order_month', 'month') }}
),

outstanding as (
    select
        order_month,
        sum(part_amount * least(num_installments, parts_left_at_once + {{ months_to_first }}))
            as outstanding_amount,
        sum(part_amount * greatest(parts_left_at_once, 0)) as outstanding_at_once_amount
    from parts
    group by order_month
),

answer as (
    select
        dim_date.order_month,
        payments_by_month.num_payments,
        payments_by_month.payment_amount,
        {{ ratio('payments_by_month.sum_installments', 'payments_by_month.num_payments', 2) }}
            as average_installments,
        {{ rounded('coalesce(outstanding.outstanding_amount, 0)', 2) }} as outstanding_amount,
        {{ rounded('coalesce(outstanding.outstanding_at_once_amount, 0)', 2) }}
            as outstanding_at_once_amount,
        {{ ratio('coalesce(outstanding.outstanding_amount, 0)',
            'payments_by_month.payment_amount', 2) }} as outstanding_months,
        {{ var('days_to_first_settlement') }} as days_to_first_settlement,
        'The balance is made from the plans: equal monthly parts, the first so many days after the '
        || 'purchase, or at once. Due dates, and who finances them, are not in the data.' as proxy
    from dim_date
    inner join payments_by_month on dim_date.order_month = payments_by_month.order_month
    left join outstanding on dim_date.order_month = outstanding.order_month
)

select
    *,
    {{ value_at('order_month', 'outstanding_amount desc, order_month') }} as finding_peak_month,
    max(outstanding_amount) over () as finding_peak_amount
from answer
order by order_month
