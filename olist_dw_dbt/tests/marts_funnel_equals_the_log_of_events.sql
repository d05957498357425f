{{ config(tags=['weekly']) }}
-- Every order stands in mart_order_funnel once, and at least as many reached a stage as
-- fact_order_events has dated: it may be more, for a stage passed without a date counts. Returns
-- the months and statuses that differ.
with

mart as (
    select
        order_month,
        order_status,
        sum(num_orders) as num_orders,
        sum(num_reached_approved) as num_reached_approved,
        sum(num_reached_shipped) as num_reached_shipped,
        sum(num_reached_delivered) as num_reached_delivered
    from {{ ref('mart_order_funnel') }}
    group by order_month, order_status
),

dated as (
    select
        {{ month_start('fact_orders.order_date') }} as order_month,
        fact_orders.order_status,
        {{ count_where("events.event_type = 'purchased'") }} as num_orders,
        {{ count_where("events.event_type = 'approved'") }} as num_approved,
        {{ count_where("events.event_type = 'shipped'") }} as num_shipped,
        {{ count_where("events.event_type = 'delivered'") }} as num_delivered
    from {{ ref('fact_orders') }} as fact_orders
    inner join {{ ref('fact_order_events') }} as events
        on fact_orders.order_key = events.order_key
    group by {{ month_start('fact_orders.order_date') }}, fact_orders.order_status
)

select
    coalesce(mart.order_month, dated.order_month) as order_month,
    coalesce(mart.order_status, dated.order_status) as order_status
from mart
full outer join dated
    on mart.order_month = dated.order_month and mart.order_status = dated.order_status
where
    mart.num_orders is distinct from dated.num_orders
    or mart.num_reached_approved < dated.num_approved
    or mart.num_reached_shipped < dated.num_shipped
    or mart.num_reached_delivered < dated.num_delivered
