-- The series that demand is forecast from, by state and category, add up to the orders and the
-- revenue of each day. Returns the days that differ.
with

features_days as (
    select day, num_orders, revenue_amount
    from {{ ref('features_days') }}
    where is_past
),

features_demand as (
    select
        day,
        sum(num_orders) as num_orders,
        sum(revenue_amount) as revenue_amount
    from {{ ref('features_demand') }}
    group by day
)

select
    features_days.day,
    features_days.num_orders,
    features_demand.num_orders as series_num_orders,
    features_days.revenue_amount,
    features_demand.revenue_amount as series_revenue_amount
from features_days
left join features_demand on features_days.day = features_demand.day
where
    features_days.num_orders <> coalesce(features_demand.num_orders, 0)
    or features_days.revenue_amount <> coalesce(features_demand.revenue_amount, 0)
