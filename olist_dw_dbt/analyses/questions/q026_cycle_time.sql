-- One row per stage of a delivery, and one for the whole way. Only delivered orders whose stages
-- are all dated and in order count, so that the stages add up to the whole.
with

fact_orders as (
    select
        approval_hours / 24.0 as approval_days,
        handling_days,
        transit_days,
        delivery_days
    from {{ ref('fact_orders') }}
    where
        is_delivered
        and not has_timestamp_anomaly
        and approval_hours is not null
        and handling_days is not null
        and transit_days is not null
),

stages as (
    {% for stage in ['approval', 'handling', 'transit', 'delivery'] -%}
    select
        {{ loop.index }} as stage_number,
        count(*) as num_orders,
        {{ sum_days(stage ~ '_days') }} as sum_stage_days,
        {{ sum_days('delivery_days') }} as sum_delivery_days,
        {{ median(stage ~ '_days') }} as median_days,
        percentile_cont(0.9) within group (order by {{ stage }}_days) as slow_tenth_days
    from fact_orders
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    stage_number,
    {{ name_of_number('stage_number', [
        'approval: purchase to payment approved',
        'handling: approval to carrier',
        'transit: carrier to door',
        'whole way: purchase to door',
    ]) }} as stage,
    num_orders,
    {{ ratio('sum_stage_days', 'num_orders', 2) }} as average_days,
    {{ rounded('median_days', 2) }} as median_days,
    {{ rounded('slow_tenth_days', 2) }} as slow_tenth_days,
    {{ ratio('sum_stage_days', 'sum_delivery_days') }} as time_share_rate
from stages
order by stage_number
