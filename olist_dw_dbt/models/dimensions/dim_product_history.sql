{{ config(schema='history') }}
-- One row per product and state of its attributes, with the days it held: reads the products as of
-- a day. dim_product has the present state only, and any load can rebuild it; this cannot be.
with

snap_products as (
    select
        product_id,
        category_name, name_length, description_length, num_photos, weight_g, length_cm,
        height_cm, width_cm,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_products') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by product_id
            order by dbt_valid_from, dbt_valid_to
        ) as version_number
    from snap_products
)

select
    {{ surrogate_key(['product_id', 'version_number']) }} as product_version_key,
    product_id,
    cast(version_number as integer) as version_number,
    -- The first known state also speaks for the time before the first load.
    case
        when version_number = 1 then cast('1900-01-01' as {{ dbt.type_timestamp() }})
        else dbt_valid_from
    end as valid_from,
    dbt_valid_to as valid_to,
    category_name,
    name_length,
    description_length,
    num_photos,
    weight_g,
    length_cm,
    height_cm,
    width_cm,
    dbt_valid_to is null as is_current
from numbered
