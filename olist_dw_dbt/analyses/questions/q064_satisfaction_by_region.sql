-- One row per state of the customer with at least min_orders_for_ranking reviews, the surely most
-- satisfied first: by the lower end of the interval, so that a few reviews do not lead.
{% set second = 'abs(satisfaction_rank - 2), satisfaction_rank' %}
{% set highest = 'average_review_score desc, state' %}
{% set lowest = 'high_review_score, state' %}
with

fact_orders as (
    select customer_key, review_score, is_delivered, is_on_time, delivery_days
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, coalesce(state, 'Unknown') as state, region
    from {{ ref('dim_customer') }}
),

states as (
    select
        dim_customer.state,
        dim_customer.region,
        count(fact_orders.review_score) as num_reviews,
        {{ total('fact_orders.review_score') }} as sum_review_score,
        {{ total('fact_orders.review_score * fact_orders.review_score') }} as sum_square,
        {{ count_where('fact_orders.review_score >= ' ~ var('positive_review_min_score')) }}
            as num_satisfied,
        {{ count_where('fact_orders.is_delivered') }} as num_delivered,
        {{ count_where('fact_orders.is_on_time') }} as num_on_time,
        {{ sum_days('fact_orders.delivery_days') }} as sum_delivery_days
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    group by dim_customer.state, dim_customer.region
),

rated as (
    select
        state,
        region,
        num_reviews,
        {{ ratio('sum_review_score', 'num_reviews', 3) }} as average_review_score,
        {{ rounded(mean_bound('sum_review_score', 'sum_square', 'num_reviews', 'low'), 3) }}
            as low_review_score,
        {{ rounded(mean_bound('sum_review_score', 'sum_square', 'num_reviews', 'high'), 3) }}
            as high_review_score,
        {{ ratio(
            'sum(sum_review_score) over (partition by region)',
            'sum(num_reviews) over (partition by region)', 3
        ) }} as region_average_review_score,
        {{ ratio('sum(sum_review_score) over ()', 'sum(num_reviews) over ()', 3) }}
            as all_average_review_score,
        {{ ratio('num_satisfied', 'num_reviews') }} as csat_rate,
        {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
        {{ ratio('sum_delivery_days', 'num_delivered', 1) }} as average_delivery_days
    from states
),

placed as (
    select
        *,
        low_review_score > all_average_review_score as is_above,
        high_review_score < all_average_review_score as is_below
    from rated
    where num_reviews >= {{ var('min_orders_for_ranking') }}
),

answer as (
    select
        *,
        row_number() over (order by low_review_score desc, state) as satisfaction_rank
    from placed
)

select
    satisfaction_rank,
    state,
    region,
    num_reviews,
    average_review_score,
    low_review_score,
    high_review_score,
    all_average_review_score,
    is_above,
    is_below,
    region_average_review_score,
    csat_rate,
    on_time_rate,
    average_delivery_days,
    {{ value_at('satisfaction_rank', highest) }} > 1 as finding_has_unsure,
    {{ value_at('state', second) }} as finding_second,
    {{ value_at('average_review_score', second) }} as finding_second_score,
    {{ value_at('num_reviews', second) }} as finding_second_reviews,
    {{ value_at('state', highest) }} as finding_highest,
    {{ value_at('average_review_score', highest) }} as finding_highest_score,
    {{ value_at('num_reviews', highest) }} as finding_highest_reviews,
    {{ value_at('low_review_score', highest) }} as finding_highest_low_score,
    {{ value_at('high_review_score', highest) }} as finding_highest_high_score,
    {{ value_at('state', lowest) }} as finding_lowest,
    {{ value_at('average_review_score', lowest) }} as finding_lowest_score,
    {{ value_at('num_reviews', lowest) }} as finding_lowest_reviews
from answer
order by satisfaction_rank
