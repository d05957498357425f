-- One row per seller, most negative reviews first, the first 50 of those with at least
-- min_orders_for_ranking reviewed orders. An order of several sellers counts with each.
{% set shown_rows = 50 %}
with

mart_seller_scorecard as (
    select
        seller_id,
        state,
        main_category,
        num_reviewed_orders,
        num_negative_reviews,
        num_deliveries,
        num_late,
        average_review_score
    from {{ ref('mart_seller_scorecard') }}
    where num_reviewed_orders > 0 and not is_unknown
),

compared as (
    select
        *,
        {{ safe_divide('num_negative_reviews', 'num_reviewed_orders') }} as negative_review_rate,
        {{ safe_divide(
            'sum(num_negative_reviews) over ()', 'sum(num_reviewed_orders) over ()'
        ) }} as all_negative_review_rate
    from mart_seller_scorecard
),

ranked as (
    select
        *,
        row_number() over (
            order by negative_review_rate desc, num_reviewed_orders desc, seller_id
        ) as negative_rank_by_rate
    from compared
    where num_reviewed_orders >= {{ var('min_orders_for_ranking') }}
)

select
    seller_id,
    state,
    main_category,
    num_reviewed_orders,
    num_negative_reviews,
    {{ rounded('negative_review_rate') }} as negative_review_rate,
    {{ rounded('all_negative_review_rate') }} as all_negative_review_rate,
    negative_rank_by_rate,
    {{ rounded('average_review_score', 2) }} as average_review_score,
    {{ ratio('num_late', 'num_deliveries') }} as late_rate,
    {{ var('min_orders_for_ranking') }} as min_reviewed_orders
from ranked
order by num_negative_reviews desc, seller_id
limit {{ shown_rows }}
