-- One row per complete month: its revenue beside that of the month before and of the same month
-- a year before. Incomplete months stand on neither side of a growth rate.
with

mart_executive_dashboard as (
    select order_month, is_complete_month, num_sales, revenue_amount
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        {{ total('num_sales') }} as num_sales,
        sum(revenue_amount) as revenue_amount
    from mart_executive_dashboard
    where is_complete_month
    group by order_month
),

answer as (
    select
        months.order_month,
        months.num_sales,
        months.revenue_amount,
        month_before.revenue_amount as month_before_revenue_amount,
        year_before.revenue_amount as year_before_revenue_amount,
        {{ ratio('months.revenue_amount - month_before.revenue_amount',
            'month_before.revenue_amount') }} as mom_growth_rate,
        {{ ratio('months.revenue_amount - year_before.revenue_amount',
            'year_before.revenue_amount') }} as yoy_growth_rate
    from months
    left join months as month_before
        on months.order_month = {{ dbt.dateadd('month', 1, 'month_before.order_month') }}
    left join months as year_before
        on months.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
)

select
    *,
    {{ value_at('yoy_growth_rate is not null', 'order_month desc') }} as finding_has_year_before,
    {{ value_at('order_month', 'revenue_amount desc, order_month') }} as finding_peak_month,
    max(revenue_amount) over () as finding_peak_amount
from answer
order by order_month
