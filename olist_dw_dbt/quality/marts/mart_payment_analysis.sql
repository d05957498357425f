-- Payments by month and type.
with

by_month as (
    select sum(payment_share_rate) as payment_share_rate
    from marts.mart_payment_analysis
    group by order_month
    having sum(payment_amount) > 0
)

select
    {{ difference('sum(payment_amount)', 'select sum(payment_amount) from core.fact_payments') }}
        as amounts_are_those_of_the_facts,
    (select max(abs(payment_share_rate - 1)) from by_month) as shares_add_up,
    abs(
        sum(single_plan_amount + short_plan_amount + medium_plan_amount + long_plan_amount)
        / nullif(sum(payment_amount), 0) - 1
    ) as plans_add_up,
    {{ ratio('sum_installments', 'num_payments') }} as installments_are_plausible
from marts.mart_payment_analysis
