-- One row per order. 775 of them have no item; all are kept.
with

source as (

    select * from {{ source('raw', 'orders') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('orders', 'source') | indent(4) }}

)

select
    order_id,
    customer_id,
    lower(order_status) as order_status,
    order_purchase_timestamp as purchased_at,
    order_approved_at as approved_at,
    order_delivered_carrier_date as handed_to_carrier_at,
    order_delivered_customer_date as delivered_at,
    order_estimated_delivery_date as estimated_delivery_date,
    _loaded_at
from parsed
where is_usable
