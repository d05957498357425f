-- One row per band of a seller's sales in the three complete months before the last three: do its
-- sellers go on, and do they sell a wider range. The band looks at the earlier months alone: a
-- class that knows how the sellers went on would answer the question with itself.
{% set starts = [2, 6, 21, 101] %}
with

fact_order_items as (
    select
        seller_key,
        product_key,
        order_key,
        {{ month_start('order_date') }} as order_month
    from {{ ref('fact_order_items') }}
    where is_sale and seller_key <> {{ unknown_key() }}
),

months as (
    {{ complete_months() }}
),

catalogues as (
    select
        fact_order_items.seller_key,
        {% for name, sign in [('recent', '<='), ('previous', '>')] -%}
        {% for key in ['product', 'order'] -%}
        count(distinct case
            when months.months_back {{ sign }} {{ var('short_trend_months') }}
                then fact_order_items.{{ key }}_key
        end) as num_{{ name }}_{{ key }}s{{ ',' if not loop.last }}
        {% endfor -%}
        {{ ',' if not loop.last }}
        {% endfor %}
    from fact_order_items
    inner join months on fact_order_items.order_month = months.order_month
    where months.months_back <= 2 * {{ var('short_trend_months') }}
    group by fact_order_items.seller_key
),

bands as (
    select
        {{ band_number('num_previous_orders', starts) }} as band,
        count(*) as num_previous_sellers,
        {{ count_where('num_recent_products > 0') }} as num_still_active,
        {{ count_where('num_recent_products > num_previous_products') }}
            as num_growing_catalogue
    from catalogues
    where num_previous_products > 0
    group by {{ band_number('num_previous_orders', starts) }}
),

rated as (
    select
        *,
        sum(num_previous_sellers) over () as all_previous_sellers,
        sum(num_still_active) over () as all_still_active,
        sum(num_growing_catalogue) over () as all_growing_catalogue
    from bands
)

select
    {{ name_of_number('band', band_names(starts, is_whole=true)) }} as sales_band,
    num_previous_sellers,
    num_still_active,
    {{ ratio('num_still_active', 'num_previous_sellers') }} as still_active_rate,
    {{ rounded(wilson_bound('num_still_active', 'num_previous_sellers', 'low')) }} as low_rate,
    {{ rounded(wilson_bound('num_still_active', 'num_previous_sellers', 'high')) }}
        as high_rate,
    num_growing_catalogue,
    {{ ratio('num_growing_catalogue', 'num_previous_sellers') }}
        as growing_catalogue_rate,
    cast(all_previous_sellers as integer) as finding_previous_sellers,
    {{ ratio('all_still_active', 'all_previous_sellers') }} as finding_still_active_rate,
    {{ rounded(wilson_bound('all_still_active', 'all_previous_sellers', 'low')) }}
        as finding_low_rate,
    {{ rounded(wilson_bound('all_still_active', 'all_previous_sellers', 'high')) }}
        as finding_high_rate,
    {{ ratio('all_growing_catalogue', 'all_previous_sellers') }}
        as finding_growing_catalogue_rate,
    'Sellers are not asked: going on to sell and selling more different products stand for'
    || ' satisfaction. A product counts when it sells, not when it is listed.' as proxy
from rated
order by band
