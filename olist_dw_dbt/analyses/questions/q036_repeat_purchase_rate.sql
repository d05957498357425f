-- One row per complete month of the first sale: the share of its customers who bought again, within
-- three, six and twelve months and to date. A rate is empty where not all of them had that long.
with

mart_cohort_analysis as (
    select
        cohort_month,
        months_since_first,
        is_complete_month,
        cohort_size,
        num_repeat_customers
    from {{ ref('mart_cohort_analysis') }}
),

mart_customer_analytics as (
    select is_repeat_customer, num_orders
    from {{ ref('mart_customer_analytics') }}
),

overall as (
    select
        count(*) as num_all_customers,
        {{ count_where('is_repeat_customer') }} as num_all_repeat_customers,
        {{ count_where('num_orders > 1') }} as num_with_same_day
    from mart_customer_analytics
),

cohorts as (
    select
        cohort_month,
        max(cohort_size) as num_customers,
        max(num_repeat_customers) as num_repeat_customers,
        max(months_since_first) as num_months_observed,
        {% for months in [3, 6, 12] -%}
        max(case when months_since_first = {{ months }} then num_repeat_customers end)
            as num_repeat_within_{{ months }}_months
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from mart_cohort_analysis
    group by cohort_month
    having max(case when months_since_first = 0 and is_complete_month then 1 else 0 end) = 1
),

answer as (
    select
        cohorts.cohort_month,
        cohorts.num_customers,
        cohorts.num_repeat_customers,
        {{ ratio('cohorts.num_repeat_customers', 'cohorts.num_customers') }} as repeat_rate_so_far,
        cohorts.num_months_observed,
        {% for months in [3, 6, 12] -%}
        {{ ratio('cohorts.num_repeat_within_' ~ months ~ '_months', 'cohorts.num_customers') }}
            as repeat_rate_{{ months }}_months,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound('cohorts.num_repeat_within_' ~ months ~ '_months',
            'cohorts.num_customers', side)) }} as {{ side }}_repeat_rate_{{ months }}_months,
        {% endfor -%}
        {% endfor -%}
        overall.num_all_customers,
        overall.num_all_repeat_customers,
        {{ ratio('overall.num_all_repeat_customers', 'overall.num_all_customers') }}
            as overall_repeat_rate,
        {{ rounded(wilson_bound('overall.num_all_repeat_customers', 'overall.num_all_customers',
            'low')) }} as low_overall_repeat_rate,
        {{ rounded(wilson_bound('overall.num_all_repeat_customers', 'overall.num_all_customers',
            'high')) }} as high_overall_repeat_rate,
        {{ ratio('overall.num_with_same_day', 'overall.num_all_customers') }}
            as repeat_rate_same_day_included
    from cohorts
    cross join overall
)

select
    *,
    {{ value_at('cohort_month',
        'case when repeat_rate_12_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_year_cohort,
    {{ value_at('repeat_rate_12_months',
        'case when repeat_rate_12_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_year_rate,
    {{ value_at('low_repeat_rate_12_months',
        'case when repeat_rate_12_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_year_low,
    {{ value_at('high_repeat_rate_12_months',
        'case when repeat_rate_12_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_year_high,
    {{ value_at('cohort_month',
        'case when repeat_rate_3_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_latest_cohort,
    {{ value_at('repeat_rate_3_months',
        'case when repeat_rate_3_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_latest_rate,
    {{ value_at('low_repeat_rate_3_months',
        'case when repeat_rate_3_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_latest_low,
    {{ value_at('high_repeat_rate_3_months',
        'case when repeat_rate_3_months is not null then 0 else 1 end, cohort_month desc') }}
        as finding_latest_high,
    {{ value_at('cohort_month',
        'repeat_rate_3_months desc nulls last, cohort_month') }} as finding_peak_cohort,
    {{ value_at('repeat_rate_3_months',
        'repeat_rate_3_months desc nulls last, cohort_month') }} as finding_peak_rate,
    {{ value_at('low_repeat_rate_3_months',
        'repeat_rate_3_months desc nulls last, cohort_month') }} as finding_peak_low,
    {{ value_at('high_repeat_rate_3_months',
        'repeat_rate_3_months desc nulls last, cohort_month') }} as finding_peak_high,
    {{ value_at('high_repeat_rate_3_months',
        'case when repeat_rate_3_months is not null then 0 else 1 end, cohort_month desc') }}
    < {{ value_at('low_repeat_rate_3_months',
        'repeat_rate_3_months desc nulls last, cohort_month') }} as finding_has_fallen
from answer
order by cohort_month
