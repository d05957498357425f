-- One row per month with an order, incomplete ones marked: GMV of the month and since the
-- beginning. The mean over the last complete months smooths single peaks.
with

mart_executive_dashboard as (
    select order_month, is_complete_month, num_sales_with_items, gmv_amount
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        is_complete_month,
        {{ total('num_sales_with_items') }} as num_sales,
        sum(gmv_amount) as gmv_amount,
        {{ safe_divide('sum(gmv_amount)', dbt.datediff('order_month',
            dbt.dateadd('month', 1, 'order_month'), 'day')) }} as gmv_per_day
    from mart_executive_dashboard
    group by order_month, is_complete_month
),

-- Windows over complete months alone, so that an incomplete one does not pull the mean. By day,
-- because February is a tenth shorter than its neighbours.
smoothed as (
    select
        order_month,
        avg(gmv_amount) over (
            order by order_month
            rows between {{ var('short_trend_months') - 1 }} preceding and current row
        ) as smoothed_gmv_amount,
        avg(gmv_per_day) over (
            order by order_month
            rows between {{ var('short_trend_months') - 1 }} preceding and current row
        ) as smoothed_gmv_per_day,
        row_number() over (order by order_month) as months_so_far,
        row_number() over (order by order_month desc) as months_back
    from months
    where is_complete_month
),

-- From the latest month backwards: does the mean of the run up to it hold all of it?
runs as (
    select
        *,
        avg(smoothed_gmv_per_day) over run as mean_amount,
        case
            when
                max(smoothed_gmv_per_day) over run
                <= (1 + {{ var('level_within_rate') }}) * avg(smoothed_gmv_per_day) over run
                and min(smoothed_gmv_per_day) over run
                >= (1 - {{ var('level_within_rate') }}) * avg(smoothed_gmv_per_day) over run
                then 1 else 0
        end as is_level
    from smoothed
    where months_so_far >= {{ var('short_trend_months') }}
    window run as (order by months_back)
),

-- The longest unbroken run.
level_months as (
    select
        *,
        min(is_level) over (order by months_back) as is_level_since
    from runs
),

latest as (
    select
        min(case when is_level_since = 1 then order_month end) as level_since,
        {{ total('is_level_since') }} as num_level_months,
        avg(case when is_level_since = 1 then smoothed_gmv_per_day end) as level_amount,
        {{ ratio('max(case when months_back = 1 then smoothed_gmv_per_day end)',
            'max(case when months_back = 13 then smoothed_gmv_per_day end)') }} as year_ratio
    from level_months
)

select
    months.order_month,
    months.is_complete_month,
    months.num_sales,
    months.gmv_amount,
    sum(months.gmv_amount) over (order by months.order_month) as cumulative_gmv_amount,
    case
        when smoothed.months_so_far >= {{ var('short_trend_months') }}
            then {{ rounded('smoothed.smoothed_gmv_amount', 2) }}
    end as smoothed_gmv_amount,
    case
        when smoothed.months_so_far >= {{ var('short_trend_months') }}
            then {{ rounded('smoothed.smoothed_gmv_per_day', 2) }}
    end as smoothed_gmv_per_day_amount,
    {{ var('short_trend_months') }} as num_smoothed_months,
    latest.num_level_months >= {{ var('short_trend_months') }} as finding_is_level,
    latest.level_since as finding_level_since,
    {{ rounded('latest.level_amount', 2) }} as finding_level_amount,
    {{ var('level_within_rate') }} as finding_level_within_rate,
    latest.year_ratio as finding_year_ratio,
    {{ value_at('months.order_month', 'case when months.is_complete_month then months.gmv_amount '
        ~ 'end desc nulls last, months.order_month') }} as finding_peak_month,
    max(case when months.is_complete_month then months.gmv_amount end) over ()
        as finding_peak_amount,
    {{ value_at('months.order_month', 'case when months.is_complete_month then 1 else 0 end '
        ~ 'desc, months.order_month desc') }} as finding_last_month
from months
left join smoothed on months.order_month = smoothed.order_month
cross join latest
order by months.order_month
