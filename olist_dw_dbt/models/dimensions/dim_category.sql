-- One row per product category of the source, plus one unknown member. The union of what the
-- products name and what the source translates: two categories in use have no translation.
with

stg_products as (
    select distinct category_name
    from {{ ref('stg_products') }}
    where category_name is not null
),

stg_category_translation as (
    select category_name, category_name_english
    from {{ ref('stg_category_translation') }}
),

category_groups as (
    select category_name, category_group, category_name_fallback
    from {{ ref('category_groups') }}
),

categories as (
    select category_name from stg_products
    union distinct
    select category_name from stg_category_translation
),

described as (
    select
        {{ surrogate_key(['categories.category_name']) }} as category_key,
        categories.category_name,
        coalesce(
            stg_category_translation.category_name_english,
            category_groups.category_name_fallback,
            categories.category_name
        ) as category_name_english,
        coalesce(category_groups.category_group, 'Other') as category_group,
        false as is_unknown
    from categories
    left join stg_category_translation
        on categories.category_name = stg_category_translation.category_name
    left join category_groups on categories.category_name = category_groups.category_name
),

unknown_member as (
    select
        {{ unknown_key() }} as category_key,
        'Unknown' as category_name,
        'Unknown' as category_name_english,
        'Unknown' as category_group,
        true as is_unknown
)

select category_key, category_name, category_name_english, category_group, is_unknown
from described
union all
select category_key, category_name, category_name_english, category_group, is_unknown
from unknown_member
