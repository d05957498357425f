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
        sum(gmv_amount) as gmv_amount
    from mart_executive_dashboard
    group by order_month, is_complete_month
),

-- Windows over complete months alone, so that an incomplete one does not pull the mean.
smoothed as (
    select
        order_month,
        avg(gmv_amount) over (
            order by order_month
            rows between {{ var('short_trend_months') - 1 }} preceding and current row
        ) as smoothed_gmv_amount,
        row_number() over (order by order_month) as months_so_far
    from months
    where is_complete_month
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
    {{ var('short_trend_months') }} as num_smoothed_months
from months
left join smoothed on months.order_month = smoothed.order_month
order by months.order_month
