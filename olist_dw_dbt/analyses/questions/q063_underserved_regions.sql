-- One row per state with inhabitants in the seed, the largest gap to the national revenue per
-- head of the 12 months to the as-of date first.
with

mart_geographic_analysis as (
    select
        state,
        state_name,
        region,
        state_population,
        num_customers_12m,
        num_sellers,
        num_delivered,
        num_on_time,
        num_reviews,
        sum_review_score,
        sum_delivery_days,
        freight_amount,
        revenue_amount,
        revenue_12m_amount
    from {{ ref('mart_geographic_analysis') }}
    where state_population is not null
),

states as (
    select
        state,
        state_name,
        region,
        state_population,
        {{ total('num_customers_12m') }} as num_customers_12m,
        {{ total('num_sellers') }} as num_sellers,
        sum(num_delivered) as num_delivered,
        sum(num_on_time) as num_on_time,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score,
        {{ sum_exact('sum_delivery_days') }} as sum_delivery_days,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(revenue_12m_amount) as revenue_12m_amount
    from mart_geographic_analysis
    group by state, state_name, region, state_population
),

compared as (
    select
        *,
        {{ safe_divide('sum(revenue_12m_amount) over ()', 'sum(state_population) over ()') }}
            as all_revenue_per_head
    from states
),

with_gaps as (
    select
        *,
        cast(
            greatest(all_revenue_per_head * state_population - revenue_12m_amount, 0)
            as decimal(18, 2)
        ) as gap_amount
    from compared
)

select
    state,
    state_name,
    region,
    state_population,
    num_customers_12m,
    {{ ratio('1000 * num_customers_12m', 'state_population', 3) }} as customers_per_thousand_people,
    cast(revenue_12m_amount as decimal(18, 2)) as revenue_12m_amount,
    {{ ratio('1000 * revenue_12m_amount', 'state_population', 2) }}
        as revenue_per_thousand_people_amount,
    {{ rounded('1000 * all_revenue_per_head', 2) }} as all_revenue_per_thousand_people_amount,
    gap_amount,
    num_sellers,
    {{ ratio('sum_delivery_days', 'num_delivered', 1) }} as average_delivery_days,
    {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('sum_review_score', 'num_reviews', 2) }} as average_review_score
from with_gaps
order by gap_amount desc, state
