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

fact_orders as (
    select order_date, revenue_amount
    from {{ ref('fact_orders') }}
    where is_sale and has_items
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

-- How far the values of single orders lie apart, for the interval of their mean.
spread as (
    select
        {{ month_start('order_date') }} as order_month,
        stddev_samp(revenue_amount) as sd_order_value
    from fact_orders
    group by {{ month_start('order_date') }}
),

averaged as (
    select
        months.*,
        {{ safe_divide('months.revenue_amount', 'months.num_sales') }} as average_order_value,
        1.96 * spread.sd_order_value / sqrt(months.num_sales) as margin
    from months
    inner join spread on months.order_month = spread.order_month
),

answer as (
    select
        averaged.order_month,
        averaged.num_sales,
        averaged.revenue_amount,
        {{ rounded('averaged.average_order_value', 2) }} as average_order_value_amount,
        {{ rounded('averaged.average_order_value - averaged.margin', 2) }}
            as low_order_value_amount,
        {{ rounded('averaged.average_order_value + averaged.margin', 2) }}
            as high_order_value_amount,
        {{ ratio('averaged.num_items', 'averaged.num_sales') }} as items_per_order,
        {{ ratio('averaged.gmv_amount', 'averaged.num_items', 2) }} as average_price_amount,
        {{ ratio('averaged.freight_amount', 'averaged.num_items', 2) }} as average_freight_amount,
        {{ ratio('averaged.average_order_value - month_before.average_order_value',
            'month_before.average_order_value') }} as mom_change_rate,
        {{ ratio('averaged.average_order_value - year_before.average_order_value',
            'year_before.average_order_value') }} as yoy_change_rate,
        abs(averaged.average_order_value - year_before.average_order_value)
        > sqrt(averaged.margin * averaged.margin + year_before.margin * year_before.margin)
            as is_other_than_year_before
    from averaged
    left join averaged as month_before
        on averaged.order_month = {{ dbt.dateadd('month', 1, 'month_before.order_month') }}
    left join averaged as year_before
        on averaged.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
)

select
    *,
    {{ value_at('yoy_change_rate is not null', 'order_month desc') }} as finding_has_year_before,
    {{ value_at('coalesce(is_other_than_year_before, false)',
        'order_month desc') }} as finding_has_moved,
    {{ value_at('order_month',
        'average_order_value_amount desc, order_month') }} as finding_peak_month,
    max(average_order_value_amount) over () as finding_peak_amount
from answer
order by order_month
