-- One row per state capital, per ring of a metropolitan region around its capital (the whole
-- region where its core is no capital), and one for everywhere else. Together they are Brazil;
-- cities of a state that the seed does not know are left out. The Federal District is one
-- municipality, so every place in it is its capital.
with

mart_geographic_analysis as (
    select
        state,
        {{ city_name('city') }} as city,
        is_capital or state = 'DF' as is_capital,
        num_orders,
        num_sales,
        num_sales_with_items,
        num_customers,
        num_sales_12m,
        num_customers_12m,
        num_sellers,
        num_delivered,
        num_on_time,
        num_late,
        num_due,
        num_promise_kept,
        num_reviews,
        sum_review_score,
        gmv_amount,
        freight_amount,
        revenue_amount,
        revenue_12m_amount,
        sum_delivery_days
    from {{ ref('mart_geographic_analysis') }}
    where state_population is not null
),

brazilian_states as (
    select population
    from {{ ref('brazilian_states') }}
),

urban_populations as (
    select place_type, place, state, population
    from {{ ref('urban_populations') }}
),

metropolitan_municipalities as (
    select state, city, metropolitan_region
    from {{ ref('metropolitan_municipalities') }}
),

capitals as (
    select place, state, population
    from urban_populations
    where place_type = 'capital'
),

-- A capital leads its metropolitan region, if it has one here: take it out of the ring.
areas as (
    select
        'capital' as area_type,
        capitals.place as area_name,
        capitals.state,
        regions.place as metropolitan_region,
        capitals.population
    from capitals
    left join urban_populations as regions
        on
            capitals.place = regions.place
            and capitals.state = regions.state
            and regions.place_type = 'metropolitan region'
    union all
    select
        'metropolitan',
        regions.place,
        regions.state,
        regions.place,
        regions.population - coalesce(capitals.population, 0)
    from urban_populations as regions
    left join capitals on regions.place = capitals.place and regions.state = capitals.state
    where regions.place_type = 'metropolitan region'
),

all_areas as (
    select area_type, area_name, state, metropolitan_region, population
    from areas
    union all
    select
        'outside_metropolitan_areas',
        'Outside metropolitan areas',
        null,
        null,
        coalesce((select sum(population) from brazilian_states) - sum(population), 0)
    from areas
),

-- A municipality lies in one metropolitan region at most, a state has one capital.
cities as (
    select
        mart_geographic_analysis.*,
        case
            when mart_geographic_analysis.is_capital then 'capital'
            when metropolitan_municipalities.city is not null then 'metropolitan'
            else 'outside_metropolitan_areas'
        end as area_type,
        case
            when mart_geographic_analysis.is_capital then capitals.place
            else coalesce(
                metropolitan_municipalities.metropolitan_region, 'Outside metropolitan areas'
            )
        end as area_name
    from mart_geographic_analysis
    inner join capitals on mart_geographic_analysis.state = capitals.state
    left join metropolitan_municipalities
        on
            mart_geographic_analysis.state = metropolitan_municipalities.state
            and mart_geographic_analysis.city
            = {{ city_name('metropolitan_municipalities.city') }}
),

{% set measures = [
    'num_orders', 'num_sales', 'num_sales_with_items', 'num_customers', 'num_sales_12m',
    'num_customers_12m', 'num_sellers',
    'num_delivered', 'num_on_time', 'num_late', 'num_due', 'num_promise_kept', 'num_reviews',
    'sum_review_score',
] -%}
aggregated as (
    select
        area_type,
        area_name,
        {% for measure in measures + [
            'gmv_amount', 'freight_amount', 'revenue_amount', 'revenue_12m_amount',
        ] -%}
        sum({{ measure }}) as {{ measure }},
        {% endfor -%}
        {{ sum_days('sum_delivery_days') }} as sum_delivery_days
    from cities
    group by area_type, area_name
)

select
    all_areas.area_type,
    all_areas.area_name,
    all_areas.metropolitan_region,
    all_areas.state,
    cast(all_areas.population as integer) as population,
    {% for measure in measures -%}
    cast(coalesce(aggregated.{{ measure }}, 0) as integer) as {{ measure }},
    {% endfor -%}
    cast(coalesce(aggregated.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
    cast(coalesce(aggregated.freight_amount, 0) as decimal(18, 2)) as freight_amount,
    cast(coalesce(aggregated.revenue_amount, 0) as decimal(18, 2)) as revenue_amount,
    cast(coalesce(aggregated.revenue_12m_amount, 0) as decimal(18, 2)) as revenue_12m_amount,
    cast(coalesce(aggregated.sum_delivery_days, 0) as {{ type_double() }}) as sum_delivery_days
from all_areas
left join aggregated
    on
        all_areas.area_type = aggregated.area_type
        and all_areas.area_name = aggregated.area_name
