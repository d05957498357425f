-- One row per cohort (month of the first sale) and month since then, from 0 to the month of the
-- as-of date, months in which nobody of the cohort bought included. Later sales are left out:
-- a month of four stragglers would read as a collapse of every cohort.
with

int_customer_sales as (
    select order_id, customer_unique_id, sale_number, sale_day_number, order_month, cohort_month
    from {{ ref('int_customer_sales') }}
),

int_order_months as (
    select order_month, is_complete
    from {{ ref('int_order_months') }}
),

int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

fact_orders as (
    select order_id, revenue_amount
    from {{ ref('fact_orders') }}
),

cohorts as (
    select
        cohort_month,
        count(*) as cohort_size
    from int_customer_sales
    where sale_number = 1
    group by cohort_month
),

-- Every cohort meets every month it has lived through.
cohort_months as (
    select
        cohorts.cohort_month,
        cohorts.cohort_size,
        int_order_months.order_month,
        int_order_months.is_complete
    from cohorts
    inner join int_order_months on cohorts.cohort_month <= int_order_months.order_month
    cross join int_as_of_date
    where int_order_months.order_month <= {{ month_start('int_as_of_date.as_of_date') }}
),

sales_by_month as (
    select
        int_customer_sales.cohort_month,
        int_customer_sales.order_month,
        count(distinct int_customer_sales.customer_unique_id) as num_active_customers,
        count(*) as num_orders,
        -- The second day with a sale turns a person into a repeat customer, once.
        count(distinct case
            when int_customer_sales.sale_day_number = 2 then int_customer_sales.customer_unique_id
        end) as num_new_repeat_customers,
        sum(fact_orders.revenue_amount) as revenue_amount
    from int_customer_sales
    inner join fact_orders on int_customer_sales.order_id = fact_orders.order_id
    group by int_customer_sales.cohort_month, int_customer_sales.order_month
),

filled as (
    select
        cohort_months.*,
        cast({{ dbt.datediff('cohort_months.cohort_month', 'cohort_months.order_month', 'month') }}
            as integer) as months_since_first,
        coalesce(sales_by_month.num_active_customers, 0) as num_active_customers,
        coalesce(sales_by_month.num_orders, 0) as num_orders,
        coalesce(sales_by_month.num_new_repeat_customers, 0) as num_new_repeat_customers,
        coalesce(sales_by_month.revenue_amount, 0) as revenue_amount
    from cohort_months
    left join sales_by_month
        on
            cohort_months.cohort_month = sales_by_month.cohort_month
            and cohort_months.order_month = sales_by_month.order_month
),

accumulated as (
    select
        *,
        sum(num_new_repeat_customers) over (
            partition by cohort_month
            order by order_month
            rows between unbounded preceding and current row
        ) as num_repeat_customers,
        sum(revenue_amount) over (
            partition by cohort_month
            order by order_month
            rows between unbounded preceding and current row
        ) as cumulative_revenue_amount
    from filled
)

select
    cohort_month,
    months_since_first,
    order_month,
    is_complete as is_complete_month,
    cast(cohort_size as integer) as cohort_size,
    cast(num_active_customers as integer) as num_active_customers,
    cast(num_orders as integer) as num_orders,
    cast(num_new_repeat_customers as integer) as num_new_repeat_customers,
    cast(num_repeat_customers as integer) as num_repeat_customers,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(cumulative_revenue_amount as decimal(18, 2)) as cumulative_revenue_amount,
    {{ safe_divide('num_active_customers', 'cohort_size') }} as retention_rate,
    {{ safe_divide('num_repeat_customers', 'cohort_size') }} as repeat_rate,
    {{ safe_divide('cumulative_revenue_amount', 'cohort_size') }}
        as cumulative_revenue_per_customer
from accumulated
