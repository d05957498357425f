-- One row per category of the first sale with enough customers, the surest repeat rate first: each
-- is tested exactly against the rate of all, and corrected for how many are tested.
with

mart_customer_analytics as (
    select
        first_category,
        is_repeat_customer,
        num_orders,
        days_to_return,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
    where first_category <> 'Unknown'
),

categories as (
    select
        first_category as category,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        {{ total('num_orders') }} as num_orders,
        sum(revenue_amount) as revenue_amount,
        {{ median('days_to_return') }} as median_days_to_second_order
    from mart_customer_analytics
    group by first_category
),

with_base as (
    select
        *,
        {{ safe_divide('sum(num_repeat_customers) over ()', 'sum(num_customers) over ()') }}
            as base_rate
    from categories
),

tested as (
    select *
    from with_base
    where num_customers >= {{ var('min_customers_for_ranking') }}
),

tests as (
    {{ binomial_tests('tested', 'category', 'num_repeat_customers', 'num_customers',
        'base_rate') }}
),

found as (
    {{ discoveries('tests', 'category') }}
),

answer as (
    select
        tested.category,
        tested.num_customers,
        tested.num_repeat_customers,
        {{ ratio('tested.num_repeat_customers', 'tested.num_customers') }} as repeat_rate,
        {{ rounded(wilson_bound('tested.num_repeat_customers', 'tested.num_customers', 'low')) }}
            as low_repeat_rate,
        {{ rounded(wilson_bound('tested.num_repeat_customers', 'tested.num_customers', 'high')) }}
            as high_repeat_rate,
        {{ rounded('tested.base_rate') }} as all_repeat_rate,
        {{ rounded('tests.p_value') }} as p_value,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery,
        {{ ratio('tested.num_orders', 'tested.num_customers') }} as orders_per_customer,
        {{ ratio('tested.revenue_amount', 'tested.num_customers', 2) }}
            as revenue_per_customer_amount,
        {{ rounded('tested.median_days_to_second_order', 0) }} as median_days_to_second_order,
        {{ var('min_customers_for_ranking') }} as min_customers
    from tested
    inner join tests on tested.category = tests.category
    inner join found on tested.category = found.category
)

select
    *,
    sum(case when is_discovery and repeat_rate > all_repeat_rate then 1 else 0 end) over ()
        as finding_num_above,
    sum(case when is_discovery and repeat_rate < all_repeat_rate then 1 else 0 end) over ()
        as finding_num_below,
    sum(case when is_discovery and repeat_rate > all_repeat_rate then 1 else 0 end) over () > 0
        as finding_has_above,
    {{ var('false_discovery_rate') }} as finding_discovery_rate,
    {% set above = 'case when is_discovery and repeat_rate > all_repeat_rate then ' -%}
    {%- for name in ['category', 'repeat_rate', 'num_customers', 'low_repeat_rate',
        'high_repeat_rate'] -%}
    {{ value_at(above ~ name ~ ' end', above ~ '0 else 1 end, low_repeat_rate desc, category') }}
        as finding_best_{{ name }}
        {%- if not loop.last %},{% endif %}
    {% endfor %}
from answer
order by low_repeat_rate desc, category
