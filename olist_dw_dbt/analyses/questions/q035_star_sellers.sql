-- One row per seller of the fifty best rated, among those with enough reviewed orders. The score is
-- the order's latest review and stands with each seller of the order.
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

ranked as (
    select
        *,
        {{ safe_divide('sum_review_score', 'num_reviewed_orders') }} as average_score,
        {{ ratio('sum(sum_review_score) over ()', 'sum(num_reviewed_orders) over ()', 2) }}
            as all_average_review_score,
        row_number() over (
            order by
                cast(sum_review_score as {{ type_double() }}) / num_reviewed_orders desc,
                num_reviewed_orders desc,
                seller_id
        ) as satisfaction_rank
    from mart_seller_scorecard
)

select
    satisfaction_rank,
    seller_id,
    state as seller_state,
    main_category,
    seller_tier,
    is_active,
    num_sales,
    num_reviewed_orders,
    {{ rounded('average_score', 3) }} as average_review_score,
    {{ ratio('num_negative_reviews', 'num_reviewed_orders') }} as negative_rate,
    {{ ratio('num_on_time', 'num_deliveries') }} as on_time_rate,
    gmv_amount,
    all_average_review_score,
    {{ var('min_orders_for_ranking') }} as min_reviewed_orders
from ranked
where satisfaction_rank <= 50
order by satisfaction_rank
