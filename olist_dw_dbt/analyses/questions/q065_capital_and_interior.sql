-- One row per kind of place: capital, metropolitan, interior. The Federal District is one
-- municipality, so all of it is capital. Places of an unknown state are left out.
with

mart_geographic_analysis as (
    select
        state,
        {{ city_name('city') }} as city,
        is_capital or state = 'DF' as is_capital,
        state_population,
        num_customers,
        num_sales,
        num_sales_with_items,
        num_delivered,
        num_on_time,
        num_reviews,
        sum_review_score,
        sum_delivery_days,
        freight_amount,
        revenue_amount
    from {{ ref('mart_geographic_analysis') }}
    where state_population is not null
),

metropolitan_municipalities as (
    select state, {{ city_name('city') }} as city, metropolitan_region
    from {{ ref('metropolitan_municipalities') }}
),

urban_populations as (
    select place_type, place, population
    from {{ ref('urban_populations') }}
),

brazilian_states as (
    select population
    from {{ ref('brazilian_states') }}
),

-- A capital in a metropolitan region counts in both: it is taken out of the region.
counted_people as (
    select
        (select sum(population) from brazilian_states) as all_people,
        sum(case when place_type = 'capital' then population else 0 end) as capital_people,
        sum(case when place_type = 'metropolitan region' then population else 0 end)
            as metropolitan_people,
        sum(case
            when
                place_type = 'capital'
                and place in (
                    select metropolitan_region from metropolitan_municipalities
                )
                then population
            else 0
        end) as shared_people
    from urban_populations
),

people as (
    select 'capital' as place_type, 1 as place_number, capital_people as population
    from counted_people
    union all
    select 'metropolitan', 2, metropolitan_people - shared_people
    from counted_people
    union all
    select 'interior', 3, all_people - capital_people - metropolitan_people + shared_people
    from counted_people
),

-- A municipality lies in one metropolitan region at most.
places as (
    select
        mart_geographic_analysis.*,
        case
            when mart_geographic_analysis.is_capital then 'capital'
            when metropolitan_municipalities.city is not null then 'metropolitan'
            else 'interior'
        end as place_type
    from mart_geographic_analysis
    left join metropolitan_municipalities
        on
            mart_geographic_analysis.state = metropolitan_municipalities.state
            and mart_geographic_analysis.city = metropolitan_municipalities.city
),

types as (
    select
        place_type,
        {{ total('num_customers') }} as num_customers,
        {{ total('num_sales') }} as num_sales,
        sum(num_sales_with_items) as num_sales_with_items,
        sum(num_delivered) as num_delivered,
        sum(num_on_time) as num_on_time,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score,
        {{ sum_exact('sum_delivery_days') }} as sum_delivery_days,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from places
    group by place_type
)

select
    types.place_type,
    cast(people.population as {{ dbt.type_bigint() }}) as population,
    types.num_customers,
    {{ ratio('1000 * types.num_customers', 'people.population', 3) }}
        as customers_per_thousand_people,
    types.num_sales,
    cast(types.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('types.revenue_amount', 'sum(types.revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('1000 * types.revenue_amount', 'people.population', 2) }}
        as revenue_per_thousand_people_amount,
    {{ ratio('types.revenue_amount', 'types.num_sales_with_items', 2) }} as average_order_value,
    {{ ratio('types.freight_amount', 'types.revenue_amount') }} as freight_rate,
    {{ ratio('types.num_on_time', 'types.num_delivered') }} as on_time_rate,
    {{ ratio('types.sum_delivery_days', 'types.num_delivered', 1) }} as average_delivery_days,
    {{ ratio('types.sum_review_score', 'types.num_reviews', 2) }} as average_review_score
from types
inner join people on types.place_type = people.place_type
order by people.place_number
