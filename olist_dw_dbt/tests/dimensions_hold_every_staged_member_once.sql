{{ config(tags=['weekly']) }}
-- A dimension holds what staging holds, and one unknown member. One row per dimension that does
-- not.
with

counted as (
    select
        'dim_product' as dimension,
        (select count(*) from {{ ref('stg_products') }}) as num_expected,
        (select count(*) from {{ ref('dim_product') }} where not is_unknown) as num_members,
        (select count(*) from {{ ref('dim_product') }} where is_unknown) as num_unknown
    union all
    select
        'dim_seller' as dimension,
        (select count(*) from {{ ref('stg_sellers') }}) as num_expected,
        (select count(*) from {{ ref('dim_seller') }} where not is_unknown) as num_members,
        (select count(*) from {{ ref('dim_seller') }} where is_unknown) as num_unknown
    union all
    select
        'dim_category' as dimension,
        (
            select count(*)
            from (
                select category_name from {{ ref('stg_products') }}
                union distinct
                select category_name from {{ ref('stg_category_translation') }}
            ) as categories
            where category_name is not null
        ) as num_expected,
        (select count(*) from {{ ref('dim_category') }} where not is_unknown) as num_members,
        (select count(*) from {{ ref('dim_category') }} where is_unknown) as num_unknown
    union all
    select
        'dim_geography' as dimension,
        (
            select count(*)
            from (
                select zip_code_prefix from {{ ref('stg_geolocation') }}
                union distinct
                select zip_code_prefix from {{ ref('stg_customers') }}
                union distinct
                select zip_code_prefix from {{ ref('stg_sellers') }}
            ) as prefixes
            where zip_code_prefix is not null
        ) as num_expected,
        (select count(*) from {{ ref('dim_geography') }} where not is_unknown) as num_members,
        (select count(*) from {{ ref('dim_geography') }} where is_unknown) as num_unknown
    union all
    select
        'dim_date' as dimension,
        (
            select {{ dbt.datediff('min(full_date)', 'max(full_date)', 'day') }} + 1
            from {{ ref('dim_date') }}
        ) as num_expected,
        (select count(*) from {{ ref('dim_date') }} where not is_unknown) as num_members,
        (select count(*) from {{ ref('dim_date') }} where is_unknown) as num_unknown
)

select dimension, num_expected, num_members, num_unknown
from counted
where num_members <> num_expected or num_unknown <> 1
