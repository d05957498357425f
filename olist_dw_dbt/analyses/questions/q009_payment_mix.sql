-- One row per payment type, the most money first. Payments of sales alone: what a canceled order
-- paid goes back.
with

fact_payments as (
    select payment_type, num_installments, payment_amount
    from {{ ref('fact_payments') }}
    where is_sale and not is_orphan
),

types as (
    select
        payment_type,
        count(*) as num_payments,
        {{ total('num_installments') }} as sum_installments,
        sum(payment_amount) as payment_amount,
        -- Half of these months is what a real waits, when the first part comes at once.
        sum(case when num_installments > 1 then payment_amount * (num_installments - 1) else 0 end)
            as installment_months_amount,
        sum(case when payment_type = 'credit_card' then payment_amount else 0 end)
            * {{ var('days_to_first_settlement') }} / 30.0 as settlement_months_amount
    from fact_payments
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
    {{ ratio('installment_months_amount / 2 + settlement_months_amount', 'payment_amount', 2) }}
        as settled_wait_months,
    {{ ratio('sum(installment_months_amount) over () / 2', 'sum(payment_amount) over ()', 2) }}
        as all_average_wait_months,
    {{ ratio('sum(installment_months_amount / 2 + settlement_months_amount) over ()',
        'sum(payment_amount) over ()', 2) }} as all_settled_wait_months,
    {{ var('days_to_first_settlement') }} as days_to_first_settlement,
    'The wait is made from the installments: equal monthly parts, the first at once or as many '
    || 'days after the purchase as cards usually settle. When money really came in, and whether '
    || 'the card company advanced it, is not in the data.' as proxy
from types
where payment_amount > 0
order by payment_amount desc, payment_type
