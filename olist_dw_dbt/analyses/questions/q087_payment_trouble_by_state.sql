-- One row per state of the customer with at least min_orders_for_rare_rates orders, least explained
-- by chance first: orders that were paid and then not fulfilled.
with

fact_orders as (
    select customer_key, approved_at, is_sale, payment_amount
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, coalesce(state, 'Unknown') as state, region
    from {{ ref('dim_customer') }}
),

states as (
    select
        dim_customer.state,
        dim_customer.region,
        count(*) as num_orders,
        {{ count_where('not fact_orders.is_sale and fact_orders.approved_at is not null') }}
            as num_not_fulfilled,
        {{ count_where('fact_orders.approved_at is null') }} as num_unapproved,
        sum(case
            when not fact_orders.is_sale and fact_orders.approved_at is not null
                then fact_orders.payment_amount
            else 0
        end) as not_fulfilled_amount
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    group by dim_customer.state, dim_customer.region
),

compared as (
    select
        *,
        {{ safe_divide('num_not_fulfilled', 'num_orders') }} as not_fulfilled_rate,
        {{ safe_divide('sum(num_not_fulfilled) over ()', 'sum(num_orders) over ()') }}
            as all_rate
    from states
),

ranked as (
    select *
    from compared
    where num_orders >= {{ var('min_orders_for_rare_rates') }}
),

tests as (
    {{ binomial_tests('ranked', 'state', 'num_not_fulfilled', 'num_orders', 'all_rate') }}
),

found as (
    {{ discoveries('tests', 'state') }}
),

answer as (
    select
        ranked.state,
        ranked.region,
        ranked.num_orders,
        ranked.num_not_fulfilled,
        {{ rounded('ranked.not_fulfilled_rate') }} as not_fulfilled_rate,
        {{ rounded(wilson_bound('ranked.num_not_fulfilled', 'ranked.num_orders', 'low')) }}
            as low_rate,
        {{ rounded(wilson_bound('ranked.num_not_fulfilled', 'ranked.num_orders', 'high')) }}
            as high_rate,
        {{ rounded('ranked.all_rate') }} as all_not_fulfilled_rate,
        {{ ratio('ranked.not_fulfilled_rate', 'ranked.all_rate', 2) }} as not_fulfilled_index,
        {{ rounded('tests.p_value') }} as p_value,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery,
        cast(ranked.not_fulfilled_amount as decimal(18, 2)) as not_fulfilled_amount,
        {{ ratio('ranked.num_unapproved', 'ranked.num_orders') }} as unapproved_rate,
        {{ var('min_orders_for_rare_rates') }} as min_orders,
        {{ rounded('tests.p_value', 9) }} as exact_p_value
    from ranked
    inner join tests on ranked.state = tests.state
    inner join found on ranked.state = found.state
)

select
    state,
    region,
    num_orders,
    num_not_fulfilled,
    not_fulfilled_rate,
    low_rate,
    high_rate,
    all_not_fulfilled_rate,
    not_fulfilled_index,
    p_value,
    adjusted_p_value,
    is_discovery,
    not_fulfilled_amount,
    unapproved_rate,
    min_orders,
    'Canceled or unavailable after approval stands for trouble with a payment: most of it is'
    || ' stock and other reasons, and payments that failed are not in the data.' as proxy,
    sum(case when is_discovery then 1 else 0 end) over () as finding_num_apart,
    sum(case when is_discovery then 1 else 0 end) over () > 0 as finding_has_apart,
    {{ var('false_discovery_rate') }} as finding_discovery_rate
from answer
order by exact_p_value, state
