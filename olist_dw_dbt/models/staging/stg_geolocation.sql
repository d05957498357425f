-- One row per point of a zip prefix as delivered: no key, 261,831 rows repeat another.
with

source as (

    select * from {{ source('raw', 'geolocation') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('geolocation', 'source') | indent(4) }}

)

select
    geolocation_zip_code_prefix as zip_code_prefix,
    geolocation_lat as latitude,
    geolocation_lng as longitude,
    geolocation_city as city,
    upper(geolocation_state) as state,
    _loaded_at
from parsed
where is_usable
