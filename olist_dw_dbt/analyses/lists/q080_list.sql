-- One row per customer to reactivate, most revenue first: all of them, for a campaign.
select
    customer_unique_id,
    state,
    rfm_segment,
    favourite_category,
    last_order_date,
    recency_days,
    num_orders,
    revenue_amount,
    {{ rounded('average_review_score', 2) }} as average_review_score
from {{ ref('mart_customer_analytics') }}
where {{ to_reactivate() }}
order by revenue_amount desc, customer_unique_id
