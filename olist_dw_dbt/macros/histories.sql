{#- What was known of a group (a seller, a route) on the morning of a day: sums of its events of
    earlier days, as the body of a CTE. A day that nothing is asked of and without an event has no
    row.

    Args:
        events: Relation with one row an event, its day as `day_number` (an integer that counts
            days), and the measures, exact numbers of which an event has some, else null.
        key: The column that names the group.
        sums: Which measures over which days: mappings of `measure` to a list of windows in days;
            `all` is the whole past. They give columns `<measure>_<window>`. -#}
{% macro history_until_the_day_before(events, key, sums) -%}
    select
        {{ key }},
        day_number
        {%- for measure, windows in sums.items() %}
        {%- for window in windows -%}
        ,
        coalesce(sum({{ measure }}) over (
            partition by {{ key }}
            order by day_number
            range between
            {{ 'unbounded' if window == 'all' else window }} preceding and 1 preceding
        ), 0) as {{ measure }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from (
        select
            {{ key }},
            day_number
            {%- for measure in sums -%}
            ,
            sum({{ measure }}) as {{ measure }}
            {%- endfor %}
        from {{ events }}
        group by {{ key }}, day_number
    ) as sums_by_day
{%- endmacro %}

{#- The features of orders at purchase: what is known of an order with items when it is placed,
    beside its own attributes what the days before have shown of its seller, its route (from the
    seller's state to the customer's), the customer's state and zip region, and the country. A
    feature of day d uses events dated before d only. That a promise was broken is known once the
    promised day has ended, whatever happens after; an order that is canceled later counts until
    then like any other, since the data does not say when it was.

    Args:
        recent: Whether only the orders of the recent days (var late_risk_recent_days) are asked
            for, whose features are the same. -#}
{% macro order_features(recent=false) -%}
{# An event has its own measures; those of the other events are null. -#}
{% set events = {
    'placed_day': {
        'num_placed': '1', 'sum_promised_days': 'due_day - placed_day', 'num_open': '1',
        'num_waiting': '1', 'sum_waiting_day': 'placed_day',
    },
    'handed_day': {'num_handed': '1', 'sum_handling_days': 'handed_day - placed_day'},
    'released_day': {'num_waiting': '-1', 'sum_waiting_day': '-placed_day'},
    'delivered_day': {'num_delivered': '1', 'sum_log_days': 'log_days'},
    'left_day': {'num_open': '-1'},
    'due_day': {
        'num_due': '1', 'num_broken': 'case when delivered_day <= due_day then 0 else 1 end',
    },
} -%}
{% set all_measures = [] -%}
{% for measures in events.values() -%}
{% for measure in measures if measure not in all_measures -%}
{% do all_measures.append(measure) -%}
{% endfor -%}
{% endfor -%}
{# Of each group the sums of its events in so many days before the purchase, or in all of them. -#}
{% set histories = {
    'seller': {
        'num_placed': ['28'], 'num_waiting': ['all'], 'sum_waiting_day': ['all'],
        'num_handed': ['90'], 'sum_handling_days': ['90'],
        'num_delivered': ['120'], 'sum_log_days': ['120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'route': {
        'num_placed': ['28'], 'sum_promised_days': ['28'],
        'num_delivered': ['28', '120'], 'sum_log_days': ['28', '120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'zip': {
        'num_delivered': ['120'], 'sum_log_days': ['120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
    'state': {
        'num_placed': ['28'], 'sum_promised_days': ['28'], 'num_open': ['all'],
        'num_delivered': ['7', '28'], 'sum_log_days': ['7', '28'],
        'num_due': ['28'], 'num_broken': ['28'],
    },
    'nation': {
        'num_placed': ['28'], 'num_open': ['all'],
        'num_handed': ['28'], 'sum_handling_days': ['28'],
        'num_delivered': ['28', '120'], 'sum_log_days': ['28', '120'],
        'num_due': ['28', 'all'], 'num_broken': ['28', 'all'],
    },
} -%}
{# Means of a history, each drawn to that of a wider group or a longer time as if `prior_weight`
    events had given it: a column, its group, sum, number, window in days, and what it is drawn to.
    Those of one list need only those of the lists before. -#}
{% set start = var('feature_priors') -%}
{% set means = [
    [
        ('nation_days_120', 'nation', 'sum_log_days', 'delivered', '120', start.log_days),
        ('nation_late_all', 'nation', 'num_broken', 'due', 'all', start.late_rate),
        ('nation_handling', 'nation', 'sum_handling_days', 'handed', '28', start.handling_days),
        ('state_promised', 'state', 'sum_promised_days', 'placed', '28', start.promised_days),
    ],
    [
        ('nation_days', 'nation', 'sum_log_days', 'delivered', '28', 'nation_days_120'),
        ('nation_late', 'nation', 'num_broken', 'due', '28', 'nation_late_all'),
        ('seller_handling', 'seller', 'sum_handling_days', 'handed', '90', 'nation_handling'),
        ('seller_late_all', 'seller', 'num_broken', 'due', 'all', 'nation_late_all'),
        ('route_late_all', 'route', 'num_broken', 'due', 'all', 'nation_late_all'),
        ('route_promised', 'route', 'sum_promised_days', 'placed', '28', 'state_promised'),
    ],
    [
        ('state_days', 'state', 'sum_log_days', 'delivered', '28', 'nation_days'),
        ('state_late', 'state', 'num_broken', 'due', '28', 'nation_late'),
        ('seller_days', 'seller', 'sum_log_days', 'delivered', '120', 'nation_days'),
        ('seller_late', 'seller', 'num_broken', 'due', '28', 'nation_late'),
        ('zip_late_all', 'zip', 'num_broken', 'due', 'all', 'route_late_all'),
    ],
    [
        ('state_days_7', 'state', 'sum_log_days', 'delivered', '7', 'state_days'),
        ('route_days_120', 'route', 'sum_log_days', 'delivered', '120', 'state_days'),
        ('route_late', 'route', 'num_broken', 'due', '28', 'state_late'),
        ('zip_late', 'zip', 'num_broken', 'due', '28', 'state_late'),
    ],
    [
        ('route_days', 'route', 'sum_log_days', 'delivered', '28', 'route_days_120'),
        ('zip_days', 'zip', 'sum_log_days', 'delivered', '120', 'route_days_120'),
    ],
] -%}
{# For recent orders, what lies before all windows counts only in sums of the whole past: it is
    moved to one day before them, so that each group has few days to add up. -#}
{% set days = [] -%}
{% for sums in histories.values() -%}
{% for windows in sums.values() -%}
{% do days.extend(windows | reject('equalto', 'all') | map('int')) -%}
{% endfor -%}
{% endfor -%}
with

{% if recent -%}
int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

bounds as (
    select
        {{ day_number('as_of_date') }} - {{ var('late_risk_recent_days') }} as first_day,
        {{ day_number('as_of_date') }} as last_day,
        {{ day_number('as_of_date') }} - {{ var('late_risk_recent_days') + (days | max) + 1 }}
            as day_before_windows
    from int_as_of_date
),

{% endif -%}
fact_orders as (
    select
        order_key,
        order_id,
        geography_key,
        order_date,
        purchased_at,
        handed_to_carrier_at,
        delivered_at,
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
        parcels.seller_key,
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
        -- fact_orders has the days of orders of the status delivered alone; a parcel can arrive
        -- before its status says so.
        {{ elapsed_days('fact_orders.purchased_at', 'fact_orders.delivered_at') }}
            as delivery_days,
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

orders_with_ends as (
    select
        orders.*,
        -- What never arrives would stay among the orders under way for ever: there none counts for
        -- more than 60 days, nor for more than 30 among those that wait at the seller.
        case when handed_day <= placed_day + 30 then handed_day else placed_day + 30 end
            as released_day,
        case when delivered_day <= placed_day + 60 then delivered_day else placed_day + 60 end
            as left_day
    from orders
),

events as (
    {% for day, measures in events.items() -%}
    select
        {% for key in histories -%}
        {{ key }},
        {% endfor -%}
        {{ 'greatest(' ~ day ~ ', bounds.day_before_windows)' if recent else day }} as day_number
        {%- for measure in all_measures -%}
        ,
        {{ measures.get(measure, 'null') }} as {{ measure }}
        {%- endfor %}
    from orders_with_ends{{ ' cross join bounds' if recent }}
    where {{ day }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

{% for key, sums in histories.items() -%}
by_{{ key }} as (
    {{ history_until_the_day_before('events', key, sums) | indent(4) }}
),

{% endfor -%}
asked_orders as (
    select orders.*
    from orders
    {% if recent -%}
    cross join bounds
    where orders.placed_day between bounds.first_day and bounds.last_day
    {% endif %}
),

joined as (
    select
        asked_orders.*
        {%- for key, sums in histories.items() -%}
        {%- for measure, windows in sums.items() -%}
        {%- for window in windows -%}
        ,
        by_{{ key }}.{{ measure }}_{{ window }} as {{ key }}_{{ measure }}_{{ window }}
        {%- endfor -%}
        {%- endfor -%}
        {%- endfor %}
    from asked_orders
    {% for key in histories -%}
    inner join by_{{ key }}
        on
            asked_orders.{{ key }} = by_{{ key }}.{{ key }}
            and asked_orders.placed_day = by_{{ key }}.day_number
    {% endfor %}
),

{% for tier in means -%}
means_{{ loop.index }} as (
    select
        {{ 'joined' if loop.first else 'means_' ~ (loop.index - 1) }}.*
        {%- for name, key, total, number, window, prior in tier -%}
        ,
        {{ shrunken_mean(
            key ~ '_' ~ total ~ '_' ~ window, key ~ '_num_' ~ number ~ '_' ~ window, prior
        ) }} as {{ name }}
        {%- endfor %}
    from {{ 'joined' if loop.first else 'means_' ~ (loop.index - 1) }}
),

{% endfor -%}
measured as (
    select
        *,
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
    seller_key,
    seller_state,
    state as customer_state,
    route,
    promised_days,
    is_sale,
    -- The level of the country moves further than any fit has seen: it stands apart, and groups
    -- stand beside it.
    nation_days,
    nation_late,
    ln(1 + nation_handling) as nation_handling,
    ln((nation_num_open_all + 5) / (nation_num_placed_28 + 5.0)) as nation_open_trend,
    state_days - nation_days as state_days_beside_nation,
    state_days_7 - state_days as state_days_trend,
    state_late - nation_late as state_late_beside_nation,
    ln((state_num_open_all + 5) / (state_num_delivered_28 + 5.0)) as state_open_load,
    ln((state_num_open_all + 5) / (state_num_placed_28 + 5.0)) as state_open_trend,
    route_days_120 - nation_days as route_days_120_beside_nation,
    route_days - nation_days as route_days_beside_nation,
    route_late_all,
    route_late - nation_late as route_late_beside_nation,
    zip_days - route_days_120 as zip_days_beside_route,
    zip_late_all,
    zip_late - nation_late as zip_late_beside_nation,
    ln((1 + seller_handling) / (1 + nation_handling)) as seller_handling_beside_nation,
    seller_days - nation_days as seller_days_beside_nation,
    seller_late_all,
    seller_late - nation_late as seller_late_beside_nation,
    ln(1 + seller_num_waiting_all) as seller_waiting,
    ln(1 + coalesce({{ safe_divide(
        'placed_day * seller_num_waiting_all - seller_sum_waiting_day_all',
        'seller_num_waiting_all'
    ) }}, 0)) as seller_waiting_age,
    ln((seller_num_waiting_all + 2) / (seller_num_placed_28 + 2.0)) as seller_waiting_load,
    ln(1 + seller_num_placed_28) as seller_orders_28,
    log_promised_days,
    log_promised_days - route_days as slack_route,
    log_promised_days - zip_days as slack_zip,
    log_promised_days - seller_days as slack_seller,
    log_promised_days - ln(state_promised) as promise_beside_state,
    log_promised_days - ln(route_promised) as promise_beside_route,
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
    case when mod(due_day + 4, 7) = 0 then 1.0 else 0.0 end as due_on_monday,
    -- No features, but what naive answers are made of: logs of days to the door, 28 and 120 days.
    route_days,
    route_days_120
from measured
{%- endmacro %}
