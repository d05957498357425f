-- One row per product category with enough orders, the surest difference from the others first:
-- each
-- is tested exactly against the rate of all orders with items, and corrected for how many are
-- tested. Orders without items have no category: a quarter of the canceled ones on the full data.
with

mart_category_performance as (
    select
        category_name_english,
        num_orders_of_any_status,
        num_canceled_orders
    from {{ ref('mart_category_performance') }}
    where category_name_english <> 'Unknown'
),

fact_orders as (
    select
        {{ count_where("order_status = 'canceled'") }} as num_all_canceled_orders,
        {{ count_where("order_status = 'canceled' and not has_items") }}
            as num_canceled_without_items,
        {{ ratio("sum(case when order_status = 'canceled' then 1 else 0 end)", 'count(*)') }}
            as overall_cancellation_rate,
        {{ safe_divide("sum(case when order_status = 'canceled' and has_items then 1 else 0 end)",
            'sum(case when has_items then 1 else 0 end)') }} as base_rate
    from {{ ref('fact_orders') }}
),

categories as (
    select
        category_name_english as category,
        {{ total('num_orders_of_any_status') }} as num_orders,
        {{ total('num_canceled_orders') }} as num_canceled_orders
    from mart_category_performance
    group by category_name_english
),

tested as (
    select
        categories.*,
        fact_orders.*
    from categories
    cross join fact_orders
    where categories.num_orders >= {{ var('min_orders_for_rare_rates') }}
),

tests as (
    {{ binomial_tests('tested', 'category', 'num_canceled_orders', 'num_orders', 'base_rate') }}
),

found as (
    {{ discoveries('tests', 'category') }}
),

answer as (
    select
        tested.category,
        tested.num_orders,
        tested.num_canceled_orders,
        {{ ratio('tested.num_canceled_orders', 'tested.num_orders') }} as cancellation_rate,
        {{ rounded(wilson_bound('tested.num_canceled_orders', 'tested.num_orders', 'low')) }}
            as low_cancellation_rate,
        {{ rounded(wilson_bound('tested.num_canceled_orders', 'tested.num_orders', 'high')) }}
            as high_cancellation_rate,
        {{ rounded('tested.base_rate') }} as base_cancellation_rate,
        tests.p_value as exact_p_value,
        {{ rounded('tests.p_value') }} as p_value,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery,
        tested.overall_cancellation_rate,
        tested.num_all_canceled_orders,
        tested.num_canceled_without_items,
        {{ var('min_orders_for_rare_rates') }} as min_orders,
        'Returns are not in the data; they would need a status or a date of the return. Nearest: '
        || 'canceled orders, which hardly ever were delivered.' as not_in_data
    from tested
    inner join tests on tested.category = tests.category
    inner join found on tested.category = found.category
)

select
    category,
    num_orders,
    num_canceled_orders,
    cancellation_rate,
    low_cancellation_rate,
    high_cancellation_rate,
    base_cancellation_rate,
    p_value,
    adjusted_p_value,
    is_discovery,
    overall_cancellation_rate,
    num_all_canceled_orders,
    num_canceled_without_items,
    min_orders,
    not_in_data,
    sum(case when is_discovery then 1 else 0 end) over () as finding_num_different,
    sum(case when is_discovery then 1 else 0 end) over () > 0 as finding_has_different,
    case when first_value(cancellation_rate) over (order by exact_p_value, category)
        > max(base_cancellation_rate) over () then 'more' else 'less' end as finding_direction,
    {{ value_at('category',
        'case when is_discovery then 1 else 0 end, exact_p_value, category') }}
        as finding_next_category,
    {{ value_at('cancellation_rate',
        'case when is_discovery then 1 else 0 end, exact_p_value, category') }}
        as finding_next_cancellation_rate,
    {{ value_at('num_orders',
        'case when is_discovery then 1 else 0 end, exact_p_value, category') }}
        as finding_next_num_orders,
    {{ value_at('p_value',
        'case when is_discovery then 1 else 0 end, exact_p_value, category') }}
        as finding_next_p_value,
    {{ var('false_discovery_rate') }} as finding_discovery_rate
from answer
order by exact_p_value, category
