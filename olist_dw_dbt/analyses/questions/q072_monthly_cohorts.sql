-- One row per complete month of the first sale: the cohort, and how much of it had come back, on a
-- later day, so many months on. A month that is not over yet is no retention.
{% set shown_months = [1, 3, 6, 12] %}
{% set trend_month, trend_cohorts = 3, 12 %}
with

mart_cohort_analysis as (
    select
        cohort_month,
        months_since_first,
        is_complete_month,
        cohort_size,
        num_active_customers,
        num_repeat_customers
    from {{ ref('mart_cohort_analysis') }}
),

-- With second orders of the same day counted: 869 of 2,888 second orders on the full data.
mart_customer_analytics as (
    select
        {{ month_start('first_order_date') }} as cohort_month,
        {{ dbt.datediff('first_order_date', 'second_order_date', 'month') }} as months_to_second
    from {{ ref('mart_customer_analytics') }}
),

same_day_included as (
    select
        cohort_month,
        {% for month in [3, 12] -%}
        {{ count_where('months_to_second <= ' ~ month) }} as num_second_{{ month }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from mart_customer_analytics
    group by cohort_month
),

cohorts as (
    select
        cohort_month,
        max(cohort_size) as cohort_size,
        max(case
            when months_since_first = 1 and is_complete_month then num_active_customers
        end) as num_active_1,
        {% for month in shown_months -%}
        max(case
            when months_since_first = {{ month }} and is_complete_month then num_repeat_customers
        end) as num_back_{{ month }},
        {% endfor -%}
        max(case when months_since_first = 0 and is_complete_month then 1 else 0 end)
            as is_complete_number
    from mart_cohort_analysis
    group by cohort_month
),

complete_cohorts as (
    select
        cohorts.*,
        {% for month in [3, 12] -%}
        case
            when cohorts.num_back_{{ month }} is not null
                then same_day_included.num_second_{{ month }}
        end as num_second_{{ month }},
        {% endfor -%}
        case
            when cohorts.num_back_{{ trend_month }} is not null
                then row_number() over (
                    partition by
                        case when cohorts.num_back_{{ trend_month }} is null then 0 else 1 end
                    order by cohorts.cohort_month desc
                )
        end as trend_back
    from cohorts
    inner join same_day_included on cohorts.cohort_month = same_day_included.cohort_month
    where cohorts.is_complete_number = 1
),

-- In points a month, over the latest cohorts that have lived so long.
trend as (
    select
        min(cohort_month) as first_month,
        max(cohort_month) as last_month,
        {% for side in ['low', 'high'] -%}
        {{ rounded(slope_bound(
            '100.0 * num_back_' ~ trend_month ~ ' / cohort_size', '-trend_back', side
        ), 3) }} as {{ side }}_points{{ ',' if not loop.last }}
        {% endfor %}
    from complete_cohorts
    where trend_back <= {{ trend_cohorts }}
),

latest as (
    select
        max(case when trend_back = 1 then {{ safe_divide(
            'num_back_' ~ trend_month, 'cohort_size'
        ) }} end) as last_rate,
        max(case when trend_back = 1 then {{ wilson_bound(
            'num_back_' ~ trend_month, 'cohort_size', 'low'
        ) }} end) as last_low_rate,
        max(case when trend_back = 1 then {{ wilson_bound(
            'num_back_' ~ trend_month, 'cohort_size', 'high'
        ) }} end) as last_high_rate,
        max(case when num_back_12 is not null then cohort_month end) as year_month
    from complete_cohorts
)

select
    complete_cohorts.cohort_month,
    complete_cohorts.cohort_size,
    {{ ratio('complete_cohorts.num_active_1', 'complete_cohorts.cohort_size') }}
        as month_1_retention_rate,
    {% for month in shown_months -%}
    {{ ratio('complete_cohorts.num_back_' ~ month, 'complete_cohorts.cohort_size') }}
        as back_within_{{ month }}_rate,
    {% endfor -%}
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound(
        'complete_cohorts.num_back_' ~ trend_month, 'complete_cohorts.cohort_size', side
    )) }} as {{ side }}_back_within_{{ trend_month }}_rate,
    {% endfor -%}
    {% for month in [3, 12] -%}
    {{ ratio('complete_cohorts.num_second_' ~ month, 'complete_cohorts.cohort_size') }}
        as second_within_{{ month }}_rate,
    {% endfor -%}
    trend.first_month as finding_first_month,
    trend.last_month as finding_last_month,
    {{ rounded('latest.last_rate') }} as finding_last_rate,
    {{ rounded('latest.last_low_rate') }} as finding_last_low_rate,
    {{ rounded('latest.last_high_rate') }} as finding_last_high_rate,
    trend.low_points as finding_low_points,
    trend.high_points as finding_high_points,
    coalesce(trend.low_points > 0, false) as finding_is_rising,
    coalesce(trend.high_points < 0, false) as finding_is_falling,
    trend.low_points is null as finding_is_short,
    {{ trend_month }} as finding_months,
    12 as finding_year_months,
    latest.year_month as finding_year_month,
    {{ rounded('max(case when complete_cohorts.cohort_month = latest.year_month then '
        ~ safe_divide('complete_cohorts.num_back_12', 'complete_cohorts.cohort_size')
        ~ ' end) over ()') }} as finding_year_rate,
    {{ rounded('max(case when complete_cohorts.cohort_month = latest.year_month then '
        ~ safe_divide('complete_cohorts.num_second_12', 'complete_cohorts.cohort_size')
        ~ ' end) over ()') }} as finding_year_second_rate
from complete_cohorts
cross join trend
cross join latest
order by complete_cohorts.cohort_month
