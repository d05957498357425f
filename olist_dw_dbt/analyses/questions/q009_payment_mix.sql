-- One row per payment type, the most money first. Payments of all orders count, canceled ones
-- included, because they were paid.
with

mart_payment_analysis as (
    select
        payment_type,
        num_payments,
        sum_installments,
        payment_amount,
        installment_months_amount
    from {{ ref('mart_payment_analysis') }}
),

types as (
    select
        payment_type,
        {{ total('num_payments') }} as num_payments,
        {{ total('sum_installments') }} as sum_installments,
        sum(payment_amount) as payment_amount,
        sum(installment_months_amount) as installment_months_amount
    from mart_payment_analysis
    group by payment_type
)

select
    payment_type,
    num_payments,
    payment_amount,
    {{ ratio('payment_amount', 'sum(payment_amount) over ()') }} as payment_share_rate,
    {{ ratio('payment_amount', 'num_payments', 2) }} as average_payment_amount,
    {{ ratio('sum_installments', 'num_payments', 2) }} as average_installments,
    {{ ratio('installment_months_amount / 2', 'payment_amount', 2) }} as average_wait_months,
    {{ ratio('sum(installment_months_amount) over () / 2', 'sum(payment_amount) over ()', 2) }}
        as all_average_wait_months,
    'The wait is made from the installments: equal monthly parts, the first one at once. When '
    || 'money really came in, and whether the card company advanced it, is not in the data.'
        as proxy
from types
where num_payments > 0
order by payment_amount desc, payment_type
