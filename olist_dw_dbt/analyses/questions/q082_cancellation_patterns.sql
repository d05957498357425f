-- One row per dimension (price, category group, region, payment type) and value of it with at
-- least min_orders_for_rare_rates orders, with an exact test against all orders of the dimension.
{% set starts = var('price_band_starts') %}
{% set names = band_names(starts) %}
{% set surest = 'case when is_discovery then 0 else 1 end, low_index desc, dimension, value' %}
with

fact_orders as (
    select
        order_status,
        main_payment_type,
        has_items,
        {{ band_number('item_amount', starts) }} as band
    from {{ ref('fact_orders') }}
),

mart_order_funnel as (
    select customer_region, order_status, num_orders
    from {{ ref('mart_order_funnel') }}
),

mart_category_performance as (
    select category_group, num_orders_of_any_status, num_canceled_orders
    from {{ ref('mart_category_performance') }}
),

-- Price and category group are of orders with items alone: a quarter of the canceled ones have
-- none.
all_values as (
    select
        'price' as dimension,
        1 as dimension_number,
        band as position,
        {{ name_of_number('band', names) }} as value,
        count(*) as num_orders,
        {{ count_where("order_status = 'canceled'") }} as num_canceled
    from fact_orders
    where has_items
    group by band
    union all
    select
        'category group',
        2,
        0,
        category_group,
        sum(num_orders_of_any_status),
        sum(num_canceled_orders)
    from mart_category_performance
    group by category_group
    union all
    select
        'region',
        3,
        0,
        customer_region,
        sum(num_orders),
        sum(case when order_status = 'canceled' then num_orders else 0 end)
    from mart_order_funnel
    group by customer_region
    union all
    select
        'payment type',
        4,
        0,
        main_payment_type,
        count(*),
        sum(case when order_status = 'canceled' then 1 else 0 end)
    from fact_orders
    group by main_payment_type
),

rated as (
    select
        {{ dbt.concat(['dimension', "' '", 'value']) }} as name,
        dimension,
        dimension_number,
        position,
        value,
        cast(num_orders as {{ dbt.type_bigint() }}) as num_orders,
        cast(num_canceled as {{ dbt.type_bigint() }}) as num_canceled,
        {{ safe_divide(
            'sum(num_canceled) over (partition by dimension)',
            'sum(num_orders) over (partition by dimension)'
        ) }} as base_rate
    from all_values
),

ranked as (
    select
        *,
        {{ safe_divide('num_canceled', 'num_orders') }} as cancellation_rate,
        {{ wilson_bound('num_canceled', 'num_orders', 'low') }} as low_rate,
        {{ wilson_bound('num_canceled', 'num_orders', 'high') }} as high_rate
    from rated
    where num_orders >= {{ var('min_orders_for_rare_rates') }}
),

tests as (
    {{ binomial_tests('ranked', 'name', 'num_canceled', 'num_orders', 'base_rate') }}
),

found as (
    {{ discoveries('tests', 'name') }}
),

answer as (
    select
        ranked.dimension,
        ranked.dimension_number,
        ranked.position,
        ranked.value,
        ranked.num_orders,
        ranked.num_canceled,
        {{ rounded('ranked.cancellation_rate') }} as cancellation_rate,
        {{ rounded('ranked.low_rate') }} as low_cancellation_rate,
        {{ rounded('ranked.high_rate') }} as high_cancellation_rate,
        {{ rounded('ranked.base_rate') }} as base_cancellation_rate,
        {{ ratio('ranked.cancellation_rate', 'ranked.base_rate', 2) }} as cancellation_index,
        {{ ratio('ranked.low_rate', 'ranked.base_rate', 2) }} as low_index,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        coalesce(found.is_discovery, false) as is_discovery,
        {{ var('min_orders_for_rare_rates') }} as min_orders
    from ranked
    left join found on ranked.name = found.name
)

select
    dimension,
    value,
    num_orders,
    num_canceled,
    cancellation_rate,
    low_cancellation_rate,
    high_cancellation_rate,
    base_cancellation_rate,
    cancellation_index,
    low_index,
    adjusted_p_value,
    is_discovery,
    min_orders,
    sum(case when is_discovery and low_index > 1 then 1 else 0 end) over () > 0
        as finding_has_more,
    {{ value_at('dimension', surest) }} as finding_what,
    {% for column in ['value', 'num_orders', 'num_canceled', 'cancellation_rate',
        'low_cancellation_rate', 'high_cancellation_rate', 'base_cancellation_rate',
        'cancellation_index'] -%}
    {{ value_at(column, surest) }} as finding_{{ column }},
    {% endfor -%}
    sum(case when is_discovery and low_index > 1 then 1 else 0 end) over ()
        as finding_num_more,
    sum(case when is_discovery and cancellation_index < 1 then 1 else 0 end) over ()
        as finding_num_fewer
from answer
order by
    dimension_number,
    position,
    case when dimension_number > 1 then low_cancellation_rate end desc,
    value
