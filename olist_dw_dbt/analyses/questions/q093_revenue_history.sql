-- One row per complete month of purchase.
with

mart_executive_dashboard as (
    select order_month, revenue_amount
    from {{ ref('mart_executive_dashboard') }}
    where is_complete_month
),

months as (
    select
        order_month,
        sum(revenue_amount) as revenue_amount
    from mart_executive_dashboard
    group by order_month
),

-- Complete months can have a gap, so they are found by date, not by place.
compared as (
    select
        months.order_month,
        months.revenue_amount,
        year_ago.revenue_amount as year_ago_revenue_amount,
        case
            when count(*) over (
                order by months.order_month
                rows between 2 preceding and current row
            ) = 3
                then sum(months.revenue_amount) over (
                    order by months.order_month
                    rows between 2 preceding and current row
                )
        end as three_month_revenue_amount
    from months
    left join months as year_ago
        on year_ago.order_month = {{ dbt.dateadd('month', -12, 'months.order_month') }}
),

ranked as (
    select
        *,
        row_number() over (order by order_month desc) as months_back
    from compared
),

-- In percent of their mean, a month.
trend as (
    select
        min(order_month) as first_month,
        {% for side in ['low', 'high'] -%}
        {{ rounded(slope_bound(
            'cast(revenue_amount as ' ~ type_double() ~ ')', '-months_back', side
        ) ~ ' / avg(revenue_amount)') }} as {{ side }}_rate{{ ',' if not loop.last }}
        {% endfor %}
    from ranked
    where months_back <= {{ var('long_trend_months') }}
)

select
    ranked.order_month,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('three_month_revenue_amount', '3', 2) }} as average_revenue_amount,
    cast(year_ago_revenue_amount as decimal(18, 2)) as year_ago_revenue_amount,
    {{ ratio('revenue_amount - year_ago_revenue_amount', 'year_ago_revenue_amount') }}
        as year_growth_rate,
    'A forecast of monthly revenue with intervals. Two years of months, one Black Friday: any'
    || ' season it finds is a guess. Until then: history.' as waits_for_model,
    trend.first_month as finding_first_month,
    trend.low_rate as finding_low_rate,
    trend.high_rate as finding_high_rate,
    coalesce(trend.low_rate > 0, false) as finding_is_rising,
    coalesce(trend.high_rate < 0, false) as finding_is_falling,
    trend.low_rate is null as finding_is_short
from ranked
cross join trend
order by ranked.order_month
