-- One row per band of the price of a unit: its share of the units and of GMV.
{%- set starts = var('price_band_starts') %}
with

fact_order_items as (
    select
        {{ band_number('price_amount', starts) }} as band_number,
        price_amount,
        freight_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

bands as (
    select
        band_number,
        count(*) as num_units,
        sum(price_amount) as gmv_amount,
        sum(freight_amount) as freight_amount
    from fact_order_items
    group by band_number
)

select
    band_number,
    {{ name_of_number('band_number', band_names(starts, ' BRL')) }} as price_band,
    num_units,
    {{ ratio('num_units', 'sum(num_units) over ()') }} as unit_share_rate,
    gmv_amount,
    {{ ratio('gmv_amount', 'sum(gmv_amount) over ()') }} as gmv_share_rate,
    freight_amount,
    gmv_amount + freight_amount as revenue_amount,
    {{ ratio('gmv_amount + freight_amount', 'sum(gmv_amount + freight_amount) over ()') }}
        as revenue_share_rate,
    {{ ratio('freight_amount', 'num_units', 2) }} as average_freight_amount
from bands
order by band_number
