-- One row per complete month of purchase: what a seller with a sale in it made. Items whose
-- seller the source does not know are left out.
with

mart_seller_months as (
    select order_month, revenue_amount
    from {{ ref('mart_seller_months') }}
    where is_complete_month and num_sales > 0 and seller_key <> {{ unknown_key() }}
),

months as (
    select
        order_month,
        count(*) as num_sellers,
        sum(revenue_amount) as revenue_amount,
        {{ median('revenue_amount') }} as median_revenue_per_seller
    from mart_seller_months
    group by order_month
),

averaged as (
    select
        *,
        {{ safe_divide('revenue_amount', 'num_sellers') }} as average_revenue_per_seller
    from months
)

select
    order_month,
    num_sellers,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ rounded('average_revenue_per_seller', 2) }} as average_revenue_per_seller,
    {{ rounded('median_revenue_per_seller', 2) }} as median_revenue_per_seller,
    {{ ratio(
        'average_revenue_per_seller - lag(average_revenue_per_seller) over (order by order_month)',
        'lag(average_revenue_per_seller) over (order by order_month)'
    ) }} as previous_growth_rate
from averaged
order by order_month
