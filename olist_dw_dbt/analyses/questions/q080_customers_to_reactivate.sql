-- One row per customer to write to, most revenue first, the first 100; analyses/lists has them all.
{% set shown_rows = 100 %}
with

mart_customer_analytics as (
    select
        customer_unique_id,
        state,
        rfm_segment,
        favourite_category,
        last_order_date,
        recency_days,
        num_orders,
        revenue_amount,
        average_review_score
    from {{ ref('mart_customer_analytics') }}
    where {{ to_reactivate() }}
),

grouped as (
    select
        *,
        count(*) over () as group_customers,
        sum(revenue_amount) over () as group_revenue_amount
    from mart_customer_analytics
)

select
    customer_unique_id,
    state,
    rfm_segment,
    favourite_category,
    last_order_date,
    recency_days,
    num_orders,
    revenue_amount,
    {{ rounded('average_review_score', 2) }} as average_review_score,
    group_customers,
    cast(group_revenue_amount as decimal(18, 2)) as group_revenue_amount
from grouped
order by grouped.revenue_amount desc, customer_unique_id
limit {{ shown_rows }}
