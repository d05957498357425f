-- One row per product. The source spells length "lenght".
with

source as (

    select * from {{ source('raw', 'products') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('products', 'source') | indent(4) }}

)

select
    product_id,
    product_category_name as category_name,
    product_name_lenght as name_length,
    product_description_lenght as description_length,
    product_photos_qty as num_photos,
    product_weight_g as weight_g,
    product_length_cm as length_cm,
    product_height_cm as height_cm,
    product_width_cm as width_cm,
    _loaded_at
from parsed
where is_usable
