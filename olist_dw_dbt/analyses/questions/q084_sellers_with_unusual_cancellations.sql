-- One row per seller with at least min_orders_for_ranking orders, least explained by chance first,
-- the first 50. Of orders with items: an order canceled before it had one has no seller.
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
        {{ safe_divide('sum(num_canceled_orders) over ()', 'sum(num_orders) over ()') }}
            as all_cancellation_rate
    from mart_seller_scorecard
),

ranked as (
    select *
    from compared
    where num_orders >= {{ var('min_orders_for_ranking') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'seller_id', 'num_canceled_orders', 'num_orders', 'all_cancellation_rate'
    ) }}
),

-- Only too many are of interest: one tail.
found as (
    {{ discoveries('tests', 'seller_id', 'more_p_value') }}
),

numbers as (
    select
        count(*) as num_sellers,
        {{ count_where('is_discovery') }} as num_unusual
    from found
)

select
    ranked.seller_id,
    ranked.state,
    ranked.main_category,
    ranked.num_orders,
    ranked.num_canceled_orders as num_canceled,
    {{ ratio('ranked.num_canceled_orders', 'ranked.num_orders') }} as cancellation_rate,
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound('ranked.num_canceled_orders', 'ranked.num_orders', side)) }}
        as {{ side }}_cancellation_rate,
    {% endfor -%}
    {{ rounded('ranked.all_cancellation_rate') }} as all_cancellation_rate,
    {{ rounded('ranked.num_orders * ranked.all_cancellation_rate', 2) }} as expected_canceled,
    {{ rounded('tests.more_p_value', 6) }} as p_value,
    {{ rounded('found.adjusted_p_value', 6) }} as adjusted_p_value,
    found.is_discovery as is_unusual,
    {{ var('min_orders_for_ranking') }} as min_orders,
    numbers.num_sellers as finding_num_sellers,
    numbers.num_unusual as finding_num_unusual,
    numbers.num_unusual > 0 as finding_has_unusual,
    {{ var('false_discovery_rate') }} as finding_discovery_rate
from ranked
inner join tests on ranked.seller_id = tests.seller_id
inner join found on ranked.seller_id = found.seller_id
cross join numbers
order by {{ rounded('tests.more_p_value', 9) }}, ranked.seller_id
limit {{ shown_rows }}
