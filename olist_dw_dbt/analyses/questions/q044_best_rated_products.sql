-- One row per product of the fifty best rated, among those that still sell and have enough reviewed
-- orders. Ranked by a mean that is drawn to that of all: full marks of a few do not lead.
with

mart_product_performance as (
    select
        product_id,
        category_name_english,
        num_units,
        num_reviewed_orders,
        sum_review_score,
        num_negative_reviews,
        revenue_amount,
        average_price,
        days_since_last_sale,
        lifecycle_stage
    from {{ ref('mart_product_performance') }}
    where is_rankable and not is_unknown
),

with_mean as (
    select
        *,
        {{ safe_divide('sum(sum_review_score) over ()', 'sum(num_reviewed_orders) over ()') }}
            as all_average_score
    from mart_product_performance
),

drawn as (
    select
        *,
        {{ shrunken_mean('sum_review_score', 'num_reviewed_orders', 'all_average_score') }}
            as shrunken_score
    from with_mean
    where lifecycle_stage <> 'DISCONTINUED'
),

ranked as (
    select
        *,
        count(*) over () as num_ranked_products,
        row_number() over (
            order by shrunken_score desc, num_reviewed_orders desc, product_id
        ) as rating_rank
    from drawn
)

select
    rating_rank,
    product_id,
    category_name_english as category,
    num_reviewed_orders,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
    {{ rounded('shrunken_score', 3) }} as shrunken_review_score,
    {{ rounded('all_average_score', 3) }} as all_average_review_score,
    num_negative_reviews,
    num_units,
    revenue_amount,
    {{ rounded('average_price', 2) }} as average_price_amount,
    days_since_last_sale,
    num_ranked_products,
    {{ var('min_reviews_for_ranking') }} as min_reviewed_orders
from ranked
where rating_rank <= 50
order by rating_rank
