-- One row per order and item number: one unit sold.
with

source as (

    select * from {{ source('raw', 'order_items') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('order_items', 'source') | indent(4) }}

)

select
    order_id,
    order_item_id,
    product_id,
    seller_id,
    shipping_limit_date as shipping_limit_at,
    price as price_amount,
    freight_value as freight_amount,
    _loaded_at
from parsed
where is_usable
