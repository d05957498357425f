-- One row per order whose survey went out in the review_driver_days up to the as-of date: how
-- likely one or two stars were at the start of that day, and what moved it. The fit knows no answer
-- of these days.
with

scores_review_drivers as (
    select
        order_key,
        scored_as_of_date,
        low_review_rate,
        delivery_effect,
        basket_effect,
        history_effect,
        reason_1,
        reason_2,
        method
    from {{ ref('scores_review_drivers') }}
),

features_reviews as (
    select
        order_key,
        order_id,
        seller_key,
        category_key,
        survey_date,
        answered_date,
        is_delivered,
        review_score
    from {{ ref('features_reviews') }}
),

dim_seller as (
    select seller_key, seller_id
    from {{ ref('dim_seller') }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
)

select
    scores_review_drivers.order_key,
    features_reviews.order_id,
    -- Orders without items have neither seller nor category.
    dim_seller.seller_id,
    features_reviews.survey_date,
    features_reviews.answered_date,
    scores_review_drivers.scored_as_of_date,
    dim_category.category_name_english,
    case
        when
            scores_review_drivers.delivery_effect is null
            or greatest(
                scores_review_drivers.delivery_effect,
                scores_review_drivers.basket_effect,
                scores_review_drivers.history_effect
            ) <= 0
            then 'NONE'
        when
            scores_review_drivers.delivery_effect >= greatest(
                scores_review_drivers.basket_effect, scores_review_drivers.history_effect
            )
            then 'DELIVERY'
        when scores_review_drivers.basket_effect >= scores_review_drivers.history_effect
            then 'BASKET'
        else 'HISTORY'
    end as main_driver,
    scores_review_drivers.method,
    scores_review_drivers.reason_1,
    scores_review_drivers.reason_2,
    features_reviews.is_delivered,
    features_reviews.review_score <= {{ var('negative_review_max_score') }} as is_low_review,
    features_reviews.review_score,
    scores_review_drivers.low_review_rate,
    scores_review_drivers.delivery_effect,
    scores_review_drivers.basket_effect,
    scores_review_drivers.history_effect
from scores_review_drivers
inner join features_reviews on scores_review_drivers.order_key = features_reviews.order_key
left join dim_seller on features_reviews.seller_key = dim_seller.seller_key
left join dim_category on features_reviews.category_key = dim_category.category_key
