-- Forecasts beside what came, by day, week and quarter.
select
    coalesce(min(least(forecast_value, low_95_value)), 0) as nothing_is_negative,
    count(*) filter (where low_95_value > forecast_value or forecast_value > high_95_value)
        as intervals_hold_their_forecast
from marts.mart_demand_forecast
