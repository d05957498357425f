{{ config(tags=['weekly']) }}
-- Persons, sales and revenue of mart_customer_analytics are those of the facts: every sale whose
-- buyer is known stands with exactly one person. Returns the figures that differ.
with

mart as (
    select
        count(*) as num_persons,
        sum(num_orders) as num_sales,
        sum(num_items) as num_items,
        sum(num_reviewed_orders) as num_reviewed_orders,
        sum(sum_review_score) as sum_review_score,
        sum(revenue_amount) as revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

facts as (
    select
        count(distinct dim_customer.customer_unique_id) as num_persons,
        count(*) as num_sales,
        sum(fact_orders.num_items) as num_items,
        count(fact_orders.review_score) as num_reviewed_orders,
        sum(fact_orders.review_score) as sum_review_score,
        sum(fact_orders.revenue_amount) as revenue_amount
    from {{ ref('fact_orders') }} as fact_orders
    inner join {{ ref('dim_customer') }} as dim_customer
        on fact_orders.customer_key = dim_customer.customer_key
    where fact_orders.is_sale and not dim_customer.is_unknown
)

{% for figure in [
    'num_persons', 'num_sales', 'num_items', 'num_reviewed_orders', 'sum_review_score',
    'revenue_amount',
] -%}
select '{{ figure }}' as figure, mart.{{ figure }} as in_mart, facts.{{ figure }} as in_facts
from mart
cross join facts
where coalesce(mart.{{ figure }}, 0) <> coalesce(facts.{{ figure }}, 0)
{% if not loop.last %}union all{% endif %}
{% endfor %}
