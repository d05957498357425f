-- One row per seller tier: do its sellers go on, and do they sell a wider range. The last three
-- complete months are compared with the three before. A tier looks at all time, so a seller who
-- has just left still has one.
with

fact_order_items as (
    select seller_key, product_key, {{ month_start('order_date') }} as order_month
    from {{ ref('fact_order_items') }}
    where is_sale and seller_key <> {{ unknown_key() }}
),

mart_seller_scorecard as (
    select seller_key, seller_tier
    from {{ ref('mart_seller_scorecard') }}
),

months as (
    {{ complete_months() }}
),

catalogues as (
    select
        fact_order_items.seller_key,
        {% for name, sign in [('recent', '<='), ('previous', '>')] -%}
        count(distinct case
            when months.months_back {{ sign }} {{ var('short_trend_months') }}
                then fact_order_items.product_key
        end) as num_{{ name }}_products{% if not loop.last %},{% endif %}
        {% endfor %}
    from fact_order_items
    inner join months on fact_order_items.order_month = months.order_month
    where months.months_back <= 2 * {{ var('short_trend_months') }}
    group by fact_order_items.seller_key
),

tiers as (
    select
        mart_seller_scorecard.seller_tier,
        count(*) as num_previous_sellers,
        {{ count_where('catalogues.num_recent_products > 0') }} as num_still_active,
        {{ count_where('catalogues.num_recent_products > catalogues.num_previous_products') }}
            as num_growing_catalogue
    from catalogues
    inner join mart_seller_scorecard
        on catalogues.seller_key = mart_seller_scorecard.seller_key
    where catalogues.num_previous_products > 0
    group by mart_seller_scorecard.seller_tier
)

select
    seller_tier,
    num_previous_sellers,
    num_still_active,
    {{ ratio('num_still_active', 'num_previous_sellers') }} as still_active_rate,
    num_growing_catalogue,
    {{ ratio('num_growing_catalogue', 'num_previous_sellers') }}
        as growing_catalogue_rate,
    cast(sum(num_previous_sellers) over () as integer) as all_previous_sellers,
    {{ ratio(
        'sum(num_still_active) over ()', 'sum(num_previous_sellers) over ()'
    ) }} as all_still_active_rate,
    {{ ratio(
        'sum(num_growing_catalogue) over ()', 'sum(num_previous_sellers) over ()'
    ) }} as all_growing_catalogue_rate,
    'Sellers are not asked: going on to sell and selling more different products stand for'
    || ' satisfaction. A product counts when it sells, not when it is listed.' as proxy
from tiers
order by
    case seller_tier
        {%- for tier in var('seller_tiers') %}
        when '{{ tier.tier }}' then {{ loop.index }}
        {%- endfor %}
        else {{ var('seller_tiers') | length + 1 }}
    end
