{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per review and order. The source repeats 789 review ids over several orders and
-- gives 547 orders more than one review; the latest of an order is its review score.
with

changed_orders as (
    {{ changed_orders(['order_status', 'purchased_at', 'is_orphan', 'customer_key']) }}
),

stg_orders as (
    select orders.order_id, orders.delivered_at
    from {{ ref('stg_orders') }} as orders
    {{ where_of_changed_orders('orders') }}
),

stg_order_reviews as (
    select
        reviews.review_id,
        reviews.order_id,
        reviews.review_score,
        reviews.comment_title,
        reviews.comment_message,
        reviews.creation_date,
        reviews.answered_at,
        cast(changed_orders.purchased_at as date) as order_date,
        changed_orders.is_orphan,
        case when changed_orders.order_status = 'delivered' then stg_orders.delivered_at end
            as delivered_at,
        changed_orders.customer_key,
        changed_orders.source_changed_at
    from {{ ref('stg_order_reviews') }} as reviews
    inner join changed_orders on reviews.order_id = changed_orders.order_id
    left join stg_orders on reviews.order_id = stg_orders.order_id
    {{ where_of_changed_orders('reviews') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id
            order by
                case when answered_at is null then 1 else 0 end,
                answered_at desc,
                case when creation_date is null then 1 else 0 end,
                creation_date desc,
                review_id desc
        ) as recency_rank
    from stg_order_reviews
)

select
    {{ surrogate_key(['review_id', 'order_id']) }} as review_key,
    {{ surrogate_key(['order_id']) }} as order_key,
    customer_key,
    review_id,
    order_id,
    {{ date_key('creation_date') }} as creation_date_key,
    {{ date_key('order_date') }} as order_date_key,
    creation_date,
    order_date,
    answered_at,
    case
        when review_score >= {{ var('positive_review_min_score') }} then 'POSITIVE'
        when review_score <= {{ var('negative_review_max_score') }} then 'NEGATIVE'
        else 'NEUTRAL'
    end as sentiment,
    comment_title,
    comment_message,
    comment_title is not null or comment_message is not null as has_comment,
    recency_rank = 1 as is_latest_for_order,
    coalesce(answered_at < delivered_at, false) as is_answered_before_delivery,
    is_orphan,
    review_score,
    {{ elapsed_hours(dbt.cast('creation_date', dbt.type_timestamp()), 'answered_at') }}
        as response_hours,
    source_changed_at
from ranked
