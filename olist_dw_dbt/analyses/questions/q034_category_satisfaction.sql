-- One row per product category with enough reviewed orders, the best satisfaction first. The score
-- is the order's latest review; an order counts once with each category it has items of.
with

mart_review_analysis as (
    select
        category_name_english,
        category_group,
        review_score,
        num_reviews,
        sum_review_score,
        num_delivered,
        num_late
    from {{ ref('mart_review_analysis') }}
    where has_review and category_name_english <> 'Unknown'
),

categories as (
    select
        category_name_english as category,
        category_group,
        {{ total('num_reviews') }} as num_reviewed_orders,
        {{ total('sum_review_score') }} as sum_review_score,
        {{ total('case when review_score <= ' ~ var('negative_review_max_score')
            ~ ' then num_reviews end') }} as num_negative,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_late') }} as num_late
    from mart_review_analysis
    group by category_name_english, category_group
)

select
    row_number() over (
        order by cast(sum_review_score as {{ type_double() }}) / num_reviewed_orders desc, category
    ) as satisfaction_rank,
    category,
    category_group,
    num_reviewed_orders,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
    {{ ratio('num_negative', 'num_reviewed_orders') }} as negative_rate,
    {{ ratio('num_late', 'num_delivered') }} as late_rate,
    {{ var('min_orders_for_ranking') }} as min_reviewed_orders
from categories
where num_reviewed_orders >= {{ var('min_orders_for_ranking') }}
order by satisfaction_rank
