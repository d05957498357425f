-- One row per band of the value of an order's items: the share of freight in what the customer
-- pays for the order. Orders without items have none.
{%- set starts = var('price_band_starts') %}
with

fact_orders as (
    select
        {{ band_number('item_amount', starts) }} as band_number,
        item_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
    where is_sale and has_items
),

bands as (
    select
        band_number,
        count(*) as num_sales,
        sum(item_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from fact_orders
    group by band_number
)

select
    band_number,
    {{ name_of_number('band_number', band_names(starts, ' BRL')) }} as order_value_band,
    num_sales,
    gmv_amount,
    freight_amount,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('freight_amount', 'num_sales', 2) }} as freight_per_order_amount,
    {{ ratio('sum(freight_amount) over ()', 'sum(revenue_amount) over ()') }}
        as overall_freight_rate
from bands
order by band_number
