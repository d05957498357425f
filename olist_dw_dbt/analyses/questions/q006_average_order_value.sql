-- One row per complete month: the average order value, and the parts it is made of. Orders without
-- items are in none of them.
with

mart_executive_dashboard as (
    select
        order_month,
        is_complete_month,
        num_sales_with_items,
        num_items,
        gmv_amount,
        freight_amount,
        revenue_amount
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        {{ total('num_sales_with_items') }} as num_sales,
        {{ total('num_items') }} as num_items,
        sum(gmv_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from mart_executive_dashboard
    where is_complete_month
    group by order_month
),

averaged as (
    select
        *,
        {{ safe_divide('revenue_amount', 'num_sales') }} as average_order_value
    from months
)

select
    averaged.order_month,
    averaged.num_sales,
    averaged.revenue_amount,
    {{ rounded('averaged.average_order_value', 2) }} as average_order_value_amount,
    {{ ratio('averaged.num_items', 'averaged.num_sales') }} as items_per_order,
    {{ ratio('averaged.gmv_amount', 'averaged.num_items', 2) }} as average_price_amount,
    {{ ratio('averaged.freight_amount', 'averaged.num_items', 2) }} as average_freight_amount,
    {{ ratio('averaged.average_order_value - month_before.average_order_value',
        'month_before.average_order_value') }} as mom_change_rate,
    {{ ratio('averaged.average_order_value - year_before.average_order_value',
        'year_before.average_order_value') }} as yoy_change_rate
from averaged
left join averaged as month_before
    on averaged.order_month = {{ dbt.dateadd('month', 1, 'month_before.order_month') }}
left join averaged as year_before
    on averaged.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
order by averaged.order_month
