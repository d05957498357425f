-- One row per state of the customer, first the one whose promise is most surely kept: by the lower
-- end of the interval, so that a few deliveries do not lead.
with

mart_executive_dashboard as (
    select
        customer_state,
        region,
        num_delivered,
        num_on_time,
        num_late,
        num_due,
        num_promise_kept,
        sum_delivery_days,
        sum_promised_days
    from {{ ref('mart_executive_dashboard') }}
    where customer_state <> 'Unknown'
),

states as (
    select
        customer_state as state,
        region,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_on_time') }} as num_on_time,
        {{ total('num_late') }} as num_late,
        {{ total('num_due') }} as num_due,
        {{ total('num_promise_kept') }} as num_promise_kept,
        sum(sum_delivery_days) as sum_delivery_days,
        sum(sum_promised_days) as sum_promised_days
    from mart_executive_dashboard
    group by customer_state, region
),

answer as (
    select
        state,
        region,
        num_due,
        {{ ratio('num_promise_kept', 'num_due') }} as promise_kept_rate,
        {{ rounded(wilson_bound('num_promise_kept', 'num_due', 'low')) }} as low_promise_kept_rate,
        {{ rounded(wilson_bound('num_promise_kept', 'num_due', 'high')) }}
            as high_promise_kept_rate,
        {{ ratio('sum(num_promise_kept) over ()', 'sum(num_due) over ()') }}
            as all_promise_kept_rate,
        num_delivered,
        {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
        {{ ratio('num_late', 'num_delivered') }} as late_rate,
        {{ ratio('sum_delivery_days', 'num_delivered', 2) }} as average_delivery_days,
        {{ ratio('sum_promised_days', 'num_delivered', 2) }} as average_promised_days,
        {{ var('min_orders_for_ranking') }} as min_deliveries
    from states
    where num_due >= {{ var('min_orders_for_ranking') }} and num_delivered > 0
)

select
    *,
    {{ value_at('state', 'high_promise_kept_rate, state') }} as finding_worst,
    {{ value_at('promise_kept_rate', 'high_promise_kept_rate, state') }} as finding_worst_rate,
    {{ value_at('num_due', 'high_promise_kept_rate, state') }} as finding_worst_due,
    {{ value_at('high_promise_kept_rate', 'high_promise_kept_rate, state') }} as finding_worst_high,
    {{ value_at('low_promise_kept_rate', 'high_promise_kept_rate, state') }} as finding_worst_low,
    max(low_promise_kept_rate) over () > max(all_promise_kept_rate) over ()
    and min(high_promise_kept_rate) over () < max(all_promise_kept_rate) over ()
        as finding_is_apart,
    sum(case when low_promise_kept_rate > all_promise_kept_rate then 1 else 0 end) over ()
        as finding_num_above,
    sum(case when high_promise_kept_rate < all_promise_kept_rate then 1 else 0 end) over ()
        as finding_num_below
from answer
order by low_promise_kept_rate desc, state
