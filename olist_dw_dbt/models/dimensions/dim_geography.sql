-- One row per zip prefix that the source names anywhere, plus one unknown member: 19,015 have
-- points in the geolocation file, 162 more stand only on customers and sellers.
with

int_prefix_points as (
    select zip_code_prefix, city, state, latitude, longitude, num_points
    from {{ ref('int_prefix_points') }}
),

stg_customers as (
    select zip_code_prefix, city, state
    from {{ ref('stg_customers') }}
    where zip_code_prefix is not null
),

stg_sellers as (
    select zip_code_prefix, city, state
    from {{ ref('stg_sellers') }}
    where zip_code_prefix is not null
),

brazilian_states as (
    select state, state_name, region
    from {{ ref('brazilian_states') }}
),

-- A prefix has one pair, which stands on each of its spellings.
coordinates as (
    select
        zip_code_prefix,
        max(latitude) as latitude,
        max(longitude) as longitude
    from int_prefix_points
    group by zip_code_prefix
    having max(latitude) is not null
),

-- Who names a prefix: the geolocation file first, customers next, sellers (who type) last.
named_places as (
    select
        zip_code_prefix,
        {{ strip_accents('lower(city)') }} as city,
        state,
        num_points,
        num_points as num_named,
        1 as authority
    from int_prefix_points
    union all
    select
        zip_code_prefix,
        {{ strip_accents('lower(city)') }} as city,
        state,
        0 as num_points,
        count(*) as num_named,
        2 as authority
    from stg_customers
    group by zip_code_prefix, city, state
    union all
    select
        zip_code_prefix,
        {{ city_name('city') }} as city,
        state,
        0 as num_points,
        count(*) as num_named,
        3 as authority
    from stg_sellers
    group by zip_code_prefix, city, state
),

prefixes as (
    select
        zip_code_prefix,
        sum(num_points) as num_points
    from named_places
    group by zip_code_prefix
),

cities as (
    select
        zip_code_prefix,
        city,
        row_number() over (
            partition by zip_code_prefix
            order by authority, sum(num_named) desc, city
        ) as place
    from named_places
    where city is not null
    group by zip_code_prefix, city, authority
),

states as (
    select
        zip_code_prefix,
        state,
        row_number() over (
            partition by zip_code_prefix
            order by authority, sum(num_named) desc, state
        ) as place
    from named_places
    where state is not null
    group by zip_code_prefix, state, authority
),

described as (
    select
        {{ surrogate_key(['prefixes.zip_code_prefix']) }} as geography_key,
        prefixes.zip_code_prefix,
        coalesce(cities.city, 'Unknown') as city,
        coalesce(states.state, 'Unknown') as state,
        coalesce(brazilian_states.state_name, 'Unknown') as state_name,
        coalesce(brazilian_states.region, 'Unknown') as region,
        coordinates.zip_code_prefix is not null as has_coordinates,
        false as is_unknown,
        coordinates.latitude,
        coordinates.longitude,
        cast(prefixes.num_points as integer) as num_points
    from prefixes
    left join cities
        on prefixes.zip_code_prefix = cities.zip_code_prefix and cities.place = 1
    left join states
        on prefixes.zip_code_prefix = states.zip_code_prefix and states.place = 1
    left join coordinates on prefixes.zip_code_prefix = coordinates.zip_code_prefix
    left join brazilian_states on states.state = brazilian_states.state
),

unknown_member as (
    select
        {{ unknown_key() }} as geography_key,
        'Unknown' as zip_code_prefix,
        'Unknown' as city,
        'Unknown' as state,
        'Unknown' as state_name,
        'Unknown' as region,
        false as has_coordinates,
        true as is_unknown,
        cast(null as {{ type_double() }}) as latitude,
        cast(null as {{ type_double() }}) as longitude,
        0 as num_points
)

select
    geography_key, zip_code_prefix, city, state, state_name, region, has_coordinates, is_unknown,
    latitude, longitude, num_points
from described
union all
select
    geography_key, zip_code_prefix, city, state, state_name, region, has_coordinates, is_unknown,
    latitude, longitude, num_points
from unknown_member
