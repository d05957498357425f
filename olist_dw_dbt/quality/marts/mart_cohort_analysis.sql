-- Cohorts by the months since their first purchase.
select
    {{ difference('sum(num_orders)', fact_sales) }} as orders_are_the_sales,
    min(retention_rate) filter (where months_since_first = 0) as cohorts_begin_whole,
    max(greatest(retention_rate, repeat_rate)) as retention_is_a_share
from marts.mart_cohort_analysis
