-- One row per band of days between the promised day and the delivery: the stars of its orders and
-- what they lack of those that came on time. The score is the order's latest review.
{%- set bands = var('delay_day_bands') %}
{%- set starts = bands | map(attribute='from_days') | reject('none') | list %}
with

fact_orders as (
    select
        {{ band_number('delay_days', starts) }} as band_number,
        review_score,
        is_on_time
    from {{ ref('fact_orders') }}
    where is_delivered and review_score is not null
),

on_time as (
    select {{ safe_divide('sum(review_score)', 'count(*)') }} as review_score
    from fact_orders
    where is_on_time
),

bands as (
    select
        band_number,
        count(*) as num_reviewed_orders,
        {{ safe_divide('sum(review_score)', 'count(*)') }} as review_score,
        {{ safe_divide('sum(case when review_score = 1 then 1 else 0 end)', 'count(*)') }}
            as one_star_rate
    from fact_orders
    group by band_number
)

select
    bands.band_number,
    {{ name_of_number('bands.band_number', bands | map(attribute='name')) }} as delay_band,
    bands.num_reviewed_orders,
    {{ rounded('bands.review_score', 2) }} as average_review_score,
    {{ rounded('bands.one_star_rate') }} as one_star_rate,
    {{ rounded('on_time.review_score', 2) }} as on_time_review_score,
    {{ rounded('on_time.review_score - bands.review_score', 2) }} as lost_stars
from bands
cross join on_time
order by bands.band_number
