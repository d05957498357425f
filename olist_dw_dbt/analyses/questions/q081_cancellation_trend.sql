-- One row per complete month of purchase. Of all orders, those without an item among them.
{%- set months_of_trend = 12 %}
with

mart_order_funnel as (
    select order_month, order_status, num_orders
    from {{ ref('mart_order_funnel') }}
    where is_complete_month
),

complete_months as (
    {{ complete_months() }}
),

months as (
    select
        mart_order_funnel.order_month,
        max(complete_months.months_back) as months_back,
        {{ total('mart_order_funnel.num_orders') }} as num_orders,
        {{ total("case when mart_order_funnel.order_status = 'canceled'"
            ~ ' then mart_order_funnel.num_orders end') }} as num_canceled,
        {{ total("case when mart_order_funnel.order_status = 'unavailable'"
            ~ ' then mart_order_funnel.num_orders end') }} as num_unavailable
    from mart_order_funnel
    inner join complete_months on mart_order_funnel.order_month = complete_months.order_month
    group by mart_order_funnel.order_month
),

rated as (
    select
        *,
        {{ safe_divide('num_canceled', 'num_orders') }} as cancellation_rate
    from months
),

-- In points a month.
trend as (
    select
        min(order_month) as first_month,
        {% for side in ['low', 'high'] -%}
        {{ rounded(slope_bound('100 * cancellation_rate', '-months_back', side), 3) }}
            as {{ side }}_points{{ ',' if not loop.last }}
        {% endfor %}
    from rated
    where months_back <= {{ months_of_trend }}
)

select
    rated.order_month,
    rated.num_orders,
    rated.num_canceled,
    {{ rounded('rated.cancellation_rate') }} as cancellation_rate,
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound('rated.num_canceled', 'rated.num_orders', side)) }}
        as {{ side }}_cancellation_rate,
    {% endfor -%}
    rated.num_unavailable,
    {{ ratio('rated.num_unavailable', 'rated.num_orders') }} as unavailable_rate,
    {{ ratio('rated.num_canceled + rated.num_unavailable', 'rated.num_orders') }}
        as not_fulfilled_rate,
    cast(sum(rated.num_canceled) over () as {{ dbt.type_bigint() }}) as all_canceled,
    {{ ratio('sum(rated.num_canceled) over ()', 'sum(rated.num_orders) over ()') }}
        as all_cancellation_rate,
    trend.first_month as finding_first_month,
    trend.low_points as finding_low_points,
    trend.high_points as finding_high_points,
    coalesce(trend.low_points > 0, false) as finding_is_rising,
    coalesce(trend.high_points < 0, false) as finding_is_falling,
    trend.low_points is null as finding_is_short
from rated
cross join trend
order by rated.order_month
