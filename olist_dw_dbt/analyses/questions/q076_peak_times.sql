-- One row per hour of the day, day of the week and month of the year: how busy it is. Complete
-- months only, each period divided by how often it occurred in them.
{% set weekdays = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
] %}
{% set month_names = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December',
] %}
with

fact_orders as (
    select order_date_key, cast(extract(hour from purchased_at) as integer) as hour_of_day
    from {{ ref('fact_orders') }}
    where is_sale
),

dim_date as (
    select date_key, month_start_date, month, day_of_week
    from {{ ref('dim_date') }}
    where is_complete_month
),

sales as (
    select fact_orders.hour_of_day, dim_date.day_of_week, dim_date.month
    from fact_orders
    inner join dim_date on fact_orders.order_date_key = dim_date.date_key
),

-- How often each hour, weekday and month occurred.
periods as (
    select 'hour' as dimension, 1 as dimension_number, sales.hour_of_day as position,
        count(*) as num_sales, max(days.num_days) as num_periods
    from sales
    cross join (select count(*) as num_days from dim_date) as days
    group by sales.hour_of_day
    union all
    select 'weekday', 2, sales.day_of_week, count(*), max(days.num_days)
    from sales
    inner join (
        select day_of_week, count(*) as num_days
        from dim_date
        group by day_of_week
    ) as days on sales.day_of_week = days.day_of_week
    group by sales.day_of_week
    union all
    select 'month', 3, sales.month, count(*), max(days.num_months)
    from sales
    inner join (
        select month, count(distinct month_start_date) as num_months
        from dim_date
        group by month
    ) as days on sales.month = days.month
    group by sales.month
),

indexed as (
    select
        *,
        {{ safe_divide('num_sales', 'num_periods') }} as sales_per_period,
        {{ safe_divide(
            'cast(num_sales as ' ~ type_double() ~ ') / num_periods',
            'avg(cast(num_sales as ' ~ type_double() ~ ') / num_periods)'
            ~ ' over (partition by dimension)'
        ) }} as peak_index
    from periods
),

labelled as (
    select
        *,
        case dimension
            when 'hour'
                then {{ dbt.concat([
                    dbt.right(dbt.concat(["'0'", dbt.cast('position', dbt.type_string())]), 2),
                    "':00'"
                ]) }}
            when 'weekday' then {{ name_of_number('position', weekdays) }}
            else {{ name_of_number('position', month_names) }}
        end as label,
        row_number() over (
            partition by dimension
            order by sales_per_period desc, position
        ) as peak_rank
    from indexed
)

select
    dimension,
    position,
    label,
    num_sales,
    {{ rounded('sales_per_period', 2) }} as sales_per_period,
    {{ rounded('peak_index', 3) }} as peak_index,
    {% for dimension in ['hour', 'weekday', 'month'] -%}
    max(case when dimension = '{{ dimension }}' and peak_rank = 1 then label end) over ()
        as top_{{ dimension }},
    {{ rounded(
        "max(case when dimension = '" ~ dimension ~ "' and peak_rank = 1 then peak_index end)"
        ~ ' over ()', 3
    ) }} as top_{{ dimension }}_index{{ ',' if not loop.last }}
    {% endfor %}
from labelled
order by dimension_number, position
