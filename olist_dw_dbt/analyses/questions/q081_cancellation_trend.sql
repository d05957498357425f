-- One row per complete month of purchase.
with

mart_order_funnel as (
    select order_month, order_status, num_orders
    from {{ ref('mart_order_funnel') }}
    where is_complete_month
),

months as (
    select
        order_month,
        {{ total('num_orders') }} as num_orders,
        {{ total("case when order_status = 'canceled' then num_orders end") }} as num_canceled,
        {{ total("case when order_status = 'unavailable' then num_orders end") }}
            as num_unavailable
    from mart_order_funnel
    group by order_month
)

select
    order_month,
    num_orders,
    num_canceled,
    {{ ratio('num_canceled', 'num_orders') }} as cancellation_rate,
    num_unavailable,
    {{ ratio('num_unavailable', 'num_orders') }} as unavailable_rate,
    cast(sum(num_canceled) over () as {{ dbt.type_bigint() }}) as all_canceled,
    {{ ratio('sum(num_canceled) over ()', 'sum(num_orders) over ()') }} as all_cancellation_rate
from months
order by order_month
