-- One row per seller, plus one unknown member. Sellers typed their city themselves
-- (`sp / sp`, `04482255`, an e-mail address): the city here is one that the data knows.
with

stg_sellers as (
    select seller_id, zip_code_prefix, city, state
    from {{ ref('stg_sellers') }}
),

stg_order_items as (
    select order_id, seller_id
    from {{ ref('stg_order_items') }}
),

stg_orders as (
    select order_id, cast(purchased_at as date) as order_date
    from {{ ref('stg_orders') }}
    where {{ is_sale('order_status') }}
),

dim_geography as (
    select geography_key, zip_code_prefix, city
    from {{ ref('dim_geography') }}
    where not is_unknown
),

brazilian_states as (
    select state, state_name, region
    from {{ ref('brazilian_states') }}
),

known_cities as (
    select distinct city
    from dim_geography
    where city <> 'Unknown'
),

sales_by_seller as (
    select
        stg_order_items.seller_id,
        min(stg_orders.order_date) as first_sale_date,
        max(stg_orders.order_date) as last_sale_date
    from stg_order_items
    inner join stg_orders on stg_order_items.order_id = stg_orders.order_id
    group by stg_order_items.seller_id
),

named as (
    select
        seller_id,
        zip_code_prefix,
        city as source_city,
        state,
        {{ city_name('city') }} as city
    from stg_sellers
),

described as (
    select
        {{ surrogate_key(['named.seller_id']) }} as seller_key,
        coalesce(dim_geography.geography_key, {{ unknown_key() }}) as geography_key,
        named.seller_id,
        sales_by_seller.first_sale_date,
        sales_by_seller.last_sale_date,
        named.zip_code_prefix,
        -- What is no city the data knows (misspelt, a state) gives way to the city of the
        -- prefix; without one it stands.
        coalesce(
            known_cities.city, nullif(dim_geography.city, 'Unknown'), named.city, 'Unknown'
        ) as city,
        named.source_city,
        coalesce(named.state, 'Unknown') as state,
        coalesce(brazilian_states.state_name, 'Unknown') as state_name,
        coalesce(brazilian_states.region, 'Unknown') as region,
        false as is_unknown
    from named
    left join known_cities on named.city = known_cities.city
    left join dim_geography on named.zip_code_prefix = dim_geography.zip_code_prefix
    left join brazilian_states on named.state = brazilian_states.state
    left join sales_by_seller on named.seller_id = sales_by_seller.seller_id
),

unknown_member as (
    select
        {{ unknown_key() }} as seller_key,
        {{ unknown_key() }} as geography_key,
        'Unknown' as seller_id,
        cast(null as date) as first_sale_date,
        cast(null as date) as last_sale_date,
        'Unknown' as zip_code_prefix,
        'Unknown' as city,
        'Unknown' as source_city,
        'Unknown' as state,
        'Unknown' as state_name,
        'Unknown' as region,
        true as is_unknown
)

select
    seller_key, geography_key, seller_id, first_sale_date, last_sale_date, zip_code_prefix, city,
    source_city, state, state_name, region, is_unknown
from described
union all
select
    seller_key, geography_key, seller_id, first_sale_date, last_sale_date, zip_code_prefix, city,
    source_city, state, state_name, region, is_unknown
from unknown_member
