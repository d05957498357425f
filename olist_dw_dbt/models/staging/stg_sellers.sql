-- One row per seller, the city as delivered: dim_seller cleans it.
with

source as (

    select * from {{ source('raw', 'sellers') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('sellers', 'source') | indent(4) }}

)

select
    seller_id,
    seller_zip_code_prefix as zip_code_prefix,
    seller_city as city,
    upper(seller_state) as state,
    _loaded_at
from parsed
where is_usable
