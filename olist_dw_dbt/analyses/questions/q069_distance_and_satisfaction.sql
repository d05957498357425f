-- One row per band of distance between seller and buyer. Only orders of one seller: of several,
-- the review does not say which one it means.
with

fact_deliveries as (
    select order_key, freight_amount, distance_km
    from {{ ref('fact_deliveries') }}
    where not is_orphan and distance_km is not null
),

fact_orders as (
    select order_key, is_delivered, is_on_time, is_late, review_score, delivery_days
    from {{ ref('fact_orders') }}
    where num_sellers = 1
),

banded as (
    select
        {{ band_number('fact_deliveries.distance_km', var('distance_band_starts')) }} as band,
        fact_deliveries.freight_amount,
        fact_orders.is_delivered,
        fact_orders.is_on_time,
        fact_orders.is_late,
        fact_orders.review_score,
        fact_orders.delivery_days
    from fact_deliveries
    inner join fact_orders on fact_deliveries.order_key = fact_orders.order_key
),

bands as (
    select
        band,
        count(*) as num_orders,
        count(review_score) as num_reviewed_orders,
        sum(review_score) as sum_review_score,
        sum(review_score * review_score) as sum_square,
        count(case when is_on_time then review_score end) as num_on_time_reviews,
        sum(case when is_on_time then review_score * review_score end) as sum_on_time_square,
        sum(case when is_on_time then review_score end) as sum_on_time_review_score,
        {{ count_where('is_delivered') }} as num_delivered,
        {{ count_where('is_late') }} as num_late,
        {{ sum_days('delivery_days') }} as sum_delivery_days,
        sum(freight_amount) as freight_amount
    from banded
    group by band
)

select
    {{ name_of_number('band', band_names(var('distance_band_starts'), ' km')) }}
        as distance_band,
    num_orders,
    {{ ratio('num_orders', 'sum(num_orders) over ()') }} as order_rate,
    num_reviewed_orders,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 3) }} as average_review_score,
    {% for side in ['low', 'high'] -%}
    {{ rounded(mean_bound('sum_review_score', 'sum_square', 'num_reviewed_orders', side), 3) }}
        as {{ side }}_review_score,
    {% endfor -%}
    {{ ratio('sum_on_time_review_score', 'num_on_time_reviews', 3) }}
        as on_time_average_review_score,
    {% for side in ['low', 'high'] -%}
    {{ rounded(mean_bound(
        'sum_on_time_review_score', 'sum_on_time_square', 'num_on_time_reviews', side
    ), 3) }} as on_time_{{ side }}_review_score,
    {% endfor -%}
    {{ ratio('num_late', 'num_delivered') }} as late_rate,
    {{ ratio('sum_delivery_days', 'num_delivered', 1) }} as average_delivery_days,
    {{ ratio('freight_amount', 'num_orders', 2) }} as average_freight_amount
from bands
order by band
