-- One row per complete month of purchase whose deliveries are mature: the stars of all reviews of
-- its orders, the share of satisfied ones (4 and 5), and a net promoter score made of them. The
-- overall columns are over all the data.
with

mart_executive_dashboard as (
    select
        order_month,
        is_complete_month,
        is_delivery_mature,
        num_reviews,
        sum_review_score,
        num_satisfied_reviews,
        num_promoters,
        num_detractors
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        is_complete_month,
        is_delivery_mature,
        {{ total('num_reviews') }} as num_reviews,
        {{ total('sum_review_score') }} as sum_review_score,
        {{ total('num_satisfied_reviews') }} as num_satisfied_reviews,
        {{ total('num_promoters') }} as num_promoters,
        {{ total('num_detractors') }} as num_detractors
    from mart_executive_dashboard
    group by order_month, is_complete_month, is_delivery_mature
),

with_overall as (
    select
        *,
        sum(num_reviews) over () as all_reviews,
        sum(sum_review_score) over () as all_review_score,
        sum(num_satisfied_reviews) over () as all_satisfied_reviews,
        sum(num_promoters - num_detractors) over () as all_net_promoters
    from months
),

answer as (
    select
        order_month,
        num_reviews,
        {{ ratio('num_satisfied_reviews', 'num_reviews') }} as csat_rate,
        {{ rounded(wilson_bound('num_satisfied_reviews', 'num_reviews', 'low')) }} as low_csat_rate,
        {{ rounded(wilson_bound('num_satisfied_reviews', 'num_reviews', 'high')) }}
            as high_csat_rate,
        {{ ratio('all_satisfied_reviews', 'all_reviews') }} as overall_csat_rate,
        {{ ratio('sum_review_score', 'num_reviews') }} as average_review_score,
        {{ ratio('num_promoters', 'num_reviews') }} as promoter_rate,
        {{ ratio('num_detractors', 'num_reviews') }} as detractor_rate,
        {{ ratio('(num_promoters - num_detractors) * 100', 'num_reviews', 1) }} as nps_points,
        {{ ratio('all_review_score', 'all_reviews') }} as overall_average_review_score,
        {{ ratio('all_net_promoters * 100', 'all_reviews', 1) }} as overall_nps_points,
        'The NPS asks whether one would recommend, from 0 to 10. Here five stars stand for '
        || 'promoters and three or fewer for detractors; compare it with itself '
        || 'only, not with other companies.'
            as proxy
    from with_overall
    where is_complete_month and is_delivery_mature and num_reviews > 0
)

select
    *,
    {{ value_at('low_csat_rate', 'order_month desc') }}
    > {{ value_at('overall_csat_rate', 'order_month desc') }}
        as finding_is_above,
    {{ value_at('high_csat_rate', 'order_month desc') }}
    < {{ value_at('overall_csat_rate', 'order_month desc') }}
        as finding_is_below,
    {{ value_at('order_month', 'csat_rate, order_month') }} as finding_worst_month,
    min(csat_rate) over () as finding_worst_rate
from answer
order by order_month
