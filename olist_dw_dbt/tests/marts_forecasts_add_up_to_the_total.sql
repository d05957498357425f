-- Forecasts of the states, like those of the categories, add up to the total of each period to the
-- centavo, and those of the days to the quarter. Returns the sums that differ.
with

mart_demand_forecast as (
    select
        forecast_grain,
        series_type,
        series_name,
        metric_name,
        first_date,
        cast(forecast_value as decimal(18, 2)) as forecast_amount
    from {{ ref('mart_demand_forecast') }}
    -- Of Black Friday beyond the 13 weeks there is the total alone.
    where is_forecast and naive_value is not null
),

by_period as (
    select
        forecast_grain,
        metric_name,
        first_date,
        sum(case when series_type = 'total' then forecast_amount end) as total_amount,
        sum(case when series_type = 'state' then forecast_amount end) as state_amount,
        sum(case when series_type = 'category' then forecast_amount end) as category_amount
    from mart_demand_forecast
    group by forecast_grain, metric_name, first_date
),

by_series as (
    select
        metric_name,
        series_type,
        series_name,
        sum(case when forecast_grain = 'quarter' then forecast_amount end) as quarter_amount,
        sum(case when forecast_grain = 'week' then forecast_amount end) as week_amount,
        sum(case when forecast_grain = 'day' then forecast_amount end) as day_amount
    from mart_demand_forecast
    group by metric_name, series_type, series_name
)

select
    metric_name,
    forecast_grain as what,
    cast(first_date as {{ dbt.type_string() }}) as which,
    total_amount as one_amount,
    state_amount as other_amount,
    category_amount as third_amount
from by_period
where total_amount <> state_amount or total_amount <> category_amount
union all
select
    metric_name,
    series_type as what,
    series_name as which,
    quarter_amount as one_amount,
    week_amount as other_amount,
    day_amount as third_amount
from by_series
where quarter_amount <> week_amount or quarter_amount <> day_amount
