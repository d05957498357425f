-- One row per order with items: what is known of it when it is placed, beside its own attributes
-- what the days before have shown of its seller, its route (from the seller's state to the
-- customer's), the customer's state and zip region, and the country. A feature of day d uses events
-- dated before d only. That a promise was broken is known once the promised day has ended, whatever
-- happens after; an order that is canceled later counts until then like any other, since the data
-- does not say when it was.
{# An event has its own measures; those of the other events are null. -#}
{% set events = {
    'placed_day': {
        'num_placed': '1', 'sum_placed_day': 'placed_day', 'sum_promised_days': 'due_day - placed_day',
    },
    'handed_day': {
        'num_handed': '1', 'sum_handed_placed_day': 'placed_day',
        'sum_handling_days': 'handed_day - placed_day',
    },
    'delivered_day': {
        'num_delivered': '1', 'sum_delivered_placed_day': 'placed_day',
        'sum_log_days': 'log_days',
    },
    'due_day': {
        'num_due': '1', 'num_broken': 'case when delivered_day <= due_day then 0 else 1 end',
    },
} -%}
{% set histories = {
    'seller': {
        'num_placed': ['7', '28', 'all'], 'sum_placed_day': ['all'],
        'num_handed': ['28', '90', 'all'], 'sum_handed_placed_day': ['all'],
        'sum_handling_days': ['28', '90', 'all'],
        'num_delivered': ['120'], 'sum_log_days': ['120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'route': {
        'num_placed': ['28'], 'sum_promised_days': ['28'],
        'num_delivered': ['28', '120'], 'sum_log_days': ['28', '120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'state': {
        'num_placed': ['28', 'all'], 'sum_placed_day': ['all'], 'sum_promised_days': ['28'],
        'num_delivered': ['7', '28', 'all'], 'sum_delivered_placed_day': ['all'],
        'sum_log_days': ['7', '28'],
        'num_due': ['14', '28'], 'num_broken': ['14', '28'],
    },
    'zip': {
        'num_delivered': ['120'], 'sum_log_days': ['120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'nation': {
        'num_placed': ['7', '28', 'all'], 'sum_placed_day': ['all'], 'sum_promised_days': ['28'],
        'num_handed': ['7', '28', 'all'], 'sum_handed_placed_day': ['all'],
        'sum_handling_days': ['7', '28'],
        'num_delivered': ['7', '28', '120', 'all'], 'sum_delivered_placed_day': ['all'],
        'sum_log_days': ['7', '28', '120'],
        'num_due': ['7', '14', '28', 'all'], 'num_broken': ['7', '14', '28', 'all'],
    },
} -%}
{# Means of a history, each drawn to that of a wider group or a longer time as if `prior_weight`
    events had given it: a column, its group, sum, number, window in days, and what it is drawn to.
    Those of one list need only those of the lists before. -#}
{% set start = var('feature_priors') -%}
{% set means = [
    [
        ('nation_days_120', 'nation', 'log_days', 'delivered', '120', start.log_days),
        ('nation_late_all', 'nation', 'broken', 'due', 'all', start.late_rate),
        ('nation_handling_28', 'nation', 'handling_days', 'handed', '28', start.handling_days),
        ('state_promised_28', 'state', 'promised_days', 'placed', '28', start.promised_days),
    ],
    [
        ('nation_days_28', 'nation', 'log_days', 'delivered', '28', 'nation_days_120'),
        ('nation_late_28', 'nation', 'broken', 'due', '28', 'nation_late_all'),
        ('nation_handling_7', 'nation', 'handling_days', 'handed', '7', 'nation_handling_28'),
        ('seller_handling_90', 'seller', 'handling_days', 'handed', '90', 'nation_handling_28'),
        ('seller_late_all', 'seller', 'broken', 'due', 'all', 'nation_late_all'),
        ('route_late_all', 'route', 'broken', 'due', 'all', 'nation_late_all'),
        ('route_promised_28', 'route', 'promised_days', 'placed', '28', 'state_promised_28'),
    ],
    [
        ('nation_days_7', 'nation', 'log_days', 'delivered', '7', 'nation_days_28'),
        ('nation_late_7', 'nation', 'broken', 'due', '7', 'nation_late_28'),
        ('state_days_28', 'state', 'log_days', 'delivered', '28', 'nation_days_28'),
        ('state_late_28', 'state', 'broken', 'due', '28', 'nation_late_28'),
        ('seller_handling_28', 'seller', 'handling_days', 'handed', '28', 'seller_handling_90'),
        ('seller_days_120', 'seller', 'log_days', 'delivered', '120', 'nation_days_28'),
        ('seller_late_28', 'seller', 'broken', 'due', '28', 'nation_late_28'),
        ('zip_late_all', 'zip', 'broken', 'due', 'all', 'route_late_all'),
    ],
    [
        ('state_days_7', 'state', 'log_days', 'delivered', '7', 'state_days_28'),
        ('state_late_14', 'state', 'broken', 'due', '14', 'state_late_28'),
        ('route_days_120', 'route', 'log_days', 'delivered', '120', 'state_days_28'),
        ('route_late_28', 'route', 'broken', 'due', '28', 'state_late_28'),
        ('zip_late_28', 'zip', 'broken', 'due', '28', 'state_late_28'),
    ],
    [
        ('route_days_28', 'route', 'log_days', 'delivered', '28', 'route_days_120'),
        ('zip_days_120', 'zip', 'log_days', 'delivered', '120', 'route_days_120'),
    ],
] -%}
with

fact_orders as (
    select
        order_key,
        order_id,
        geography_key,
        order_date,
        purchased_at,
        handed_to_carrier_at,
        delivered_at,
        delivery_days,
        estimated_delivery_date,
        main_payment_type,
        max_installments,
        num_items,
        num_sellers,
        item_amount,
        freight_amount,
        is_sale
    from {{ ref('fact_orders') }}
    where has_items and estimated_delivery_date is not null
),

fact_order_items as (
    select
        order_key,
        order_item_id,
        product_key,
        seller_key,
        distance_km
    from {{ ref('fact_order_items') }}
),

dim_product as (
    select
        product_key,
        weight_g,
        volume_cm3
    from {{ ref('dim_product') }}
),

dim_seller as (
    select
        seller_key,
        state
    from {{ ref('dim_seller') }}
),

dim_geography as (
    select
        geography_key,
        zip_code_prefix,
        state
    from {{ ref('dim_geography') }}
),

parcels as (
    -- An order of several sellers (1.3 %) counts for that of its first item.
    select
        fact_order_items.order_key,
        min(case when fact_order_items.order_item_id = 1 then fact_order_items.seller_key end)
            as seller_key,
        max(fact_order_items.distance_km) as distance_km,
        sum(dim_product.weight_g) as weight_g,
        sum(dim_product.volume_cm3) as volume_cm3
    from fact_order_items
    inner join dim_product on fact_order_items.product_key = dim_product.product_key
    group by fact_order_items.order_key
),

orders as (
    select
        fact_orders.*,
        parcels.distance_km,
        parcels.weight_g,
        parcels.volume_cm3,
        dim_seller.state as seller_state,
        parcels.seller_key as seller,
        coalesce(dim_geography.state, 'Unknown') as state,
        coalesce(substring(dim_geography.zip_code_prefix, 1, 3), 'Unknown') as zip,
        'BR' as nation,
        dim_seller.state || '-' || coalesce(dim_geography.state, 'Unknown') as route,
        {{ day_number('fact_orders.order_date') }} as placed_day,
        {{ day_number('fact_orders.estimated_delivery_date') }} as due_day,
        -- A few dates of the hand-over lie before the purchase.
        case
            when fact_orders.handed_to_carrier_at is not null
                then greatest(
                    {{ day_number('fact_orders.handed_to_carrier_at') }},
                    {{ day_number('fact_orders.order_date') }}
                )
        end as handed_day,
        {{ day_number('fact_orders.delivered_at') }} as delivered_day,
        -- fact_orders has the promised days of delivered orders alone.
        {{ dbt.datediff('fact_orders.order_date', 'fact_orders.estimated_delivery_date', 'day') }}
            as promised_days,
        -- A decimal is added up exactly: a sum of floats depends on the order of the rows.
        case
            when fact_orders.delivered_at is not null
                then cast(ln(greatest(
                    {{ elapsed_days('fact_orders.purchased_at', 'fact_orders.delivered_at') }}, 0.5
                )) as decimal(18, 6))
        end as log_days
    from fact_orders
    inner join parcels on fact_orders.order_key = parcels.order_key
    inner join dim_seller on parcels.seller_key = dim_seller.seller_key
    inner join dim_geography on fact_orders.geography_key = dim_geography.geography_key
),

events as (
    {% for day, measures in events.items() -%}
    select
        {% for key in histories -%}
        {{ key }},
        {% endfor -%}
        {{ day }} as day_number
        {%- for event_day, of_event in events.items() -%}
        {%- for measure, expression in of_event.items() -%}
        ,
        {{ expression if event_day == day else 'null' }} as {{ measure }}
        {%- endfor -%}
        {%- endfor %}
    from orders
    where {{ day }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

{% for key, sums in histories.items() -%}
by_{{ key }} as (
    {{ history_until_the_day_before('events', key, sums) | indent(4) }}
),

{% endfor -%}
joined as (
    select
        orders.*
        {%- for key, sums in histories.items() -%}
        {%- for measure, windows in sums.items() -%}
        {%- for window in windows -%}
        ,
        by_{{ key }}.{{ measure }}_{{ window }} as {{ key }}_{{ measure }}_{{ window }}
        {%- endfor -%}
        {%- endfor -%}
        {%- endfor %}
    from orders
    {% for key in histories -%}
    inner join by_{{ key }}
        on
            orders.{{ key }} = by_{{ key }}.{{ key }}
            and orders.placed_day = by_{{ key }}.day_number
    {% endfor %}
),

{% for tier in means -%}
means_{{ loop.index }} as (
    select
        {{ 'joined' if loop.first else 'means_' ~ (loop.index - 1) }}.*
        {%- for name, key, total, number, window, prior in tier -%}
        ,
        {{ shrunken_mean(
            key ~ '_sum_' ~ total ~ '_' ~ window if total != 'broken'
            else key ~ '_num_broken_' ~ window,
            key ~ '_num_' ~ number ~ '_' ~ window,
            prior
        ) }} as {{ name }}
        {%- endfor %}
    from {{ 'joined' if loop.first else 'means_' ~ (loop.index - 1) }}
),

{% endfor -%}
measured as (
    select
        *,
        nation_num_placed_all - nation_num_delivered_all as nation_num_open,
        nation_num_placed_all - nation_num_handed_all as nation_num_waiting,
        state_num_placed_all - state_num_delivered_all as state_num_open,
        seller_num_placed_all - seller_num_handed_all as seller_num_waiting,
        seller_sum_placed_day_all - seller_sum_handed_placed_day_all as seller_sum_waiting_day,
        ln(greatest(promised_days, 1)) as log_promised_days
    from means_{{ means | length }}
)

select
    order_key,
    order_id,
    order_date,
    estimated_delivery_date,
    placed_day,
    due_day,
    delivered_day,
    delivery_days,
    seller as seller_key,
    seller_state,
    state as customer_state,
    route,
    promised_days,
    is_sale,
    nation_days_28,
    nation_days_7 - nation_days_28 as nation_days_trend_7,
    nation_days_28 - nation_days_120 as nation_days_trend_28,
    nation_late_28,
    nation_late_7,
    nation_handling_28,
    nation_handling_7,
    ln((nation_num_placed_7 + 5) / (nation_num_placed_28 / 4.0 + 5)) as nation_orders_trend,
    ln((nation_num_open + 5) / (nation_num_delivered_28 + 5.0)) as nation_open_load,
    ln((nation_num_open + 5) / (nation_num_placed_28 + 5.0)) as nation_open_trend,
    ln((nation_num_waiting + 5) / (nation_num_handed_28 + 5.0)) as nation_waiting_load,
    state_days_28,
    state_days_7 - state_days_28 as state_days_trend,
    state_late_28,
    state_late_14,
    ln((state_num_open + 5) / (state_num_delivered_28 + 5.0)) as state_open_load,
    ln((state_num_open + 5) / (state_num_placed_28 + 5.0)) as state_open_trend,
    route_days_120,
    route_days_28,
    route_late_all,
    route_late_28,
    zip_days_120 - route_days_120 as zip_days_beside_route,
    zip_late_all,
    zip_late_28,
    ln(1 + seller_handling_90) as seller_handling_90,
    ln(1 + seller_handling_28) as seller_handling_28,
    seller_days_120,
    seller_late_all,
    seller_late_28,
    ln(1 + seller_num_waiting) as seller_waiting,
    -- How long those orders have waited on average.
    ln(1 + coalesce({{ safe_divide(
        'placed_day * seller_num_waiting - seller_sum_waiting_day', 'seller_num_waiting'
    ) }}, 0)) as seller_waiting_age,
    ln((seller_num_waiting + 2) / (seller_num_handed_28 + 2.0)) as seller_waiting_load,
    ln((seller_num_placed_7 + 2) / (seller_num_placed_28 / 4.0 + 2)) as seller_orders_trend,
    ln(1 + seller_num_placed_28) as seller_orders_28,
    ln(1 + seller_num_placed_all) as seller_orders_all,
    log_promised_days,
    log_promised_days - route_days_28 as slack_route,
    log_promised_days - zip_days_120 as slack_zip,
    log_promised_days - seller_days_120 as slack_seller,
    log_promised_days - ln(state_promised_28) as promise_beside_state,
    log_promised_days - ln(route_promised_28) as promise_beside_route,
    ln(1 + distance_km) as log_distance,
    ln(1 + freight_amount) as log_freight,
    ln(1 + item_amount) as log_price,
    ln(1 + weight_g) as log_weight,
    ln(1 + volume_cm3) as log_volume,
    ln(num_items) as log_items,
    case when num_sellers > 1 then 1.0 else 0.0 end as several_sellers,
    case when main_payment_type = 'boleto' then 1.0 else 0.0 end as paid_by_boleto,
    ln(1 + coalesce(max_installments, 1)) as log_installments,
    case when seller_state = state then 1.0 else 0.0 end as same_state,
    extract(hour from purchased_at) / 24.0 as hour_of_day,
    {% for day in range(1, 7) -%}
    case when (placed_day + 4) % 7 = {{ day }} then 1.0 else 0.0 end as placed_on_weekday_{{ day }},
    {% endfor -%}
    case when (due_day + 4) % 7 = 0 then 1.0 else 0.0 end as due_on_monday
from measured
