-- One row per dimension (price, category group, region, payment type) and value of it with at
-- least min_orders_for_ranking orders.
{% set starts = var('price_band_starts') %}
{% set names = band_names(starts) %}
with

fact_orders as (
    select
        geography_key,
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

all_values as (
    select
        'price' as dimension,
        1 as dimension_number,
        case when has_items then band else 0 end as position,
        case when has_items then {{ name_of_number('band', names) }} else 'no items' end
            as value,
        count(*) as num_orders,
        {{ count_where("order_status = 'canceled'") }} as num_canceled
    from fact_orders
    group by
        case when has_items then band else 0 end,
        case when has_items then {{ name_of_number('band', names) }} else 'no items' end
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

everything as (
    select {{ safe_divide('sum(num_canceled)', 'sum(num_orders)') }} as all_cancellation_rate
    from all_values
    where dimension = 'region'
),

rated as (
    select
        all_values.*,
        {{ safe_divide('all_values.num_canceled', 'all_values.num_orders') }}
            as cancellation_rate,
        everything.all_cancellation_rate
    from all_values
    cross join everything
)

select
    dimension,
    value,
    cast(num_orders as {{ dbt.type_bigint() }}) as num_orders,
    cast(num_canceled as {{ dbt.type_bigint() }}) as num_canceled,
    {{ rounded('cancellation_rate') }} as cancellation_rate,
    {{ rounded('all_cancellation_rate') }} as all_cancellation_rate,
    {{ ratio('cancellation_rate', 'all_cancellation_rate', 2) }} as cancellation_index,
    {% for name, band in [('dearest', names[-1]), ('cheapest', names[0])] -%}
    '{{ band }}' as {{ name }}_band,
    {{ rounded("max(case when value = '" ~ band ~ "' then cancellation_rate end) over ()") }}
        as {{ name }}_rate,
    {% endfor -%}
    {{ var('min_orders_for_ranking') }} as min_orders
from rated
where num_orders >= {{ var('min_orders_for_ranking') }}
order by
    dimension_number,
    position,
    case when dimension_number > 1 then cancellation_rate end desc,
    value
