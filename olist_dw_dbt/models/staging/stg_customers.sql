-- One row per customer_id, which Olist makes again for each order; the person is
-- customer_unique_id.
with

source as (

    select * from {{ source('raw', 'customers') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('customers', 'source') | indent(4) }}

)

select
    customer_id,
    customer_unique_id,
    customer_zip_code_prefix as zip_code_prefix,
    customer_city as city,
    upper(customer_state) as state,
    _loaded_at
from parsed
where is_usable
