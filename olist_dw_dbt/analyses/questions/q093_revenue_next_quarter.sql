-- One row per week of the 13 after the as-of date: the revenue that is likely, week by week and
-- added up. Further ahead nothing is forecast: the data hold no season twice.
{% set ends = ['low_80_value', 'high_80_value', 'low_95_value', 'high_95_value'] %}
with

mart_demand_forecast as (
    select
        forecast_grain,
        first_date,
        last_date,
        weeks_ahead,
        actual_value,
        forecast_value,
        {{ ends | join(', ') }}
    from {{ ref('mart_demand_forecast') }}
    where series_type = 'total' and metric_name = 'revenue_amount'
),

quarters as (
    select
        max(forecast_value) as quarter_value,
        max(low_80_value) as quarter_low_value,
        max(high_80_value) as quarter_high_value,
        max(case when weeks_ahead = 0 then actual_value end) as last_quarter_value
    from mart_demand_forecast
    where forecast_grain = 'quarter'
)

select
    mart_demand_forecast.first_date as week_start_date,
    mart_demand_forecast.last_date as week_end_date,
    cast(mart_demand_forecast.forecast_value as decimal(18, 2)) as expected_amount,
    {% for end in ends -%}
    cast(mart_demand_forecast.{{ end }} as decimal(18, 2))
        as {{ end | replace('value', 'amount') }},
    {% endfor -%}
    cast(sum(mart_demand_forecast.forecast_value) over (
        order by mart_demand_forecast.first_date
        rows between unbounded preceding and current row
    ) as decimal(18, 2)) as cumulative_expected_amount,
    cast(quarters.quarter_value as decimal(18, 2)) as quarter_expected_amount,
    cast(quarters.quarter_low_value as decimal(18, 2)) as quarter_low_80_amount,
    cast(quarters.quarter_high_value as decimal(18, 2)) as quarter_high_80_amount,
    cast(quarters.last_quarter_value as decimal(18, 2)) as last_quarter_amount,
    0.80 as interval_rate,
    'The next 13 weeks in place of 6 to 12 months: one and a half years hold no season twice, so '
    || 'nothing beyond a quarter can be tested.' as proxy
from mart_demand_forecast
cross join quarters
where mart_demand_forecast.forecast_grain = 'week' and mart_demand_forecast.weeks_ahead >= 1
order by mart_demand_forecast.first_date
