-- One row per complete month: persons with a sale in the twelve months that end with it (active),
-- and those whose twelve months without a sale were full (lost). Nobody can be lost in the first
-- year of the data.
{%- set rule_months = var('churned_after_days') // 30 %}
with

mart_customer_analytics as (
    select customer_unique_id, first_order_date, is_repeat_customer
    from {{ ref('mart_customer_analytics') }}
),

fact_orders as (
    select customer_key, {{ month_start('order_date') }} as order_month
    from {{ ref('fact_orders') }}
    where is_sale
),

dim_customer as (
    select customer_key, customer_unique_id
    from {{ ref('dim_customer') }}
),

dim_date as (
    select distinct month_start_date as order_month
    from {{ ref('dim_date') }}
    where is_complete_month
),

repeat_customers as (
    select dim_customer.customer_key, dim_customer.customer_unique_id
    from dim_customer
    inner join mart_customer_analytics
        on dim_customer.customer_unique_id = mart_customer_analytics.customer_unique_id
    where mart_customer_analytics.is_repeat_customer
),

-- Many orders to one address version of a person.
repeat_purchases as (
    select distinct repeat_customers.customer_unique_id, fact_orders.order_month
    from fact_orders
    inner join repeat_customers on fact_orders.customer_key = repeat_customers.customer_key
),

-- Most persons bought once and have no neighbours to look for.
neighbours as (
    select
        order_month,
        lag(order_month) over (partition by customer_unique_id order by order_month)
            as previous_month,
        lead(order_month) over (partition by customer_unique_id order by order_month)
            as next_month
    from repeat_purchases
    union all
    select
        {{ month_start('first_order_date') }} as order_month,
        cast(null as date) as previous_month,
        cast(null as date) as next_month
    from mart_customer_analytics
    where not is_repeat_customer
),

purchases as (
    select
        order_month,
        cast({{ dbt.dateadd('month', rule_months, 'order_month') }} as date) as lost_month,
        previous_month,
        next_month,
        count(*) as num_customers
    from neighbours
    group by order_month, previous_month, next_month
),

changes as (
    select
        order_month,
        case when previous_month is null then num_customers else 0 end as num_new,
        case
            when {{ dbt.dateadd('month', rule_months, 'previous_month') }} < order_month
                then num_customers else 0
        end as num_back,
        0 as num_lost
    from purchases
    union all
    select lost_month as order_month, 0 as num_new, 0 as num_back, num_customers as num_lost
    from purchases
    where next_month is null or next_month > lost_month
),

months as (
    select
        order_month,
        {{ total('num_new') }} as num_new_customers,
        {{ total('num_back') }} as num_back_customers,
        {{ total('num_lost') }} as num_lost_customers
    from changes
    group by order_month
),

counted as (
    select
        *,
        sum(num_new_customers + num_back_customers - num_lost_customers)
            over (order by order_month) as num_active_customers
    from months
)

select
    counted.order_month,
    cast(counted.num_active_customers as {{ dbt.type_bigint() }}) as num_active_customers,
    counted.num_new_customers,
    counted.num_back_customers,
    counted.num_lost_customers,
    {{ ratio('counted.num_lost_customers', '(counted.num_active_customers '
        ~ '- counted.num_new_customers - counted.num_back_customers '
        ~ '+ counted.num_lost_customers)') }} as customer_churn_rate,
    'There is no contract that ends. A person counts as lost after {{ rule_months }} months '
    || 'without a sale; some come back later, and the lost of a month are buyers of a year ago.'
        as proxy
from counted
inner join dim_date on counted.order_month = dim_date.order_month
order by counted.order_month
