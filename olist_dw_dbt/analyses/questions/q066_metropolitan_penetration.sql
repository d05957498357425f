-- One row per metropolitan region of the ten most populous, highest penetration first.
with

mart_urban_areas as (
    select
        area_type,
        metropolitan_region,
        state,
        population,
        num_customers_12m,
        num_sales,
        num_delivered,
        num_reviews,
        sum_review_score,
        sum_delivery_days,
        revenue_12m_amount
    from {{ ref('mart_urban_areas') }}
),

brazil as (
    select {{ safe_divide('1000 * sum(num_customers_12m)', 'sum(population)') }}
        as customers_per_thousand_people
    from mart_urban_areas
),

-- The capital, where the region has one, and the ring around it.
regions as (
    select
        metropolitan_region,
        max(state) as state,
        {{ total('population') }} as population,
        {{ total('num_customers_12m') }} as num_customers_12m,
        {{ total('num_sales') }} as num_sales,
        sum(num_delivered) as num_delivered,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score,
        {{ sum_exact('sum_delivery_days') }} as sum_delivery_days,
        sum(revenue_12m_amount) as revenue_12m_amount
    from mart_urban_areas
    where metropolitan_region is not null
    group by metropolitan_region
)

select
    regions.metropolitan_region,
    regions.state,
    regions.population,
    regions.num_customers_12m,
    {{ ratio('1000 * regions.num_customers_12m', 'regions.population', 3) }}
        as customers_per_thousand_people,
    {% for side in ['low', 'high'] -%}
    {{ rounded(
        '1000 * ' ~ wilson_bound('regions.num_customers_12m', 'regions.population', side), 3
    ) }}
        as {{ side }}_customers_per_thousand,
    {% endfor -%}
    {{ rounded('brazil.customers_per_thousand_people', 3) }}
        as all_customers_per_thousand_people,
    {{ ratio(
        '1000.0 * regions.num_customers_12m / regions.population',
        'brazil.customers_per_thousand_people', 2
    ) }} as penetration_index,
    regions.num_sales,
    cast(regions.revenue_12m_amount as decimal(18, 2)) as revenue_12m_amount,
    {{ ratio('1000 * regions.revenue_12m_amount', 'regions.population', 2) }}
        as revenue_per_thousand_people_amount,
    {{ ratio('regions.sum_delivery_days', 'regions.num_delivered', 1) }}
        as average_delivery_days,
    {{ ratio('regions.sum_review_score', 'regions.num_reviews', 2) }} as average_review_score
from regions
cross join brazil
order by customers_per_thousand_people desc, regions.metropolitan_region
