-- One row per final status without a sale (canceled, unavailable) and stage the order had
-- reached.
with

fact_orders as (
    select
        order_status,
        case
            when delivered_at is not null then 4
            when handed_to_carrier_at is not null then 3
            when approved_at is not null then 2
            else 1
        end as stage,
        review_score,
        payment_amount,
        is_sale
    from {{ ref('fact_orders') }}
),

all_payments as (
    select sum(payment_amount) as payment_amount
    from fact_orders
),

stages as (
    select
        order_status,
        stage,
        count(*) as num_orders,
        count(review_score) as num_reviewed,
        sum(review_score) as sum_review_score,
        sum(payment_amount) as payment_amount
    from fact_orders
    where not is_sale
    group by order_status, stage
)

select
    stages.order_status,
    {{ name_of_number(
        'stages.stage', ['not approved', 'approved', 'with the carrier', 'delivered']
    ) }} as reached_stage,
    stages.num_orders,
    cast(stages.payment_amount as decimal(18, 2)) as payment_amount,
    {{ ratio('stages.payment_amount', 'stages.num_orders', 2) }} as average_payment_amount,
    {{ ratio('stages.sum_review_score', 'stages.num_reviewed', 2) }} as average_review_score,
    cast(sum(stages.num_orders) over () as {{ dbt.type_bigint() }}) as all_orders,
    cast(sum(stages.payment_amount) over () as decimal(18, 2)) as all_payment_amount,
    {{ ratio('sum(stages.payment_amount) over ()', 'all_payments.payment_amount') }}
        as all_payment_rate,
    'Neither refunds nor chargebacks nor disputes are in the data. Needed: the entries of the'
    || ' payment provider after the sale.' as not_in_data
from stages
cross join all_payments
order by stages.order_status, stages.stage
