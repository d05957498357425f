-- One row per number of months since the first purchase that at least one complete cohort has
-- lived through and min_customers_for_ranking persons were exposed to.
with

mart_cohort_analysis as (
    select
        cohort_month,
        months_since_first,
        cohort_size,
        num_new_repeat_customers,
        num_repeat_customers
    from {{ ref('mart_cohort_analysis') }}
    where is_complete_month
),

complete_cohorts as (
    select cohort_month
    from mart_cohort_analysis
    where months_since_first = 0
),

-- Who came back before a month is no longer exposed in it.
months as (
    select
        months_since_first,
        {{ total('cohort_size - num_repeat_customers + num_new_repeat_customers') }}
            as num_exposed_customers,
        {{ total('num_new_repeat_customers') }} as num_new_repeat_customers
    from mart_cohort_analysis
    inner join complete_cohorts
        on mart_cohort_analysis.cohort_month = complete_cohorts.cohort_month
    group by months_since_first
),

rated as (
    select
        *,
        {{ safe_divide('num_new_repeat_customers', 'num_exposed_customers') }} as come_back_rate
    from months
    where num_exposed_customers >= {{ var('min_customers_for_ranking') }}
)

-- The product of the shares that stayed silent, as a sum of logarithms.
select
    months_since_first,
    num_exposed_customers,
    num_new_repeat_customers,
    {{ rounded('come_back_rate', 5) }} as come_back_rate,
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound('num_new_repeat_customers', 'num_exposed_customers', side), 5) }}
        as {{ side }}_rate,
    {% endfor -%}
    {{ rounded(
        'exp(sum(ln(nullif(1 - come_back_rate, 0))) over (order by months_since_first))'
    ) }} as silent_rate,
    'A model of each person''s risk to stay away. Until then: the risk by months of silence.'
        as waits_for_model
from rated
order by months_since_first
