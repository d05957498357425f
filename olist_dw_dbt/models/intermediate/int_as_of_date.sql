-- One row: the day the warehouse looks back from, with the first and the last day of orders.
-- The wall clock would put every customer of 2018 among the lost ones, and the last order is
-- no better: on the full data twenty stragglers follow the last real day, 2018-08-31.
with

stg_orders as (
    select cast(purchased_at as date) as order_date
    from {{ ref('stg_orders') }}
),

bounds as (
    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from stg_orders
),

days as (
    {{ day_series('first_order_date', 'last_order_date', 'bounds') }}
),

orders_by_day as (
    select
        days.day as order_date,
        count(stg_orders.order_date) as num_orders
    from days
    left join stg_orders on days.day = stg_orders.order_date
    group by days.day
),

trailing_orders as (
    select
        order_date,
        num_orders,
        sum(num_orders) over (
            order by order_date
            rows between {{ var('as_of_trailing_days') - 1 }} preceding and current row
        ) as num_trailing_orders
    from orders_by_day
),

median_of_trailing as (
    select percentile_cont(0.5) within group (order by num_trailing_orders) as num_median
    from trailing_orders
),

last_active_day as (
    select max(trailing_orders.order_date) as order_date
    from trailing_orders
    cross join median_of_trailing
    where
        trailing_orders.num_orders > 0
        and trailing_orders.num_trailing_orders
        >= {{ var('complete_share_of_median') }} * median_of_trailing.num_median
)

select
    bounds.first_order_date,
    bounds.last_order_date,
    {% if var('as_of_date') is none -%}
    last_active_day.order_date as as_of_date
    {%- else -%}
    cast('{{ var("as_of_date") }}' as date) as as_of_date
    {%- endif %}
from bounds
cross join last_active_day
