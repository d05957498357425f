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
    end as growth_rate
from periods
left join periods as before
    on
        periods.period_type = before.period_type
        and periods.period_start = before.next_period_start
order by periods.num_months_of_period, periods.period_start
