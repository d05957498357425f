-- One row per band of sellers by the days from the first sale to the as-of date.
{% set starts = [91, 181, 366] %}
with

mart_seller_scorecard as (
    select
        is_active,
        days_since_first_sale,
        num_active_months,
        num_orders,
        num_sales,
        num_canceled_orders,
        num_reviewed_orders,
        sum_review_score,
        num_dispatched,
        num_dispatch_late,
        num_deliveries,
        num_on_time,
        revenue_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_sales > 0 and not is_unknown
),

banded as (
    select
        *,
        {{ band_number('days_since_first_sale', starts) }} as band
    from mart_seller_scorecard
),

grouped as (
    select
        band,
        count(*) as num_sellers,
        {{ count_where('is_active') }} as num_active,
        sum(num_active_months) as num_active_months,
        sum(num_orders) as num_orders,
        sum(num_sales) as num_sales,
        sum(num_canceled_orders) as num_canceled_orders,
        sum(num_reviewed_orders) as num_reviewed_orders,
        sum(sum_review_score) as sum_review_score,
        sum(num_dispatched) as num_dispatched,
        sum(num_dispatch_late) as num_dispatch_late,
        sum(num_deliveries) as num_deliveries,
        sum(num_on_time) as num_on_time,
        sum(revenue_amount) as revenue_amount
    from banded
    group by band
)

select
    {{ name_of_number('band', band_names(starts, ' days', is_whole=true)) }} as tenure_band,
    num_sellers,
    {{ ratio('num_active', 'num_sellers') }} as active_rate,
    cast(num_sales as integer) as num_sales,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'num_active_months', 2) }} as average_monthly_revenue,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 2) }}
        as average_review_score,
    {{ ratio('num_on_time', 'num_deliveries') }} as on_time_rate,
    {{ ratio('num_dispatch_late', 'num_dispatched') }} as dispatch_late_rate,
    {{ ratio('num_canceled_orders', 'num_orders') }} as cancellation_rate
from grouped
order by band
