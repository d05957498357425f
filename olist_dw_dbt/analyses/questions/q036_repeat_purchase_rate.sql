-- One row per complete month of the first sale: the share of its persons who bought again, within
-- three, six and twelve months and so far. A rate is empty where not all of them had that long.
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
    select is_repeat_customer
    from {{ ref('mart_customer_analytics') }}
),

overall as (
    select
        count(*) as num_all_customers,
        {{ count_where('is_repeat_customer') }} as num_all_repeat_customers
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
)

select
    cohorts.cohort_month,
    cohorts.num_customers,
    cohorts.num_repeat_customers,
    {{ ratio('cohorts.num_repeat_customers', 'cohorts.num_customers') }} as repeat_rate_so_far,
    cohorts.num_months_observed,
    {% for months in [3, 6, 12] -%}
    {{ ratio('cohorts.num_repeat_within_' ~ months ~ '_months', 'cohorts.num_customers') }}
        as repeat_rate_{{ months }}_months,
    {% endfor -%}
    overall.num_all_customers,
    overall.num_all_repeat_customers,
    {{ ratio('overall.num_all_repeat_customers', 'overall.num_all_customers') }}
        as overall_repeat_rate
from cohorts
cross join overall
order by cohorts.cohort_month
