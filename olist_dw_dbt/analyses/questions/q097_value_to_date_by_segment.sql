-- One row per RFM segment, most revenue per person first.
with

mart_customer_analytics as (
    select rfm_segment, recency_days, num_orders, revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

segments as (
    select
        rfm_segment,
        count(*) as num_customers,
        {{ total('num_orders') }} as num_orders,
        sum(recency_days) as sum_recency_days,
        sum(revenue_amount) as revenue_amount,
        sum(revenue_amount * revenue_amount) as sum_square
    from mart_customer_analytics
    group by rfm_segment
),

rated as (
    select
        *,
        {{ ratio('revenue_amount', 'num_customers', 2) }} as revenue_per_customer_amount,
        {% for side in ['low', 'high'] -%}
        {{ rounded(mean_bound('revenue_amount', 'sum_square', 'num_customers', side), 2) }}
            as {{ side }}_revenue_per_customer_amount,
        {% endfor -%}
        {{ ratio('sum(revenue_amount) over ()', 'sum(num_customers) over ()', 2) }}
            as all_revenue_per_customer_amount
    from segments
)

select
    rfm_segment,
    num_customers,
    {{ ratio('num_customers', 'sum(num_customers) over ()') }} as customer_rate,
    num_orders,
    {{ ratio('num_orders', 'num_customers', 3) }} as average_orders,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    revenue_per_customer_amount,
    low_revenue_per_customer_amount,
    high_revenue_per_customer_amount,
    all_revenue_per_customer_amount,
    {{ ratio('sum_recency_days', 'num_customers', 1) }} as average_recency_days,
    'A model of what a person will still bring. Until then: value to date.' as waits_for_model
from rated
order by revenue_per_customer_amount desc, rfm_segment
