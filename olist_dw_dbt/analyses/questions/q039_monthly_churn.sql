-- One row per complete month: repeat customers (with a sale on a later day) who bought in the
-- days to
-- its end that make a customer active, and those who no longer did. Beside them all customers: most
-- of these bought once, so that their churn mirrors the sales of a year ago.
{%- set groups = [('repeat', 2), ('all', 1)] %}
{%- set active_days = var('churned_after_days') %}
with

fact_orders as (
    select customer_key, order_date
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

sale_days as (
    select distinct dim_customer.customer_unique_id, fact_orders.order_date
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
),

numbered as (
    select
        order_date,
        {{ month_start('order_date') }} as order_month,
        -- The month at whose end this sale no longer makes the customer active.
        {{ month_start(dbt.dateadd('day', active_days + 1, 'order_date')) }} as lost_month,
        row_number() over person as day_number,
        lag(order_date) over person as previous_date,
        lead(order_date) over person as next_date
    from sale_days
    window person as (partition by customer_unique_id order by order_date)
),

changes as (
    {% for name, first in groups -%}
    select
        '{{ name }}' as customer_group,
        order_month,
        case
            when day_number = {{ first }} then 1
            when
                day_number > {{ first }}
                and {{ month_start(dbt.dateadd('day', active_days + 1, 'previous_date')) }}
                < order_month
                then 1
            else 0
        end as num_joined,
        0 as num_lost
    from numbered
    where day_number >= {{ first }}
    union all
    select
        '{{ name }}' as customer_group,
        lost_month as order_month,
        0 as num_joined,
        1 as num_lost
    from numbered
    where
        day_number >= {{ first }}
        and (next_date is null or {{ month_start('next_date') }} > lost_month)
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

months as (
    select
        order_month,
        {% for name, _ in groups -%}
        {{ total("case when customer_group = '" ~ name ~ "' then num_joined end") }}
            as num_{{ name }}_joined,
        {{ total("case when customer_group = '" ~ name ~ "' then num_lost end") }}
            as num_{{ name }}_lost
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from changes
    group by order_month
),

counted as (
    select
        order_month,
        {% for name, _ in groups -%}
        num_{{ name }}_lost,
        cast(sum(num_{{ name }}_joined - num_{{ name }}_lost) over (order by order_month)
            as {{ dbt.type_bigint() }}) as num_{{ name }}_active,
        cast(
            sum(num_{{ name }}_joined - num_{{ name }}_lost) over (order by order_month)
            - num_{{ name }}_joined + num_{{ name }}_lost
            as {{ dbt.type_bigint() }}
        ) as num_{{ name }}_before
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from months
),

answer as (
    select
        counted.order_month,
        counted.num_repeat_active as num_active_repeat_customers,
        counted.num_repeat_before as num_repeat_customers_before,
        counted.num_repeat_lost as num_lost_repeat_customers,
        {{ ratio('counted.num_repeat_lost', 'counted.num_repeat_before') }} as repeat_churn_rate,
        {{ rounded(wilson_bound('counted.num_repeat_lost', 'counted.num_repeat_before', 'low')) }}
            as low_repeat_churn_rate,
        {{ rounded(wilson_bound('counted.num_repeat_lost', 'counted.num_repeat_before', 'high')) }}
            as high_repeat_churn_rate,
        counted.num_all_active as num_active_customers,
        counted.num_all_lost as num_lost_customers,
        {{ ratio('counted.num_all_lost', 'counted.num_all_before') }} as customer_churn_rate,
        {{ active_days }} as active_within_days,
        'There is no contract that ends. A customer counts as lost after {{ active_days }} days '
        || 'without a sale; some come back later.' as proxy
    from counted
    inner join dim_date on counted.order_month = dim_date.order_month
)

select
    *,
    {{ ratio('sum(num_lost_repeat_customers) over ()',
        'sum(num_repeat_customers_before) over ()') }}
        as finding_mean_rate
from answer
order by order_month
