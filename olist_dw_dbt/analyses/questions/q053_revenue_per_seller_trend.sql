-- One row per complete month of purchase: what a seller with a sale in it made. Items whose
-- seller the source does not know are left out.
{%- set months_of_trend = 12 %}
with

mart_seller_months as (
    select
        order_month,
        cast(revenue_amount as {{ type_double() }}) as revenue_amount,
        revenue_amount as exact_revenue_amount
    from {{ ref('mart_seller_months') }}
    where is_complete_month and num_sales > 0 and seller_key <> {{ unknown_key() }}
),

complete_months as (
    {{ complete_months() }}
),

months as (
    select
        order_month,
        count(*) as num_sellers,
        sum(exact_revenue_amount) as revenue_amount,
        {{ sum_exact('revenue_amount * revenue_amount', 2) }} as sum_square,
        {{ median('revenue_amount') }} as median_revenue_per_seller
    from mart_seller_months
    group by order_month
),

averaged as (
    select
        months.*,
        complete_months.months_back,
        {{ safe_divide('months.revenue_amount', 'months.num_sellers') }}
            as average_revenue_per_seller
    from months
    inner join complete_months on months.order_month = complete_months.order_month
),

-- In percent of the mean of these months, a month: what each adds, or takes.
trend as (
    select
        min(order_month) as first_month,
        {{ rounded(slope_bound('average_revenue_per_seller', '-months_back', 'low')
            ~ ' / avg(average_revenue_per_seller)') }} as low_rate,
        {{ rounded(slope_bound('average_revenue_per_seller', '-months_back', 'high')
            ~ ' / avg(average_revenue_per_seller)') }} as high_rate,
        {{ rounded('regr_slope(average_revenue_per_seller, -months_back)'
            ~ ' / avg(average_revenue_per_seller)') }} as rate
    from averaged
    where months_back <= {{ months_of_trend }}
)

select
    averaged.order_month,
    averaged.num_sellers,
    cast(averaged.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ rounded('averaged.average_revenue_per_seller', 2) }} as average_revenue_per_seller,
    {{ rounded(mean_bound(
        'averaged.revenue_amount', 'averaged.sum_square', 'averaged.num_sellers', 'low'
    ), 2) }} as low_revenue_per_seller,
    {{ rounded(mean_bound(
        'averaged.revenue_amount', 'averaged.sum_square', 'averaged.num_sellers', 'high'
    ), 2) }} as high_revenue_per_seller,
    {{ rounded('averaged.median_revenue_per_seller', 2) }} as median_revenue_per_seller,
    {{ ratio(
        'averaged.average_revenue_per_seller'
        ~ ' - lag(averaged.average_revenue_per_seller) over (order by averaged.order_month)',
        'lag(averaged.average_revenue_per_seller) over (order by averaged.order_month)'
    ) }} as previous_growth_rate,
    trend.first_month as finding_first_month,
    trend.rate as finding_rate,
    trend.low_rate as finding_low_rate,
    trend.high_rate as finding_high_rate,
    coalesce(trend.low_rate > 0, false) as finding_is_rising,
    coalesce(trend.high_rate < 0, false) as finding_is_falling,
    trend.rate is null as finding_is_short
from averaged
cross join trend
order by averaged.order_month
