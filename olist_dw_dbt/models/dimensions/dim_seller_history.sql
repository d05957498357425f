{{ config(schema='history') }}
-- One row per seller and state of its attributes, with the days it held: reads the sellers as of
-- a day. dim_seller has the present state only, and any load can rebuild it; this cannot be.
with

snap_sellers as (
    select
        seller_id,
        zip_code_prefix, city, state,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('snap_sellers') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by seller_id
            order by dbt_valid_from, dbt_valid_to
        ) as version_number
    from snap_sellers
)

select
    {{ surrogate_key(['seller_id', 'version_number']) }} as seller_version_key,
    seller_id,
    cast(version_number as integer) as version_number,
    -- The first known state also speaks for the time before the first load.
    case
        when version_number = 1 then cast('1900-01-01' as {{ dbt.type_timestamp() }})
        else dbt_valid_from
    end as valid_from,
    dbt_valid_to as valid_to,
    zip_code_prefix,
    city,
    state,
    dbt_valid_to is null as is_current
from numbered
