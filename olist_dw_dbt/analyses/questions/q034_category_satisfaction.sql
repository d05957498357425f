-- One row per product category with enough reviewed orders, the most surely satisfied first: by the
-- lower end of the interval of the mean, so that a few reviews do not lead. The score
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
        {{ total('review_score * sum_review_score') }} as sum_square,
        {{ total('case when review_score <= ' ~ var('negative_review_max_score')
            ~ ' then num_reviews end') }} as num_negative,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_late') }} as num_late
    from mart_review_analysis
    group by category_name_english, category_group
),

answer as (
    select
        category,
        category_group,
        num_reviewed_orders,
        {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
        {{ rounded(mean_bound('sum_review_score', 'sum_square', 'num_reviewed_orders', 'low'), 3) }}
            as low_review_score,
        {{ rounded(mean_bound('sum_review_score', 'sum_square', 'num_reviewed_orders',
            'high'), 3) }}
            as high_review_score,
        {{ ratio('sum(sum_review_score) over ()', 'sum(num_reviewed_orders) over ()', 3) }}
            as all_average_review_score,
        {{ ratio('num_negative', 'num_reviewed_orders') }} as negative_rate,
        {{ ratio('num_late', 'num_delivered') }} as late_rate,
        {{ var('min_orders_for_ranking') }} as min_reviewed_orders
    from categories
    where num_reviewed_orders >= {{ var('min_orders_for_ranking') }}
)

select
    *,
    {{ value_at('category', 'high_review_score, category') }} as finding_worst_category,
    {{ value_at('average_review_score',
        'high_review_score, category') }} as finding_worst_average_review_score,
    {{ value_at('num_reviewed_orders',
        'high_review_score, category') }} as finding_worst_num_reviewed_orders,
    {{ value_at('low_review_score',
        'high_review_score, category') }} as finding_worst_low_review_score,
    {{ value_at('high_review_score',
        'high_review_score, category') }} as finding_worst_high_review_score,
    max(low_review_score - all_average_review_score) over () > 0
    and min(high_review_score - all_average_review_score) over () < 0 as finding_is_apart,
    sum(case when low_review_score > all_average_review_score then 1 else 0 end) over ()
        as finding_num_above,
    sum(case when high_review_score < all_average_review_score then 1 else 0 end) over ()
        as finding_num_below
from answer
order by low_review_score desc, category
