-- One row per seller of the 25 with the most negative reviews and of the 25 with the surely
-- highest share of them, most first. An order of several sellers counts with each.
{% set listed = 25 %}
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
        {{ wilson_bound('num_negative_reviews', 'num_reviewed_orders', 'low') }} as low_rate,
        {{ wilson_bound('num_negative_reviews', 'num_reviewed_orders', 'high') }} as high_rate,
        {{ safe_divide(
            'sum(num_negative_reviews) over ()', 'sum(num_reviewed_orders) over ()'
        ) }} as all_negative_review_rate
    from mart_seller_scorecard
),

-- By the lower end of the interval, so that a few angry customers of a small shop do not lead.
ranked as (
    select
        *,
        row_number() over (order by low_rate desc, num_reviewed_orders desc, seller_id)
            as negative_rank_by_rate,
        row_number() over (order by num_negative_reviews desc, seller_id)
            as negative_rank_by_number
    from compared
    where num_reviewed_orders >= {{ var('min_orders_for_ranking') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'seller_id', 'num_negative_reviews', 'num_reviewed_orders',
        'all_negative_review_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'seller_id') }}
),

numbers as (
    select
        count(*) as num_sellers,
        {{ count_where(
            'found.is_discovery and ranked.negative_review_rate > ranked.all_negative_review_rate'
        ) }} as num_worse
    from ranked
    inner join found on ranked.seller_id = found.seller_id
),

listed as (
    select *
    from ranked
    where negative_rank_by_rate <= {{ listed }} or negative_rank_by_number <= {{ listed }}
)

select
    listed.seller_id,
    listed.state,
    listed.main_category,
    listed.num_reviewed_orders,
    listed.num_negative_reviews,
    {{ rounded('listed.negative_review_rate') }} as negative_review_rate,
    {{ rounded('listed.low_rate') }} as low_rate,
    {{ rounded('listed.high_rate') }} as high_rate,
    {{ rounded('listed.all_negative_review_rate') }} as all_negative_review_rate,
    listed.negative_rank_by_rate,
    {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
    found.is_discovery,
    {{ rounded('listed.average_review_score', 2) }} as average_review_score,
    {{ ratio('listed.num_late', 'listed.num_deliveries') }} as late_rate,
    {{ var('min_orders_for_ranking') }} as min_reviewed_orders,
    {{ value_at('listed.seller_id', 'listed.negative_rank_by_rate') }} as finding_worst_seller,
    {{ rounded(value_at('listed.negative_review_rate', 'listed.negative_rank_by_rate')) }}
        as finding_worst_rate,
    {{ rounded(value_at('listed.low_rate', 'listed.negative_rank_by_rate')) }}
        as finding_worst_low_rate,
    {{ rounded(value_at('listed.high_rate', 'listed.negative_rank_by_rate')) }}
        as finding_worst_high_rate,
    {{ value_at('listed.num_reviewed_orders', 'listed.negative_rank_by_rate') }}
        as finding_worst_orders,
    numbers.num_sellers as finding_num_sellers,
    numbers.num_worse as finding_num_worse,
    numbers.num_worse > 0 as finding_has_worse
from listed
inner join found on listed.seller_id = found.seller_id
cross join numbers
order by listed.num_negative_reviews desc, listed.seller_id
