-- One row per complete month of the first sale: the cohort and what came back of it.
{% set shown_months = [1, 2, 3, 6, 9, 12] %}
with

mart_cohort_analysis as (
    select
        cohort_month,
        months_since_first,
        order_month,
        is_complete_month,
        cohort_size,
        num_active_customers,
        num_repeat_customers
    from {{ ref('mart_cohort_analysis') }}
),

-- A month that is not over yet is no retention.
cohorts as (
    select
        cohort_month,
        max(cohort_size) as cohort_size,
        {% for month in shown_months -%}
        max(case
            when months_since_first = {{ month }} and is_complete_month then num_active_customers
        end) as num_active_{{ month }},
        {% endfor -%}
        max(num_repeat_customers) as num_repeat_customers,
        max(case when months_since_first = 0 and is_complete_month then 1 else 0 end)
            as is_complete_number
    from mart_cohort_analysis
    group by cohort_month
)

select
    cohort_month,
    cohort_size,
    {% for month in shown_months -%}
    {{ ratio('num_active_' ~ month, 'cohort_size') }} as month_{{ month }}_retention_rate,
    {% endfor -%}
    {{ ratio('num_repeat_customers', 'cohort_size') }} as repeat_rate,
    {{ ratio(
        'sum(num_active_1) over ()',
        'sum(case when num_active_1 is not null then cohort_size end) over ()'
    ) }} as all_month_1_retention_rate
from cohorts
where is_complete_number = 1
order by cohort_month
