-- One row per band of days from purchase to door: the stars of the delivered orders of the band.
-- The score is the order's latest review.
{%- set starts = var('delivery_day_band_starts') %}
with

fact_orders as (
    select
        {{ band_number('delivery_days', starts) }} as band_number,
        delivery_days,
        review_score,
        is_late
    from {{ ref('fact_orders') }}
    where is_delivered and review_score is not null
),

overall as (
    select {{ rounded('corr(delivery_days, review_score)', 3) }} as correlation
    from fact_orders
),

answer as (
    select
        fact_orders.band_number,
        {{ name_of_number('fact_orders.band_number', band_names(starts, ' days')) }}
            as delivery_band,
        count(*) as num_reviewed_orders,
        {{ ratio('sum(fact_orders.review_score)', 'count(*)', 2) }} as average_review_score,
        {{ ratio('sum(case when fact_orders.review_score = 5 then 1 else 0 end)', 'count(*)') }}
            as five_star_rate,
        {{ ratio('sum(case when fact_orders.review_score = 1 then 1 else 0 end)', 'count(*)') }}
            as one_star_rate,
        {{ ratio('sum(case when fact_orders.is_late then 1 else 0 end)', 'count(*)') }}
            as late_rate,
        overall.correlation
    from fact_orders
    cross join overall
    group by fact_orders.band_number, overall.correlation
)

select
    *,
    sum(num_reviewed_orders) over () as finding_num_orders
from answer
order by band_number
