-- One row per seller with at least min_orders_for_ranking orders and two canceled ones, whose
-- count lies more than two standard deviations above the expected, most unusual first.
{% set least_z_score = 2 %}
{% set shown_rows = 50 %}
with

mart_seller_scorecard as (
    select seller_id, state, main_category, num_orders, num_canceled_orders
    from {{ ref('mart_seller_scorecard') }}
    where num_orders > 0 and not is_unknown
),

compared as (
    select
        *,
        {{ safe_divide('num_canceled_orders', 'num_orders') }} as cancellation_rate,
        {{ safe_divide('sum(num_canceled_orders) over ()', 'sum(num_orders) over ()') }}
            as all_cancellation_rate
    from mart_seller_scorecard
),

scored as (
    select
        *,
        num_orders * all_cancellation_rate as expected_canceled,
        {{ safe_divide(
            'num_canceled_orders - num_orders * all_cancellation_rate',
            'sqrt(num_orders * all_cancellation_rate * (1 - all_cancellation_rate))'
        ) }} as z_score
    from compared
)

select
    seller_id,
    state,
    main_category,
    num_orders,
    num_canceled_orders as num_canceled,
    {{ rounded('cancellation_rate') }} as cancellation_rate,
    {{ rounded('all_cancellation_rate') }} as all_cancellation_rate,
    {{ rounded('expected_canceled', 2) }} as expected_canceled,
    {{ rounded('z_score', 2) }} as z_score,
    {{ var('min_orders_for_ranking') }} as min_orders
from scored
where
    num_orders >= {{ var('min_orders_for_ranking') }}
    and num_canceled_orders > 1
    and scored.z_score > {{ least_z_score }}
order by scored.z_score desc, seller_id
limit {{ shown_rows }}
