-- One row per number of installments of credit card payments for sales.
with

fact_payments as (
    select
        case when num_installments < 1 then 1 else num_installments end as num_installments,
        payment_amount
    from {{ ref('fact_payments') }}
    where is_sale and payment_type = 'credit_card'
),

plans as (
    select
        num_installments,
        count(*) as num_payments,
        sum(payment_amount) as payment_amount
    from fact_payments
    group by num_installments
),

deferred as (
    select
        *,
        cast(payment_amount * (num_installments - 1) / num_installments as decimal(18, 2))
            as deferred_amount
    from plans
)

select
    num_installments,
    num_payments,
    cast(payment_amount as decimal(18, 2)) as payment_amount,
    {{ ratio('payment_amount', 'sum(payment_amount) over ()') }} as payment_rate,
    {{ ratio(
        'sum(payment_amount) over (order by num_installments)', 'sum(payment_amount) over ()'
    ) }} as cumulative_payment_rate,
    {{ ratio('payment_amount', 'num_payments', 2) }} as average_payment_amount,
    deferred_amount,
    cast(sum(payment_amount) over () as decimal(18, 2)) as all_payment_amount,
    {{ ratio('sum(deferred_amount) over ()', 'sum(payment_amount) over ()') }}
        as all_deferred_rate
from deferred
order by num_installments
