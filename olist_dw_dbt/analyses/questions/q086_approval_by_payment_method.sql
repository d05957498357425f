-- One row per main payment type, most orders first.
with

fact_orders as (
    select main_payment_type, order_status, approved_at, approval_hours
    from {{ ref('fact_orders') }}
),

types as (
    select
        main_payment_type,
        count(*) as num_orders,
        {{ count_where('approved_at is null') }} as num_unapproved,
        {{ count_where("order_status = 'canceled'") }} as num_canceled,
        count(approval_hours) as num_timed,
        {{ count_where('approval_hours > 24') }} as num_slow,
        {{ median('approval_hours') }} as median_approval_hours
    from fact_orders
    group by main_payment_type
)

select
    main_payment_type as payment_type,
    num_orders,
    num_unapproved,
    {{ ratio('num_unapproved', 'num_orders') }} as unapproved_rate,
    {{ ratio('num_canceled', 'num_orders') }} as cancellation_rate,
    {{ rounded('median_approval_hours', 1) }} as median_approval_hours,
    {{ ratio('num_slow', 'num_timed') }} as slow_approval_rate,
    'Declined and repeated payments are not in the data, only those that went through. Needed:'
    || ' every attempt with its answer from the payment provider.' as not_in_data
from types
order by num_orders desc, payment_type
