-- One row per state of the customer, the most punctual first; states with few deliveries last.
with

mart_executive_dashboard as (
    select
        customer_state,
        region,
        num_delivered,
        num_on_time,
        num_late,
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
        sum(sum_delivery_days) as sum_delivery_days,
        sum(sum_promised_days) as sum_promised_days
    from mart_executive_dashboard
    group by customer_state, region
)

select
    state,
    region,
    num_delivered,
    {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
    {{ ratio('num_late', 'num_delivered') }} as late_rate,
    {{ ratio('sum_delivery_days', 'num_delivered', 2) }} as average_delivery_days,
    {{ ratio('sum_promised_days', 'num_delivered', 2) }} as average_promised_days,
    {{ var('min_orders_for_ranking') }} as min_deliveries
from states
where num_delivered >= {{ var('min_orders_for_ranking') }}
order by on_time_rate desc, state
