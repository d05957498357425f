-- One row per month, quarter and year with an order; the coarser ones last. A period is complete
-- when all its months are, and only such periods grow.
with

mart_executive_dashboard as (
    select order_date, order_month, is_complete_month, num_orders, num_sales
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        cast({{ dbt.date_trunc('quarter', 'order_month') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('year', 'order_month') }} as date) as year_start,
        case when is_complete_month then 1 else 0 end as num_complete_months,
        {{ total('num_orders') }} as num_orders,
        {{ total('num_sales') }} as num_sales
    from mart_executive_dashboard
    group by order_month, is_complete_month
),

periods as (
    {% for period, column, length in [
        ('month', 'order_month', 1), ('quarter', 'quarter_start', 3), ('year', 'year_start', 12),
    ] -%}
    select
        '{{ period }}' as period_type,
        {{ column }} as period_start,
        {{ length }} as num_months_of_period,
        cast({{ dbt.dateadd('month', length, column) }} as date) as next_period_start,
        {{ total('num_complete_months') }} as num_complete_months,
        {{ total('num_orders') }} as num_orders,
        {{ total('num_sales') }} as num_sales
    from months
    group by {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- The complete months of the latest year, and of the year before those of the same names.
like_months as (
    select
        months.order_month,
        months.num_orders,
        year_before.num_orders as year_before_num_orders
    from months
    inner join months as year_before
        on months.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
    where
        months.num_complete_months = 1
        and year_before.num_complete_months = 1
        and months.year_start = (
            select max(latest.year_start) from months as latest where latest.num_complete_months = 1
        )
),

like_periods as (
    select
        min(order_month) as first_month,
        max(order_month) as last_month,
        {{ total('num_orders') }} as num_orders,
        {{ total('year_before_num_orders') }} as year_before_num_orders,
        {{ ratio('sum(num_orders) - sum(year_before_num_orders)',
            'sum(year_before_num_orders)') }} as growth_rate
    from like_months
)

select
    periods.period_type,
    periods.period_start,
    periods.num_complete_months,
    periods.num_complete_months = periods.num_months_of_period as is_complete,
    periods.num_orders,
    periods.num_sales,
    before.num_orders as previous_num_orders,
    case
        when
            periods.num_complete_months = periods.num_months_of_period
            and before.num_complete_months = before.num_months_of_period
            then {{ ratio('periods.num_orders - before.num_orders', 'before.num_orders') }}
    end as growth_rate,
    like_periods.num_orders > 0 as finding_has_like_months,
    like_periods.first_month as finding_first_month,
    like_periods.last_month as finding_last_month,
    like_periods.num_orders as finding_num_orders,
    like_periods.year_before_num_orders as finding_year_before_orders,
    like_periods.growth_rate as finding_growth_rate
from periods
cross join like_periods
left join periods as before
    on
        periods.period_type = before.period_type
        and periods.period_start = before.next_period_start
order by periods.num_months_of_period, periods.period_start
