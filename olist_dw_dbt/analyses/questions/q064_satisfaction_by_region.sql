-- One row per state of the customer with at least min_orders_for_ranking reviews, most satisfied
-- first.
with

mart_executive_dashboard as (
    select
        customer_state,
        region,
        num_reviews,
        sum_review_score,
        num_promoters,
        num_detractors,
        num_delivered,
        num_on_time,
        sum_delivery_days
    from {{ ref('mart_executive_dashboard') }}
),

states as (
    select
        customer_state as state,
        region,
        {{ total('num_reviews') }} as num_reviews,
        sum(sum_review_score) as sum_review_score,
        sum(num_promoters) as num_promoters,
        sum(num_detractors) as num_detractors,
        sum(num_delivered) as num_delivered,
        sum(num_on_time) as num_on_time,
        {{ sum_exact('sum_delivery_days') }} as sum_delivery_days
    from mart_executive_dashboard
    group by customer_state, region
),

rated as (
    select
        state,
        region,
        num_reviews,
        {{ ratio('sum_review_score', 'num_reviews', 3) }} as average_review_score,
        {{ ratio(
            'sum(sum_review_score) over (partition by region)',
            'sum(num_reviews) over (partition by region)', 3
        ) }} as region_average_review_score,
        {{ ratio('100 * (num_promoters - num_detractors)', 'num_reviews', 1) }} as nps_points,
        {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
        {{ ratio('sum_delivery_days', 'num_delivered', 1) }} as average_delivery_days
    from states
)

select
    state,
    region,
    num_reviews,
    average_review_score,
    region_average_review_score,
    nps_points,
    on_time_rate,
    average_delivery_days
from rated
where num_reviews >= {{ var('min_orders_for_ranking') }}
order by average_review_score desc, state
