{{ config(incremental_strategy='replace_changed_orders') }}
-- One row per order item: a unit sold. An item whose order, product or seller is not in the
-- source keeps its money and points to the unknown members.
with

changed_orders as (
    {{ changed_orders([
        'order_status', 'purchased_at', 'is_orphan', 'customer_key', 'zip_code_prefix'
    ]) }}
),

stg_order_items as (
    select
        items.order_id,
        items.order_item_id,
        items.product_id,
        items.seller_id,
        items.shipping_limit_at,
        items.price_amount,
        items.freight_amount,
        cast(changed_orders.purchased_at as date) as order_date,
        coalesce(changed_orders.order_status, 'unknown') as order_status,
        {{ is_sale('changed_orders.order_status') }} as is_sale,
        changed_orders.is_orphan,
        changed_orders.customer_key,
        changed_orders.zip_code_prefix,
        changed_orders.source_changed_at
    from {{ ref('stg_order_items') }} as items
    inner join changed_orders on items.order_id = changed_orders.order_id
    {{ where_of_changed_orders('items') }}
),

dim_product as (
    select product_id, product_key, category_key
    from {{ ref('dim_product') }}
    {{ where_needed('product_id', 'stg_order_items') }}
),

dim_seller as (
    select seller_id, seller_key, geography_key
    from {{ ref('dim_seller') }}
    {{ where_needed('seller_id', 'stg_order_items') }}
),

dim_geography as (
    select geography_key, zip_code_prefix, latitude, longitude
    from {{ ref('dim_geography') }}
    where not is_unknown
),

-- Each join below finds one row or none.
joined as (
    select
        stg_order_items.*,
        coalesce(dim_product.product_key, {{ unknown_key() }}) as product_key,
        coalesce(dim_product.category_key, {{ unknown_key() }}) as category_key,
        coalesce(dim_seller.seller_key, {{ unknown_key() }}) as seller_key,
        coalesce(customer_geography.geography_key, {{ unknown_key() }}) as geography_key,
        coalesce(dim_seller.geography_key, {{ unknown_key() }}) as seller_geography_key,
        {{ haversine_km(
            'customer_geography.latitude', 'customer_geography.longitude',
            'seller_geography.latitude', 'seller_geography.longitude',
        ) }} as distance_km
    from stg_order_items
    left join dim_product on stg_order_items.product_id = dim_product.product_id
    left join dim_seller on stg_order_items.seller_id = dim_seller.seller_id
    left join dim_geography as customer_geography
        on stg_order_items.zip_code_prefix = customer_geography.zip_code_prefix
    left join dim_geography as seller_geography
        on dim_seller.geography_key = seller_geography.geography_key
)

select
    {{ surrogate_key(['order_id', 'order_item_id']) }} as order_item_key,
    {{ surrogate_key(['order_id']) }} as order_key,
    customer_key,
    product_key,
    seller_key,
    category_key,
    geography_key,
    seller_geography_key,
    order_id,
    order_item_id,
    {{ date_key('order_date') }} as order_date_key,
    order_date,
    shipping_limit_at,
    order_status,
    is_sale,
    is_orphan,
    price_amount,
    freight_amount,
    cast(price_amount + freight_amount as decimal(18, 2)) as charged_amount,
    cast(
        case when is_sale then price_amount + freight_amount else 0 end as decimal(18, 2)
    ) as revenue_amount,
    distance_km,
    source_changed_at
from joined
