{{ config(tags=['weekly']) }}
-- Shipments, deliveries and lateness of mart_delivery_metrics are those of fact_deliveries, and of
-- mart_seller_scorecard in sum. Returns the months that differ (no month for the scorecard).
with

mart as (
    select
        order_month,
        sum(num_shipments) as num_shipments,
        sum(num_deliveries) as num_deliveries,
        sum(num_late_by_seller) as num_late_by_seller,
        sum(num_late_by_carrier + num_late_by_promise) as num_late_by_carrier,
        sum(num_promise_kept) as num_promise_kept,
        sum(num_dispatch_late) as num_dispatch_late
    from {{ ref('mart_delivery_metrics') }}
    group by order_month
),

facts as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_shipments,
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where("lateness_cause = 'SELLER'") }} as num_late_by_seller,
        {{ count_where("lateness_cause = 'CARRIER'") }} as num_late_by_carrier,
        {{ count_where(is_due() ~ ' and is_on_time') }} as num_promise_kept,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late
    from {{ ref('fact_deliveries') }}
    where not is_orphan
    group by {{ month_start('order_date') }}
),

scorecard as (
    select
        coalesce(sum(num_deliveries), 0) as num_deliveries,
        coalesce(sum(num_late), 0) as num_late,
        coalesce(sum(num_dispatch_late), 0) as num_dispatch_late
    from {{ ref('mart_seller_scorecard') }}
),

all_shipments as (
    select
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where('is_late') }} as num_late,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late
    from {{ ref('fact_deliveries') }}
)

select coalesce(mart.order_month, facts.order_month) as order_month
from mart
full outer join facts on mart.order_month = facts.order_month
where
    mart.num_shipments is distinct from facts.num_shipments
    or mart.num_deliveries is distinct from facts.num_deliveries
    or mart.num_late_by_seller is distinct from facts.num_late_by_seller
    or mart.num_late_by_carrier is distinct from facts.num_late_by_carrier
    or mart.num_promise_kept is distinct from facts.num_promise_kept
    or mart.num_dispatch_late is distinct from facts.num_dispatch_late
union all
select cast(null as date) as order_month
from scorecard
cross join all_shipments
where
    scorecard.num_deliveries <> all_shipments.num_deliveries
    or scorecard.num_late <> all_shipments.num_late
    or scorecard.num_dispatch_late <> all_shipments.num_dispatch_late
