-- One row per product of the fifty best rated, among those with enough reviewed orders.
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
        days_since_last_sale
    from {{ ref('mart_product_performance') }}
    where is_rankable and not is_unknown
),

ranked as (
    select
        *,
        count(*) over () as num_ranked_products,
        row_number() over (
            order by
                cast(sum_review_score as {{ type_double() }}) / num_reviewed_orders desc,
                num_reviewed_orders desc,
                product_id
        ) as rating_rank
    from mart_product_performance
)

select
    rating_rank,
    product_id,
    category_name_english as category,
    num_reviewed_orders,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
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
