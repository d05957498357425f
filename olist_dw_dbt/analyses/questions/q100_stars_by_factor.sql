-- One row per factor and value of it with at least min_customers_for_ranking reviewed orders, the
-- factor that explains most first. Orders that were not delivered have a value of their own.
{% set delays = var('delay_day_bands') %}
{% set delay_starts = delays | map(attribute='from_days') | reject('none') | list %}
{% set day_starts = var('delivery_day_band_starts') %}
{% set unit_starts = [2, 3, 4] %}
{% set price_starts = var('price_band_starts') %}
{% set freight_starts = [10, 20, 30, 40] %}
with

fact_orders as (
    select
        is_delivered,
        num_sellers,
        num_items,
        review_score,
        item_amount,
        freight_amount,
        charged_amount,
        delivery_days,
        delay_days
    from {{ ref('fact_orders') }}
    where review_score is not null
),

banded as (
    select
        review_score,
        coalesce({{ band_number('delay_days', delay_starts) }}, 99) as delay_band,
        coalesce({{ band_number('delivery_days', day_starts) }}, 99) as day_band,
        case
            when num_sellers = 0 then 99
            when num_sellers = 1 then 1
            else 2
        end as seller_band,
        case when num_items = 0 then 99 else {{ band_number('num_items', unit_starts) }} end
            as unit_band,
        case when num_items = 0 then 99 else {{ band_number('item_amount', price_starts) }} end
            as price_band,
        coalesce({{ band_number(
            '100 * freight_amount / nullif(charged_amount, 0)', freight_starts
        ) }}, 99) as freight_band
    from fact_orders
),

counted as (
    {% for factor, column in [
        ('delay', 'delay_band'), ('delivery time', 'day_band'), ('sellers', 'seller_band'),
        ('units', 'unit_band'), ('price of the goods (BRL)', 'price_band'),
        ('freight share', 'freight_band'),
    ] -%}
    select
        '{{ factor }}' as factor,
        {{ column }} as position,
        count(*) as num_orders,
        sum(review_score) as sum_score,
        sum(review_score * review_score) as sum_square
    from banded
    group by {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

averaged as (
    select
        *,
        {{ safe_divide('sum_score', 'num_orders') }} as average_score,
        sum(num_orders) over (partition by factor) as all_orders,
        sum(sum_score) over (partition by factor) as all_score,
        sum(sum_square) over (partition by factor) as all_square,
        sum(cast(sum_score as {{ type_double() }}) * sum_score / num_orders)
            over (partition by factor) as between_square
    from counted
),

explained as (
    select
        *,
        {{ safe_divide('all_score', 'all_orders') }} as all_average_score,
        {{ ratio(
            'between_square - cast(all_score as ' ~ type_double() ~ ') * all_score / all_orders',
            'all_square - cast(all_score as ' ~ type_double() ~ ') * all_score / all_orders'
        ) }} as explained_rate
    from averaged
),

named as (
    select
        *,
        case
            when position = 99 and factor in ('delay', 'delivery time') then 'not delivered'
            when position = 99 then 'no items'
            when factor = 'delay'
                then {{ name_of_number('position', delays | map(attribute='name') | list) }}
            when factor = 'delivery time' then {{ name_of_number(
                'position', band_names(day_starts, ' days')
            ) }}
            when factor = 'sellers' then {{ name_of_number('position', ['one', 'several']) }}
            when factor = 'units' then {{ name_of_number(
                'position', band_names(unit_starts, is_whole=true)
            ) }}
            when factor = 'freight share' then {{ name_of_number(
                'position', band_names(freight_starts, ' %')
            ) }}
            else {{ name_of_number('position', band_names(price_starts)) }}
        end as value
    from explained
    where num_orders >= {{ var('min_customers_for_ranking') }}
)

select
    factor,
    value,
    num_orders as num_reviewed_orders,
    {{ rounded('average_score', 3) }} as average_review_score,
    {% for side in ['low', 'high'] -%}
    {{ rounded(mean_bound('sum_score', 'sum_square', 'num_orders', side), 3) }}
        as {{ side }}_review_score,
    {% endfor -%}
    {{ rounded('average_score - all_average_score', 3) }} as score_difference,
    explained_rate,
    {{ rounded('max(average_score) over (partition by factor)', 3) }} as highest_score,
    {{ rounded('min(average_score) over (partition by factor)', 3) }} as lowest_score,
    {{ var('min_customers_for_ranking') }} as min_orders,
    'A model of stars with the importance of each factor beside the others. Until then: each'
    || ' factor on its own.' as waits_for_model
from named
order by explained_rate desc, factor, position
