-- One row per complete month of purchase. Orders of every status: each one is work.
with

mart_executive_dashboard as (
    select
        order_date,
        order_month,
        num_orders,
        -- Of a month whose parcels are under way the fast ones have arrived: it has no late rate.
        case when is_delivery_mature then num_delivered else 0 end as num_delivered,
        case when is_delivery_mature then num_late else 0 end as num_late
    from {{ ref('mart_executive_dashboard') }}
    where is_complete_month
),

dim_date as (
    select month_start_date, count(*) as num_days
    from {{ ref('dim_date') }}
    where is_complete_month
    group by month_start_date
),

days as (
    select
        order_date,
        order_month,
        sum(num_orders) as num_orders,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late
    from mart_executive_dashboard
    group by order_date, order_month
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_month
            order by num_orders desc, order_date
        ) as day_rank
    from days
),

months as (
    select
        order_month,
        sum(num_orders) as num_orders,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late,
        max(case when day_rank = 1 then order_date end) as peak_date,
        max(case when day_rank = 1 then num_orders end) as peak_day_orders
    from ranked
    group by order_month
),

compared as (
    select
        months.*,
        {{ safe_divide('months.num_orders', 'dim_date.num_days') }} as average_daily_orders,
        row_number() over (order by months.peak_day_orders desc, months.order_month)
            as peak_rank
    from months
    inner join dim_date on months.order_month = dim_date.month_start_date
),

busiest as (
    select peak_date, peak_day_orders, average_daily_orders
    from compared
    where peak_rank = 1
)

select
    compared.order_month,
    cast(compared.num_orders as {{ dbt.type_bigint() }}) as num_orders,
    {{ rounded('compared.average_daily_orders', 1) }} as average_daily_orders,
    compared.peak_date,
    cast(compared.peak_day_orders as {{ dbt.type_bigint() }}) as peak_day_orders,
    {{ ratio('compared.peak_day_orders', 'compared.average_daily_orders', 2) }} as peak_index,
    {{ ratio('compared.num_late', 'compared.num_delivered') }} as late_rate,
    busiest.peak_date as all_peak_date,
    cast(busiest.peak_day_orders as {{ dbt.type_bigint() }}) as all_peak_day_orders,
    {{ ratio('busiest.peak_day_orders', 'busiest.average_daily_orders', 2) }} as all_peak_index,
    'A forecast of orders per day through the year. Until then: the peaks that were.'
        as waits_for_model
from compared
cross join busiest
order by compared.order_month
