-- One row per calendar month, the strongest first: its sales per day against the straight trend
-- through all complete months. Growth would otherwise pass for season. A month seen once is an
-- observation, not a season.
with

mart_executive_dashboard as (
    select order_month, is_complete_month, num_sales
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        extract(year from order_month) * 12 + extract(month from order_month) as month_number,
        cast(extract(month from order_month) as integer) as calendar_month,
        {{ safe_divide('sum(num_sales)', dbt.datediff('order_month',
            dbt.dateadd('month', 1, 'order_month'), 'day')) }} as sales_per_day
    from mart_executive_dashboard
    where is_complete_month
    group by order_month
),

trend as (
    select
        regr_slope(sales_per_day, month_number) as slope,
        regr_intercept(sales_per_day, month_number) as intercept
    from months
),

detrended as (
    select
        months.order_month,
        months.calendar_month,
        months.sales_per_day,
        {{ safe_divide('months.sales_per_day',
            '(trend.intercept + trend.slope * months.month_number)') }} as season_index
    from months
    cross join trend
),

answer as (
    select
        calendar_month,
        {{ name_of_number('calendar_month', [
            'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
            'October', 'November', 'December',
        ]) }} as month_name,
        count(*) as num_years,
        {{ rounded('avg(sales_per_day)', 1) }} as average_sales_per_day,
        {{ rounded('avg(season_index)', 3) }} as season_index,
        {{ rounded('min(season_index)', 3) }} as lowest_season_index,
        {{ rounded('max(season_index)', 3) }} as highest_season_index
    from detrended
    group by calendar_month
)

select
    *,
    sum(case when num_years > 1 then 1 else 0 end) over () as finding_num_repeated,
    sum(case when num_years > 1 and lowest_season_index > 1 then 1 else 0 end) over ()
        as finding_num_strong,
    sum(case when num_years > 1 and highest_season_index < 1 then 1 else 0 end) over ()
        as finding_num_weak,
    {{ value_at('month_name',
        'case when num_years > 1 and lowest_season_index > 1 then 0 else 1 end, season_index '
        ~ 'desc, calendar_month') }} as finding_strong,
    {{ value_at('season_index',
        'case when num_years > 1 and lowest_season_index > 1 then 0 else 1 end, season_index '
        ~ 'desc, calendar_month') }} as finding_strong_index,
    sum(case when num_years > 1 and lowest_season_index > 1 then 1 else 0 end) over () > 0
        as finding_has_strong
from answer
order by season_index desc, calendar_month
