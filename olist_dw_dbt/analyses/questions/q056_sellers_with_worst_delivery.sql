-- One row per seller, the surest cause of late deliveries first, the first 50 of those with at
-- least min_orders_for_ranking deliveries. A seller answers for what it dispatched late: a late
-- delivery that it handed over in time is the carrier's or the promise's.
{% set shown_rows = 50 %}
with

mart_seller_scorecard as (
    select
        seller_id,
        state,
        main_category,
        num_deliveries,
        num_late,
        num_late_by_seller,
        sum_delivery_days,
        dispatch_late_rate,
        average_review_score
    from {{ ref('mart_seller_scorecard') }}
    where num_deliveries > 0 and not is_unknown
),

compared as (
    select
        *,
        {{ safe_divide('sum(num_late_by_seller) over ()', 'sum(num_deliveries) over ()') }}
            as all_rate
    from mart_seller_scorecard
),

ranked as (
    select
        *,
        {{ safe_divide('num_late_by_seller', 'num_deliveries') }} as late_by_seller_rate,
        {{ wilson_bound('num_late_by_seller', 'num_deliveries', 'low') }} as low_rate,
        {{ wilson_bound('num_late_by_seller', 'num_deliveries', 'high') }} as high_rate
    from compared
    where num_deliveries >= {{ var('min_orders_for_ranking') }}
),

tests as (
    {{ binomial_tests('ranked', 'seller_id', 'num_late_by_seller', 'num_deliveries', 'all_rate') }}
),

found as (
    {{ discoveries('tests', 'seller_id') }}
),

numbers as (
    select
        count(*) as num_sellers,
        {{ count_where('found.is_discovery and ranked.late_by_seller_rate > ranked.all_rate') }}
            as num_worse
    from ranked
    inner join found on ranked.seller_id = found.seller_id
)

select
    ranked.seller_id,
    ranked.state,
    ranked.main_category,
    ranked.num_deliveries,
    ranked.num_late,
    {{ ratio('ranked.num_late', 'ranked.num_deliveries') }} as late_rate,
    ranked.num_late_by_seller,
    {{ rounded('ranked.late_by_seller_rate') }} as late_by_seller_rate,
    {{ rounded('ranked.low_rate') }} as low_rate,
    {{ rounded('ranked.high_rate') }} as high_rate,
    {{ rounded('ranked.all_rate') }} as all_late_by_seller_rate,
    {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
    found.is_discovery,
    {{ rounded('ranked.dispatch_late_rate') }} as dispatch_late_rate,
    {{ ratio('ranked.sum_delivery_days', 'ranked.num_deliveries', 1) }}
        as average_delivery_days,
    {{ rounded('ranked.average_review_score', 2) }} as average_review_score,
    {{ var('min_orders_for_ranking') }} as min_deliveries,
    numbers.num_sellers as finding_num_sellers,
    numbers.num_worse as finding_num_worse,
    numbers.num_worse > 0 as finding_has_worse
from ranked
inner join found on ranked.seller_id = found.seller_id
cross join numbers
order by ranked.low_rate desc, ranked.num_deliveries desc, ranked.seller_id
limit {{ shown_rows }}
