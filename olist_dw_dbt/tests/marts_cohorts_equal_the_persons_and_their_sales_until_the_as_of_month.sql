{{ config(tags=['weekly']) }}
-- Every cohort of mart_cohort_analysis has the persons of mart_customer_analytics, and in its last
-- month the revenue of all their sales up to the month of the as-of date. Returns the cohorts
-- that differ.
with

last_months as (
    select cohort_month, max(months_since_first) as months_since_first
    from {{ ref('mart_cohort_analysis') }}
    group by cohort_month
),

mart as (
    select
        cohorts.cohort_month,
        cohorts.cohort_size,
        cohorts.cumulative_revenue_amount
    from {{ ref('mart_cohort_analysis') }} as cohorts
    inner join last_months
        on
            cohorts.cohort_month = last_months.cohort_month
            and cohorts.months_since_first = last_months.months_since_first
),

facts as (
    select
        persons.cohort_month,
        count(distinct persons.customer_unique_id) as cohort_size,
        sum(fact_orders.revenue_amount) as revenue_amount
    from {{ ref('fact_orders') }} as fact_orders
    inner join {{ ref('dim_customer') }} as dim_customer
        on fact_orders.customer_key = dim_customer.customer_key
    inner join {{ ref('mart_customer_analytics') }} as persons
        on dim_customer.customer_unique_id = persons.customer_unique_id
    cross join {{ ref('int_as_of_date') }} as int_as_of_date
    where
        fact_orders.is_sale
        and {{ month_start('fact_orders.order_date') }}
        <= {{ month_start('int_as_of_date.as_of_date') }}
    group by persons.cohort_month
)

select
    coalesce(mart.cohort_month, facts.cohort_month) as cohort_month,
    mart.cohort_size,
    facts.cohort_size as num_persons,
    mart.cumulative_revenue_amount,
    facts.revenue_amount
from mart
full outer join facts on mart.cohort_month = facts.cohort_month
where
    mart.cohort_size is distinct from facts.cohort_size
    or mart.cumulative_revenue_amount is distinct from facts.revenue_amount
