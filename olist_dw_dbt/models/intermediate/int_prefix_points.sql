{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='zip_code_prefix',
    on_schema_change='fail',
) }}
-- One row per zip prefix and spelling of its place in the geolocation file. The million points are
-- read once; a night reads those of the prefixes that got new ones. Points are only ever added.
with

{% if is_incremental() -%}
changed_prefixes as (
    select zip_code_prefix
    from {{ ref('stg_geolocation') }}
    where _loaded_at > {{ high_water_mark(this) }}
),
{%- endif %}

stg_geolocation as (
    select zip_code_prefix, latitude, longitude, city, state, _loaded_at
    from {{ ref('stg_geolocation') }}
    {{ where_needed('zip_code_prefix', 'changed_prefixes') }}
),

spellings as (
    select
        zip_code_prefix,
        city,
        state,
        count(*) as num_points,
        max(_loaded_at) as source_changed_at
    from stg_geolocation
    group by zip_code_prefix, city, state
),

-- A median, because single points lie far away; 31 of them outside Brazil.
coordinates as (
    select
        zip_code_prefix,
        {{ median('latitude') }} as latitude,
        {{ median('longitude') }} as longitude
    from stg_geolocation
    where
        latitude between {{ var('brazil_min_latitude') }} and {{ var('brazil_max_latitude') }}
        and longitude
        between {{ var('brazil_min_longitude') }} and {{ var('brazil_max_longitude') }}
    group by zip_code_prefix
)

select
    spellings.zip_code_prefix,
    spellings.city,
    spellings.state,
    coordinates.latitude,
    coordinates.longitude,
    cast(spellings.num_points as integer) as num_points,
    spellings.source_changed_at
from spellings
left join coordinates on spellings.zip_code_prefix = coordinates.zip_code_prefix
