-- One row per band of sellers by the number of their sales: once, a few, and so on.
{% set starts = [2, 6, 21, 101] %}
with

mart_seller_scorecard as (
    select
        is_active,
        num_sales,
        num_reviewed_orders,
        sum_review_score,
        num_deliveries,
        num_on_time,
        revenue_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_sales > 0 and not is_unknown
),

banded as (
    select
        *,
        {{ band_number('num_sales', starts) }} as band
    from mart_seller_scorecard
),

grouped as (
    select
        band,
        count(*) as num_sellers,
        {{ count_where('is_active') }} as num_active,
        sum(num_sales) as num_sales,
        sum(num_reviewed_orders) as num_reviewed_orders,
        sum(sum_review_score) as sum_review_score,
        sum(num_deliveries) as num_deliveries,
        sum(num_on_time) as num_on_time,
        sum(revenue_amount) as revenue_amount
    from banded
    group by band
)

select
    {{ name_of_number('band', band_names(starts, is_whole=true)) }} as sales_band,
    num_sellers,
    {{ ratio('num_sellers', 'sum(num_sellers) over ()') }} as seller_rate,
    cast(num_sales as integer) as num_sales,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('revenue_amount', 'num_sales', 2) }} as average_order_value,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 2) }}
        as average_review_score,
    {{ ratio('num_on_time', 'num_deliveries') }} as on_time_rate,
    {{ ratio('num_active', 'num_sellers') }} as active_rate
from grouped
order by band
