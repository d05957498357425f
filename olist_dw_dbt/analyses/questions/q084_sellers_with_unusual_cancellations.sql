-- One row per seller with at least min_orders_for_ranking orders, most unusual first, the first
-- 50. Unusual is more than two standard deviations above the expected, and not by one order.
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
),

judged as (
    select
        *,
        num_canceled_orders > 1 and coalesce(z_score, 0) > {{ least_z_score }} as is_unusual
    from scored
    where num_orders >= {{ var('min_orders_for_ranking') }}
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
    is_unusual,
    cast(sum(case when is_unusual then 1 else 0 end) over () as integer) as unusual_sellers,
    {{ var('min_orders_for_ranking') }} as min_orders
from judged
order by is_unusual desc, judged.z_score desc, seller_id
limit {{ shown_rows }}
