-- One row per state of the customer with at least min_orders_for_ranking orders, most trouble
-- first.
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
            as num_troubled,
        {{ count_where('fact_orders.approved_at is null') }} as num_unapproved,
        sum(case
            when not fact_orders.is_sale and fact_orders.approved_at is not null
                then fact_orders.payment_amount
            else 0
        end) as troubled_payment_amount
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    group by dim_customer.state, dim_customer.region
),

compared as (
    select
        *,
        {{ safe_divide('num_troubled', 'num_orders') }} as trouble_rate,
        {{ safe_divide('sum(num_troubled) over ()', 'sum(num_orders) over ()') }}
            as all_trouble_rate
    from states
)

select
    state,
    region,
    num_orders,
    num_troubled,
    {{ rounded('trouble_rate') }} as trouble_rate,
    {{ rounded('all_trouble_rate') }} as all_trouble_rate,
    {{ ratio('trouble_rate', 'all_trouble_rate', 2) }} as trouble_index,
    cast(troubled_payment_amount as decimal(18, 2)) as troubled_payment_amount,
    {{ ratio('num_unapproved', 'num_orders') }} as unapproved_rate,
    {{ var('min_orders_for_ranking') }} as min_orders,
    'Canceled or unavailable after approval stands for trouble with a payment: most of it has'
    || ' other reasons, and payments that failed are not in the data.' as proxy
from compared
where num_orders >= {{ var('min_orders_for_ranking') }}
order by compared.trouble_rate desc, state
