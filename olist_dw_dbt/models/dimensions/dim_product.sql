-- One row per product, plus one unknown member.
with

stg_products as (
    select
        product_id, category_name, name_length, description_length, num_photos, weight_g,
        length_cm, height_cm, width_cm
    from {{ ref('stg_products') }}
),

dim_category as (
    select category_key, category_name, category_name_english, category_group
    from {{ ref('dim_category') }}
    where not is_unknown
),

measured as (
    select
        product_id, category_name, name_length, description_length, num_photos, weight_g,
        length_cm, height_cm, width_cm,
        cast(length_cm as bigint) * height_cm * width_cm as volume_cm3
    from stg_products
),

described as (
    select
        {{ surrogate_key(['measured.product_id']) }} as product_key,
        coalesce(dim_category.category_key, {{ unknown_key() }}) as category_key,
        measured.product_id,
        coalesce(dim_category.category_name, 'Unknown') as category_name,
        coalesce(dim_category.category_name_english, 'Unknown') as category_name_english,
        coalesce(dim_category.category_group, 'Unknown') as category_group,
        -- Nothing weighs 0 g: a weight or an edge of 0 is one that was not measured.
        {{ tier('measured.weight_g', [
            ['LIGHT', var('medium_weight_from_g')],
            ['MEDIUM', var('heavy_weight_from_g')],
            ['HEAVY', var('very_heavy_weight_from_g')],
            ['VERY_HEAVY', none],
        ]) }} as weight_tier,
        {{ tier('measured.volume_cm3', [
            ['SMALL', var('medium_size_from_cm3')],
            ['MEDIUM', var('large_size_from_cm3')],
            ['LARGE', var('extra_large_size_from_cm3')],
            ['EXTRA_LARGE', none],
        ]) }} as size_tier,
        false as is_unknown,
        measured.name_length,
        measured.description_length,
        measured.num_photos,
        measured.weight_g,
        measured.length_cm,
        measured.height_cm,
        measured.width_cm,
        measured.volume_cm3
    from measured
    left join dim_category on measured.category_name = dim_category.category_name
),

unknown_member as (
    select
        {{ unknown_key() }} as product_key,
        {{ unknown_key() }} as category_key,
        'Unknown' as product_id,
        'Unknown' as category_name,
        'Unknown' as category_name_english,
        'Unknown' as category_group,
        'UNKNOWN' as weight_tier,
        'UNKNOWN' as size_tier,
        true as is_unknown,
        cast(null as integer) as name_length,
        cast(null as integer) as description_length,
        cast(null as integer) as num_photos,
        cast(null as integer) as weight_g,
        cast(null as integer) as length_cm,
        cast(null as integer) as height_cm,
        cast(null as integer) as width_cm,
        cast(null as bigint) as volume_cm3
)

select
    product_key, category_key, product_id, category_name, category_name_english, category_group,
    weight_tier, size_tier, is_unknown, name_length, description_length, num_photos, weight_g,
    length_cm, height_cm, width_cm, volume_cm3
from described
union all
select
    product_key, category_key, product_id, category_name, category_name_english, category_group,
    weight_tier, size_tier, is_unknown, name_length, description_length, num_photos, weight_g,
    length_cm, height_cm, width_cm, volume_cm3
from unknown_member
