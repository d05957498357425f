-- One row per metropolitan region of the ten most populous, highest penetration first. The
-- Federal District is one municipality, so all places of it belong to that of Brasília.
with

mart_geographic_analysis as (
    select
        state,
        case when state = 'DF' then 'brasilia' else {{ city_name('city') }} end as city,
        state_population,
        num_customers,
        num_sales,
        num_delivered,
        num_reviews,
        sum_review_score,
        sum_delivery_days,
        revenue_amount
    from {{ ref('mart_geographic_analysis') }}
    where state_population is not null
),

metropolitan_municipalities as (
    select state, {{ city_name('city') }} as city, metropolitan_region
    from {{ ref('metropolitan_municipalities') }}
),

urban_populations as (
    select place, state, population
    from {{ ref('urban_populations') }}
    where place_type = 'metropolitan region'
),

brazilian_states as (
    select population
    from {{ ref('brazilian_states') }}
),

brazil as (
    select
        {{ safe_divide(
            '1000 * sum(num_customers)', '(select sum(population) from brazilian_states)'
        ) }} as customers_per_thousand_people
    from mart_geographic_analysis
),

regions as (
    select
        metropolitan_municipalities.metropolitan_region,
        {{ total('mart_geographic_analysis.num_customers') }} as num_customers,
        {{ total('mart_geographic_analysis.num_sales') }} as num_sales,
        sum(mart_geographic_analysis.num_delivered) as num_delivered,
        sum(mart_geographic_analysis.num_reviews) as num_reviews,
        sum(mart_geographic_analysis.sum_review_score) as sum_review_score,
        {{ sum_exact('mart_geographic_analysis.sum_delivery_days') }} as sum_delivery_days,
        sum(mart_geographic_analysis.revenue_amount) as revenue_amount
    from mart_geographic_analysis
    inner join metropolitan_municipalities
        on
            mart_geographic_analysis.state = metropolitan_municipalities.state
            and mart_geographic_analysis.city = metropolitan_municipalities.city
    group by metropolitan_municipalities.metropolitan_region
)

select
    regions.metropolitan_region,
    urban_populations.state,
    urban_populations.population,
    regions.num_customers,
    {{ ratio('1000 * regions.num_customers', 'urban_populations.population', 3) }}
        as customers_per_thousand_people,
    {{ rounded('brazil.customers_per_thousand_people', 3) }}
        as all_customers_per_thousand_people,
    {{ ratio(
        '1000.0 * regions.num_customers / urban_populations.population',
        'brazil.customers_per_thousand_people', 2
    ) }} as penetration_index,
    regions.num_sales,
    cast(regions.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('1000 * regions.revenue_amount', 'urban_populations.population', 2) }}
        as revenue_per_thousand_people_amount,
    {{ ratio('regions.sum_delivery_days', 'regions.num_delivered', 1) }}
        as average_delivery_days,
    {{ ratio('regions.sum_review_score', 'regions.num_reviews', 2) }} as average_review_score
from regions
inner join urban_populations on regions.metropolitan_region = urban_populations.place
cross join brazil
order by customers_per_thousand_people desc, regions.metropolitan_region
