-- One row per calendar month from the first order to the last, months without orders included.
-- Growth and forecasts use complete months only: the data fades in during 2016 and out after
-- 2018-08, and a month of four orders is not a collapse.
with

stg_orders as (
    select cast(purchased_at as date) as order_date
    from {{ ref('stg_orders') }}
),

int_as_of_date as (
    select first_order_date, last_order_date, as_of_date
    from {{ ref('int_as_of_date') }}
),

days as (
    {{ day_series('first_order_date', 'last_order_date', 'int_as_of_date') }}
),

months as (
    select distinct {{ month_start('day') }} as order_month
    from days
),

orders_by_month as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_orders
    from stg_orders
    group by {{ month_start('order_date') }}
),

counted as (
    select
        months.order_month,
        coalesce(orders_by_month.num_orders, 0) as num_orders,
        cast({{ dbt.last_day('months.order_month', 'month') }} as date) as last_day_of_month
    from months
    left join orders_by_month on months.order_month = orders_by_month.order_month
),

median_month as (
    select percentile_cont(0.5) within group (order by num_orders) as num_median
    from counted
)

select
    counted.order_month,
    counted.num_orders,
    counted.last_day_of_month <= int_as_of_date.as_of_date
    and counted.num_orders
    >= {{ var('complete_share_of_median') }} * median_month.num_median as is_complete
from counted
cross join median_month
cross join int_as_of_date
