-- One row per band of the number of products a seller has sold: how many sellers, and what they
-- bring. Sellers without a sale are left out.
{%- set starts = var('products_per_seller_band_starts') %}
with

mart_seller_scorecard as (
    select
        {{ band_number('num_products', starts) }} as band_number,
        num_products,
        num_units,
        gmv_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_units > 0 and not is_unknown
),

overall as (
    select
        {{ rounded(median('num_products'), 1) }} as median_products,
        {{ ratio('sum(num_products)', 'count(*)', 2) }} as average_products
    from mart_seller_scorecard
),

bands as (
    select
        band_number,
        count(*) as num_sellers,
        {{ total('num_products') }} as sum_products,
        {{ total('num_units') }} as num_units,
        sum(gmv_amount) as gmv_amount
    from mart_seller_scorecard
    group by band_number
)

select
    bands.band_number,
    {{ name_of_number('bands.band_number', ['1 product']
        + band_names(starts, ' products', is_whole=true)[1:]) }} as product_band,
    bands.num_sellers,
    {{ ratio('bands.num_sellers', 'sum(bands.num_sellers) over ()') }} as seller_share_rate,
    {{ ratio('bands.sum_products', 'bands.num_sellers', 1) }} as products_per_seller,
    bands.num_units,
    bands.gmv_amount,
    {{ ratio('bands.gmv_amount', 'sum(bands.gmv_amount) over ()') }} as gmv_share_rate,
    {{ ratio('bands.gmv_amount', 'bands.num_sellers', 2) }} as gmv_per_seller_amount,
    overall.median_products,
    overall.average_products
from bands
cross join overall
order by bands.band_number
