-- One row per complete month of purchase whose deliveries are mature: the share of deliveries after
-- the promised day, and its change in percentage points. Orders still on their way are in neither
-- number.
{%- set trend = 'order by months.order_month rows between '
    ~ (var('short_trend_months') - 1) ~ ' preceding and current row' %}
with

fact_orders as (
    select
        {{ month_start('order_date') }} as order_month,
        is_delivered,
        is_late,
        delay_days
    from {{ ref('fact_orders') }}
    where is_delivered
),

dim_date as (
    select distinct month_start_date as order_month
    from {{ ref('dim_date') }}
    where is_complete_month and is_delivery_mature_month
),

months as (
    select
        fact_orders.order_month,
        count(*) as num_delivered,
        {{ count_where('fact_orders.is_late') }} as num_late,
        {{ total('case when fact_orders.is_late then fact_orders.delay_days end') }}
            as sum_late_days,
        {{ safe_divide('sum(case when fact_orders.is_late then 1 else 0 end)', 'count(*)') }}
            as late_rate
    from fact_orders
    inner join dim_date on fact_orders.order_month = dim_date.order_month
    group by fact_orders.order_month
),

answer as (
    select
        months.order_month,
        months.num_delivered,
        months.num_late,
        {{ rounded('months.late_rate') }} as late_rate,
        {{ rounded(wilson_bound('months.num_late', 'months.num_delivered', 'low')) }}
            as low_late_rate,
        {{ rounded(wilson_bound('months.num_late', 'months.num_delivered', 'high')) }}
            as high_late_rate,
        {{ rounded('(months.late_rate - month_before.late_rate) * 100', 2) }}
            as mom_change_points,
        {{ rounded('(months.late_rate - year_before.late_rate) * 100', 2) }} as yoy_change_points,
        abs(months.late_rate - year_before.late_rate) > {{ var('interval_z') }} * sqrt(
            months.late_rate * (1 - months.late_rate) / months.num_delivered
            + year_before.late_rate * (1 - year_before.late_rate) / year_before.num_delivered
        ) as is_other_than_year_before,
        {{ ratio('sum(months.num_late) over (' ~ trend ~ ')',
            'sum(months.num_delivered) over (' ~ trend ~ ')') }}
            as smoothed_late_rate,
        {{ var('short_trend_months') }} as num_smoothed_months,
        {{ ratio('months.sum_late_days', 'months.num_late', 1) }} as average_late_days
    from months
    left join months as month_before
        on months.order_month = {{ dbt.dateadd('month', 1, 'month_before.order_month') }}
    left join months as year_before
        on months.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
)

select
    *,
    {{ value_at('coalesce(is_other_than_year_before, false)',
        'order_month desc') }} as finding_has_moved,
    {{ value_at('order_month', 'late_rate desc, order_month') }} as finding_peak_month,
    max(late_rate) over () as finding_peak_rate,
    {{ value_at('smoothed_late_rate', 'order_month desc') }} as finding_recent_rate
from answer
order by order_month
