-- One row per complete month of purchase: days that deliveries took beside the days that were
-- promised. The promised day itself is still on time.
with

mart_executive_dashboard as (
    select
        order_month,
        is_complete_month,
        num_delivered,
        num_on_time,
        sum_delivery_days,
        sum_promised_days
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_on_time') }} as num_on_time,
        sum(sum_delivery_days) as sum_delivery_days,
        sum(sum_promised_days) as sum_promised_days
    from mart_executive_dashboard
    where is_complete_month
    group by order_month
)

select
    order_month,
    num_delivered,
    {{ ratio('sum_delivery_days', 'num_delivered', 2) }} as average_delivery_days,
    {{ ratio('sum_promised_days', 'num_delivered', 2) }} as average_promised_days,
    {{ ratio('sum_promised_days - sum_delivery_days', 'num_delivered', 2) }} as margin_days,
    {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate
from months
where num_delivered > 0
order by order_month
