{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per order and event: the lifecycle of an order as one log, in the order it happened.
-- Payment and cancellation have no time of their own in the source: a payment is dated by the
-- approval it led to (by the purchase where none followed), a cancellation by the last thing
-- known to have happened to the order.
-- depends_on: {{ ref('int_order_changes') }}
with

fact_orders as (
    select
        order_key,
        customer_key,
        order_id,
        purchased_at,
        approved_at,
        handed_to_carrier_at,
        delivered_at,
        order_status,
        num_payments,
        num_reviews,
        source_changed_at
    from {{ ref('fact_orders') }}
    {{ where_rebuilt() }}
),

first_reviews as (
    select
        order_key,
        min(coalesce(
            answered_at, {{ dbt.cast('creation_date', dbt.type_timestamp()) }}
        )) as reviewed_at
    from {{ ref('fact_reviews') }}
    {{ where_rebuilt() }}
    group by order_key
),

-- Each event with its rank in the lifecycle, which decides between events of one moment.
events as (
    select order_key, 'purchased' as event_type, 1 as lifecycle_rank, purchased_at as event_at,
        false as is_inferred_time
    from fact_orders
    union all
    select order_key, 'paid', 2, coalesce(approved_at, purchased_at), true
    from fact_orders
    where num_payments > 0
    union all
    select order_key, 'approved', 3, approved_at, false
    from fact_orders
    union all
    select order_key, 'shipped', 4, handed_to_carrier_at, false
    from fact_orders
    union all
    select order_key, 'delivered', 5, delivered_at, false
    from fact_orders
    union all
    select
        order_key,
        'canceled',
        6,
        greatest(
            purchased_at,
            coalesce(approved_at, purchased_at),
            coalesce(handed_to_carrier_at, purchased_at),
            coalesce(delivered_at, purchased_at)
        ),
        true
    from fact_orders
    where order_status = 'canceled'
    union all
    select fact_orders.order_key, 'reviewed', 7, first_reviews.reviewed_at, false
    from fact_orders
    inner join first_reviews on fact_orders.order_key = first_reviews.order_key
),

dated_events as (
    select *
    from events
    where event_at is not null
),

numbered as (
    select
        *,
        row_number() over (
            partition by order_key
            order by event_at, lifecycle_rank
        ) as event_number
    from dated_events
)

select
    {{ surrogate_key(['fact_orders.order_id', 'numbered.event_type']) }} as order_event_key,
    fact_orders.order_key,
    fact_orders.customer_key,
    fact_orders.order_id,
    cast(numbered.event_number as integer) as event_number,
    {{ date_key('numbered.event_at') }} as event_date_key,
    cast(numbered.event_at as date) as event_date,
    numbered.event_at,
    numbered.event_type,
    numbered.is_inferred_time,
    fact_orders.source_changed_at
from numbered
inner join fact_orders on numbered.order_key = fact_orders.order_key
