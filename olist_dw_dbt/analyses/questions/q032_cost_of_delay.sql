-- One row per band of days between the promised day and the delivery: the stars of its orders and
-- what they lack of those that came on time. The score is the order's latest review.
{%- set bands = var('delay_day_bands') %}
{%- set starts = bands | map(attribute='from_days') | reject('none') | list %}
with

fact_orders as (
    select
        {{ band_number('delay_days', starts) }} as band_number,
        review_score,
        is_on_time,
        is_late,
        is_reviewed_before_delivery
    from {{ ref('fact_orders') }}
    where is_delivered and review_score is not null
),

on_time as (
    select {{ safe_divide('sum(review_score)', 'count(*)') }} as review_score
    from fact_orders
    where is_on_time
),

-- Two answers to two questions: what late orders get, and what they get once they are there. Most
-- of the late ones are reviewed while the customer still waits.
both_ways as (
    select
        {{ ratio('sum(case when is_late then review_score end)',
            'sum(case when is_late then 1 end)', 2) }} as late_score,
        {{ ratio('sum(case when is_late and not is_reviewed_before_delivery then review_score end)',
            'sum(case when is_late and not is_reviewed_before_delivery then 1 end)', 2) }}
            as late_after_score,
        {{ ratio('sum(case when is_on_time and not is_reviewed_before_delivery then review_score '
            ~ 'end)', 'sum(case when is_on_time and not is_reviewed_before_delivery then 1 end)',
            2) }} as on_time_after_score,
        {{ ratio('sum(case when is_late and is_reviewed_before_delivery then 1 else 0 end)',
            'sum(case when is_late then 1 end)') }} as before_rate,
        sum(case when is_late then 1 else 0 end) as num_late
    from fact_orders
),

bands as (
    select
        band_number,
        count(*) as num_reviewed_orders,
        {{ safe_divide('sum(review_score)', 'count(*)') }} as review_score,
        {{ safe_divide('sum(case when review_score = 1 then 1 else 0 end)', 'count(*)') }}
            as one_star_rate,
        sum(case when is_reviewed_before_delivery then 1 else 0 end) as num_before,
        sum(case when not is_reviewed_before_delivery then review_score end) as sum_after
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
    {{ rounded('on_time.review_score - bands.review_score', 2) }} as lost_stars,
    {{ ratio('bands.num_before', 'bands.num_reviewed_orders') }} as reviewed_before_rate,
    {{ ratio('bands.sum_after', '(bands.num_reviewed_orders - bands.num_before)', 2) }}
        as review_score_after_delivery,
    both_ways.late_score as finding_late_score,
    both_ways.num_late as finding_num_late,
    both_ways.before_rate as finding_before_rate,
    both_ways.late_after_score as finding_late_after_score,
    both_ways.on_time_after_score as finding_on_time_after_score
from bands
cross join on_time
cross join both_ways
order by bands.band_number
