-- One row per attribute of a listing (photos, length of the description) and band of it: what a
-- product of the band has sold. Products never sold are in.
with

mart_product_performance as (
    select product_key, num_units, num_reviewed_orders, sum_review_score, gmv_amount
    from {{ ref('mart_product_performance') }}
    where not is_unknown
),

dim_product as (
    select product_key, num_photos, description_length
    from {{ ref('dim_product') }}
),

products as (
    select
        dim_product.num_photos,
        dim_product.description_length,
        mart_product_performance.num_units,
        mart_product_performance.num_reviewed_orders,
        mart_product_performance.sum_review_score,
        mart_product_performance.gmv_amount
    from mart_product_performance
    inner join dim_product on mart_product_performance.product_key = dim_product.product_key
),

{% set attributes = [
    (1, 'photos', 'num_photos', var('photo_band_starts'), ''),
    (2, 'description length', 'description_length', var('description_length_band_starts'),
        ' characters'),
] -%}
banded as (
    {% for number, attribute, column, starts, unit in attributes -%}
    select
        {{ number }} as attribute_number,
        '{{ attribute }}' as attribute,
        {{ band_number(column, starts) }} as band_number,
        {{ name_of_number(band_number(column, starts),
            band_names(starts, unit, is_whole=true)) }} as band,
        num_units,
        num_reviewed_orders,
        sum_review_score,
        gmv_amount
    from products
    where {{ column }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

answer as (
    select
        attribute_number,
        attribute,
        band_number,
        band,
        count(*) as num_products,
        {{ total('num_units') }} as num_units,
        {{ ratio('sum(num_units)', 'count(*)', 2) }} as units_per_product,
        {{ rounded(mean_bound('sum(num_units)', 'sum(num_units * num_units)', 'count(*)',
            'low'), 2) }}
            as low_units_per_product,
        {{ rounded(mean_bound('sum(num_units)', 'sum(num_units * num_units)', 'count(*)',
            'high'), 2) }}
            as high_units_per_product,
        {{ ratio('sum(gmv_amount)', 'count(*)', 2) }} as gmv_per_product_amount,
        {{ ratio('sum(gmv_amount)', 'sum(num_units)', 2) }} as average_price_amount,
        {{ ratio('sum(sum_review_score)', 'sum(num_reviewed_orders)', 2) }} as average_review_score,
        'Units per product stand for conversion: visits are not in the data. Products differ in '
        || 'age, price and category too, so a difference is no effect of the listing.' as proxy
    from banded
    group by attribute_number, attribute, band_number, band
)

select
    attribute,
    band_number,
    band,
    num_products,
    num_units,
    units_per_product,
    low_units_per_product,
    high_units_per_product,
    gmv_per_product_amount,
    average_price_amount,
    average_review_score,
    proxy,
    {% for number, name in [(1, 'photos'), (2, 'length')] -%}
    {%- set first = 'case when attribute_number = ' ~ number ~ ' then 0 else 1 end' -%}
    {% for end, order in [('low', 'band_number'),
        ('top', 'units_per_product desc, band_number')] -%}
    {{ value_at('band', first ~ ', ' ~ order) }} as finding_{{ name }}_{{ end }}_band,
    {{ value_at('units_per_product', first ~ ', ' ~ order) }} as finding_{{ name }}_{{ end }}_units,
    {{ value_at('low_units_per_product', first ~ ', ' ~ order) }}
        as finding_{{ name }}_{{ end }}_from,
    {{ value_at('high_units_per_product', first ~ ', ' ~ order) }}
        as finding_{{ name }}_{{ end }}_to
        {{- ',' if not loop.last }}
    {% endfor -%}
    {{- ',' if not loop.last }}
    {% endfor %}from answer
order by attribute_number, band_number
