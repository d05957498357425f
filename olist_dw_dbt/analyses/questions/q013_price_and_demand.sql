-- One row per price band of products: how many units a product of the band sold. Visits are not in
-- the data, so conversion is not either.
{%- set starts = var('price_band_starts') %}
with

mart_product_performance as (
    select num_units, num_orders, gmv_amount, average_price
    from {{ ref('mart_product_performance') }}
    where num_units > 0 and not is_unknown
),

banded as (
    select
        {{ band_number('average_price', starts) }} as band_number,
        num_units,
        gmv_amount
    from mart_product_performance
)

select
    band_number,
    {{ name_of_number('band_number', band_names(starts, ' BRL')) }} as price_band,
    count(*) as num_products,
    {{ total('num_units') }} as num_units,
    {{ ratio('sum(num_units)', 'count(*)', 2) }} as units_per_product,
    {{ rounded(median('num_units'), 1) }} as median_units_per_product,
    {{ ratio('sum(gmv_amount)', 'count(*)', 2) }} as gmv_per_product_amount,
    'Conversion needs visits or product views. Nearest: units per product that sold at all, by '
    || 'price; products nobody bought are left out, because their price is not in the data.'
        as not_in_data
from banded
group by band_number
order by band_number
