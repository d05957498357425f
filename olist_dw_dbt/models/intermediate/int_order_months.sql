-- One row per calendar month from the first order to the last, months without orders included.
-- Growth and forecasts use complete months only: the data fades in during 2016 and is truncated
-- in August 2018. Delivery needs more: of a month that has just ended, the fast orders have
-- arrived and the slow ones have not.
with

stg_orders as (
    select
        cast(purchased_at as date) as order_date,
        order_status
    from {{ ref('stg_orders') }}
),

int_as_of_date as (
    select first_order_date, first_steady_date, last_order_date, as_of_date
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
        count(*) as num_orders,
        {{ count_where("order_status in ('delivered', 'canceled', 'unavailable')") }}
            as num_final
    from stg_orders
    group by {{ month_start('order_date') }}
),

counted as (
    select
        months.order_month,
        coalesce(orders_by_month.num_orders, 0) as num_orders,
        coalesce(orders_by_month.num_final, 0) as num_final,
        cast({{ dbt.last_day('months.order_month', 'month') }} as date) as last_day_of_month
    from months
    left join orders_by_month on months.order_month = orders_by_month.order_month
)

select
    counted.order_month,
    counted.num_orders,
    counted.order_month >= int_as_of_date.first_steady_date
    and counted.last_day_of_month <= int_as_of_date.as_of_date as is_complete,
    counted.last_day_of_month <= int_as_of_date.as_of_date
    and (
        counted.num_final >= {{ var('mature_final_rate') }} * counted.num_orders
        or {{ dbt.datediff('counted.last_day_of_month', 'int_as_of_date.as_of_date', 'day') }}
        >= {{ var('mature_after_days') }}
    ) as is_delivery_mature
from counted
cross join int_as_of_date
