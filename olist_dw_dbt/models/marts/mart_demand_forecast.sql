-- One row per grain (day, week or quarter), series (the total, a state, a category), metric and
-- period: what is forecast for the 13 weeks after the as-of date, with its intervals, and the weeks
-- and quarters of the last year as they were. Weeks are blocks of seven days, quarters of 13 weeks,
-- that end on the as-of date or begin the day after it, so that none is seen in part. Days of the
-- next Black Friday beyond the 13 weeks have a forecast of the total without an interval: the data
-- holds one Black Friday, which tests nothing.
with

scores_demand_forecast as (
    select
        forecast_grain,
        series_type,
        series_name,
        metric_name,
        first_date,
        last_date,
        weeks_ahead,
        actual_value,
        forecast_value,
        naive_value,
        low_80_value,
        high_80_value,
        low_95_value,
        high_95_value,
        event_name,
        event_factor,
        method,
        scored_as_of_date
    from {{ ref('scores_demand_forecast') }}
)

select
    forecast_grain,
    series_type,
    series_name,
    metric_name,
    first_date,
    last_date,
    scored_as_of_date,
    event_name,
    method,
    weeks_ahead >= 1 as is_forecast,
    weeks_ahead,
    actual_value,
    forecast_value,
    naive_value,
    low_80_value,
    high_80_value,
    low_95_value,
    high_95_value,
    event_factor
from scores_demand_forecast
