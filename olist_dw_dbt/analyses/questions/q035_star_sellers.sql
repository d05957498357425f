-- One row per seller of the fifty best rated, among the active ones with enough reviewed orders.
-- Ranked by a mean that is drawn to that of all: full marks of a few do not lead. The score is the
-- order's latest review and stands with each seller of the order.
with

mart_seller_scorecard as (
    select
        seller_id,
        state,
        main_category,
        seller_tier,
        is_active,
        num_sales,
        num_reviewed_orders,
        sum_review_score,
        num_negative_reviews,
        num_deliveries,
        num_on_time,
        gmv_amount
    from {{ ref('mart_seller_scorecard') }}
    where not is_unknown and num_reviewed_orders >= {{ var('min_orders_for_ranking') }}
),

with_mean as (
    select
        *,
        {{ safe_divide('sum(sum_review_score) over ()', 'sum(num_reviewed_orders) over ()') }}
            as all_average_score
    from mart_seller_scorecard
),

drawn as (
    select
        *,
        {{ shrunken_mean('sum_review_score', 'num_reviewed_orders', 'all_average_score') }}
            as shrunken_score
    from with_mean
    where is_active
),

ranked as (
    select
        *,
        count(*) over () as num_ranked_sellers,
        row_number() over (
            order by shrunken_score desc, num_reviewed_orders desc, seller_id
        ) as satisfaction_rank
    from drawn
)

select
    satisfaction_rank,
    seller_id,
    state as seller_state,
    main_category,
    seller_tier,
    num_sales,
    num_reviewed_orders,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
    {{ rounded('shrunken_score', 3) }} as shrunken_review_score,
    {{ ratio('num_negative_reviews', 'num_reviewed_orders') }} as negative_rate,
    {{ ratio('num_on_time', 'num_deliveries') }} as on_time_rate,
    gmv_amount,
    {{ rounded('all_average_score', 3) }} as all_average_review_score,
    num_ranked_sellers,
    {{ var('seller_active_within_days') }} as active_within_days,
    {{ var('min_orders_for_ranking') }} as min_reviewed_orders
from ranked
where satisfaction_rank <= 50
order by satisfaction_rank
