{{ config(unique_key='category_name') }}
-- One row per category with an English name: two categories in use have none.
with

source as (

    select * from {{ source('raw', 'product_category_name_translation') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('product_category_name_translation', 'source') | indent(4) }}

)

select
    product_category_name as category_name,
    product_category_name_english as category_name_english,
    _loaded_at
from parsed
where is_usable
