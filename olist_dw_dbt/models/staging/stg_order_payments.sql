-- One row per order and payment number: an order may be paid in several ways.
with

source as (

    select * from {{ source('raw', 'order_payments') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('order_payments', 'source') | indent(4) }}

)

select
    order_id,
    payment_sequential,
    lower(payment_type) as payment_type,
    payment_installments as num_installments,
    payment_value as payment_amount,
    _loaded_at
from parsed
where is_usable
