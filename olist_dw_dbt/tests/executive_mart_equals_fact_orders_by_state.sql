{{ config(tags=['weekly']) }}
-- One row per customer state for which the mart has another number of orders, another revenue,
-- other deliveries or other reviews than fact_orders.
with

fact_orders as (
    select
        coalesce(dim_customer.state, 'Unknown') as customer_state,
        count(*) as num_orders,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount,
        sum(case when is_delivered then 1 else 0 end) as num_delivered,
        sum(case when is_late then 1 else 0 end) as num_late,
        sum(sum_review_score) as sum_review_score
    from {{ ref('fact_orders') }} as fact_orders
    inner join {{ ref('dim_customer') }} as dim_customer
        on fact_orders.customer_key = dim_customer.customer_key
    group by coalesce(dim_customer.state, 'Unknown')
),

mart as (
    select
        customer_state,
        sum(num_orders) as num_orders,
        sum(revenue_amount) as revenue_amount,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late,
        sum(sum_review_score) as sum_review_score
    from {{ ref('mart_executive_dashboard') }}
    group by customer_state
),

-- A state may stand on one side alone.
differences as (
    select
        coalesce(fact_orders.customer_state, mart.customer_state) as customer_state,
        {% for measure in [
            'num_orders', 'revenue_amount', 'num_delivered', 'num_late', 'sum_review_score',
        ] -%}
        coalesce(mart.{{ measure }}, 0) - coalesce(fact_orders.{{ measure }}, 0)
            as {{ measure }}_too_much
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
    from fact_orders
    full outer join mart on fact_orders.customer_state = mart.customer_state
)

select
    'mart_executive_dashboard' as layer,
    customer_state,
    num_orders_too_much,
    revenue_amount_too_much,
    num_delivered_too_much,
    num_late_too_much,
    sum_review_score_too_much
from differences
where
    num_orders_too_much <> 0
    or revenue_amount_too_much <> 0
    or num_delivered_too_much <> 0
    or num_late_too_much <> 0
    or sum_review_score_too_much <> 0
