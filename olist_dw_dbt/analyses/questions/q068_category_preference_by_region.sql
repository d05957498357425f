-- One row per region of the customer and category group, the surest leaning first. Pairs of fewer
-- than min_orders_of_pair orders are left out, and products without a category.
{% set min_orders_of_pair = 200 %}
{% set weakest = 'high_index, pair' %}
with

mart_category_performance as (
    select region, category_group, num_orders, gmv_amount
    from {{ ref('mart_category_performance') }}
),

pairs as (
    select
        {{ dbt.concat(['region', "' '", 'category_group']) }} as pair,
        region,
        category_group,
        {{ total('num_orders') }} as num_orders,
        sum(gmv_amount) as gmv_amount
    from mart_category_performance
    group by region, category_group
),

-- An order with categories of two groups counts in both.
shares as (
    select
        *,
        sum(num_orders) over (partition by region) as region_orders,
        {{ safe_divide(
            'sum(num_orders) over (partition by category_group)', 'sum(num_orders) over ()'
        ) }} as all_order_rate
    from pairs
),

ranked as (
    select
        *,
        {{ safe_divide('num_orders', 'region_orders') }} as order_rate,
        {% for side in ['low', 'high'] -%}
        {{ safe_divide(wilson_bound('num_orders', 'region_orders', side), 'all_order_rate') }}
            as {{ side }}_index{{ ',' if not loop.last }}
        {% endfor %}
    from shares
    where num_orders >= {{ min_orders_of_pair }} and category_group <> 'Unknown'
),

tests as (
    {{ binomial_tests('ranked', 'pair', 'num_orders', 'region_orders', 'all_order_rate') }}
),

found as (
    {{ discoveries('tests', 'pair') }}
),

answer as (
    select
        ranked.pair,
        ranked.region,
        ranked.category_group,
        ranked.num_orders,
        cast(ranked.gmv_amount as decimal(18, 2)) as gmv_amount,
        {{ rounded('ranked.order_rate') }} as order_rate,
        {{ rounded('ranked.all_order_rate') }} as all_order_rate,
        {{ ratio('ranked.order_rate', 'ranked.all_order_rate', 3) }} as preference_index,
        {{ rounded('ranked.low_index', 3) }} as low_index,
        {{ rounded('ranked.high_index', 3) }} as high_index,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery,
        {{ min_orders_of_pair }} as min_orders
    from ranked
    inner join found on ranked.pair = found.pair
)

select
    region,
    category_group,
    num_orders,
    gmv_amount,
    order_rate,
    all_order_rate,
    preference_index,
    low_index,
    high_index,
    adjusted_p_value,
    is_discovery,
    min_orders,
    sum(case when is_discovery then 1 else 0 end) over () as finding_num_leanings,
    max(low_index) over () > 1 and min(high_index) over () < 1 as finding_is_apart,
    {{ value_at('region', weakest) }} as finding_weakest_region,
    {{ value_at('category_group', weakest) }} as finding_weakest_group,
    {{ value_at('preference_index', weakest) }} as finding_weakest_index,
    {{ value_at('high_index', weakest) }} as finding_weakest_high_index
from answer
order by low_index desc, region, category_group
