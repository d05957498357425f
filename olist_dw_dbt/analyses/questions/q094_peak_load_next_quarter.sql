-- One row per week of the 13 after the as-of date: the orders of an average and of the busiest day
-- that are likely, and what the busiest day has to be ready for.
with

mart_demand_forecast as (
    select
        forecast_grain,
        first_date,
        weeks_ahead,
        method,
        actual_value,
        forecast_value,
        naive_value,
        high_80_value,
        high_95_value,
        event_name,
        event_factor
    from {{ ref('mart_demand_forecast') }}
    where series_type = 'total' and metric_name = 'num_orders'
),

ranked as (
    select
        *,
        row_number() over (
            partition by weeks_ahead
            order by forecast_value desc, first_date
        ) as day_rank,
        min(first_date) over (partition by weeks_ahead) as week_start_date,
        avg(forecast_value) over (partition by weeks_ahead) as average_value
    from mart_demand_forecast
    where forecast_grain = 'day' and naive_value is not null
),

-- Of the next Black Friday, which may lie further ahead.
events as (
    select
        max(forecast_value) as event_value,
        max(event_factor) as event_factor,
        max(event_name) as event_name
    from mart_demand_forecast
    where forecast_grain = 'day' and event_factor is not null
)

select
    ranked.week_start_date,
    ranked.first_date as peak_date,
    {{ rounded('ranked.average_value', 0) }} as average_day_orders,
    {{ rounded('ranked.forecast_value', 0) }} as peak_day_orders,
    {{ rounded('ranked.high_80_value', 0) }} as high_80_orders,
    {{ rounded('ranked.high_95_value', 0) }} as high_95_orders,
    {{ ratio('ranked.forecast_value', 'ranked.average_value', 2) }} as peak_index,
    coalesce(events.event_name, '') as event_name,
    {{ rounded('coalesce(events.event_value, 0)', 0) }} as event_orders,
    {{ rounded('coalesce(events.event_factor, 0)', 1) }} as event_factor,
    0.80 as interval_rate,
    events.event_name is not null as finding_has_event,
    {{ rounded('max(ranked.high_80_value) over ()', 0) }} as finding_most_orders
from ranked
cross join events
where ranked.day_rank = 1
order by ranked.week_start_date
