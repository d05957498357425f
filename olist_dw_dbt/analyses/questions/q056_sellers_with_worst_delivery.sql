-- One row per seller, the largest share of late deliveries first, the first 50 of those with at
-- least min_orders_for_ranking deliveries.
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
        {{ safe_divide('num_late', 'num_deliveries') }} as late_rate,
        {{ safe_divide('sum(num_late) over ()', 'sum(num_deliveries) over ()') }}
            as all_late_rate
    from mart_seller_scorecard
)

select
    seller_id,
    state,
    main_category,
    num_deliveries,
    num_late,
    {{ rounded('late_rate') }} as late_rate,
    {{ ratio('num_late_by_seller', 'num_late') }} as late_by_seller_rate,
    {{ rounded('dispatch_late_rate') }} as dispatch_late_rate,
    {{ ratio('sum_delivery_days', 'num_deliveries', 1) }} as average_delivery_days,
    {{ rounded('average_review_score', 2) }} as average_review_score,
    {{ rounded('all_late_rate') }} as all_late_rate,
    {{ var('min_orders_for_ranking') }} as min_deliveries
from compared
where num_deliveries >= {{ var('min_orders_for_ranking') }}
order by compared.late_rate desc, num_deliveries desc, seller_id
limit {{ shown_rows }}
