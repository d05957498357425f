{{ config(tags=['weekly']) }}
-- One row per month for which the mart has another number of orders, another revenue,
-- other deliveries or other reviews than fact_orders.
with

fact_orders as (
    select
        {{ month_start('order_date') }} as order_month,
        count(*) as num_orders,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount,
        sum(case when is_delivered then 1 else 0 end) as num_delivered,
        sum(case when is_late then 1 else 0 end) as num_late,
        sum(sum_review_score) as sum_review_score
    from {{ ref('fact_orders') }}
    group by {{ month_start('order_date') }}
),

mart as (
    select
        order_month,
        sum(num_orders) as num_orders,
        sum(revenue_amount) as revenue_amount,
        sum(num_delivered) as num_delivered,
        sum(num_late) as num_late,
        sum(sum_review_score) as sum_review_score
    from {{ ref('mart_executive_dashboard') }}
    group by order_month
),

-- A month may stand on one side alone.
differences as (
    select
        coalesce(fact_orders.order_month, mart.order_month) as order_month,
        {% for measure in [
            'num_orders', 'revenue_amount', 'num_delivered', 'num_late', 'sum_review_score',
        ] -%}
        coalesce(mart.{{ measure }}, 0) - coalesce(fact_orders.{{ measure }}, 0)
            as {{ measure }}_too_much
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
    from fact_orders
    full outer join mart on fact_orders.order_month = mart.order_month
)

select
    'mart_executive_dashboard' as layer,
    order_month,
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
