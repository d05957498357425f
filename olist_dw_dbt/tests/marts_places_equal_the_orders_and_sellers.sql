{{ config(tags=['weekly']) }}
-- Orders, deliveries, stars and revenue of mart_geographic_analysis are those of fact_orders, and
-- its sellers those of dim_seller that have a place. Returns the figures that differ.
with

mart as (
    select
        sum(num_orders) as num_orders,
        sum(num_delivered) as num_delivered,
        sum(num_on_time) as num_on_time,
        sum(sum_review_score) as sum_review_score,
        sum(revenue_amount) as revenue_amount,
        sum(num_sellers) as num_sellers
    from {{ ref('mart_geographic_analysis') }}
),

orders as (
    select
        count(*) as num_orders,
        {{ count_where('is_delivered') }} as num_delivered,
        {{ count_where('is_on_time') }} as num_on_time,
        sum(review_score) as sum_review_score,
        sum(case when is_sale then revenue_amount else 0 end) as revenue_amount
    from {{ ref('fact_orders') }}
),

facts as (
    select
        orders.*,
        (select count(*) from {{ ref('dim_seller') }} where not is_unknown) as num_sellers
    from orders
)

{% for figure in [
    'num_orders', 'num_delivered', 'num_on_time', 'sum_review_score', 'revenue_amount',
    'num_sellers',
] -%}
select '{{ figure }}' as figure, mart.{{ figure }} as in_mart, facts.{{ figure }} as in_facts
from mart
cross join facts
where coalesce(mart.{{ figure }}, 0) <> coalesce(facts.{{ figure }}, 0)
{% if not loop.last %}union all{% endif %}
{% endfor %}
