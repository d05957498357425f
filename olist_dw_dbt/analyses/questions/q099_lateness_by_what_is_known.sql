-- One row per factor known at the purchase and value of it with at least
-- min_customers_for_ranking deliveries. Orders count once, but with each seller for the distance
-- and the seller's record. The calendar month is left out: each was seen once or twice, and a bad
-- one tells of that year alone.
{% set promise_starts = [11, 16, 21, 26, 31] %}
{% set record_starts = [2, 5, 10] %}
{% set worst = 'low_late_rate desc, factor_number, value' %}
{% set weekdays = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
] %}
with

-- What a seller's earlier shipments came to: those due before the purchase, nothing later.
fact_deliveries as (
    select
        delivery_key,
        seller_key,
        order_date,
        estimated_delivery_date,
        is_delivered,
        is_late,
        distance_km,
        case when is_late then 1 else 0 end as is_late_number
    from {{ ref('fact_deliveries') }}
    where is_sale and not is_orphan
),

fact_orders as (
    select
        customer_key,
        order_date,
        {{ band_number('promised_days', promise_starts) }} as promise_band,
        case when num_sellers > 1 then 2 else 1 end as seller_band,
        case when is_late then 1 else 0 end as is_late_number
    from {{ ref('fact_orders') }}
    where is_delivered
),

dim_date as (
    select full_date, day_of_week
    from {{ ref('dim_date') }}
),

dim_customer as (
    select customer_key, coalesce(state, 'Unknown') as state
    from {{ ref('dim_customer') }}
),

due_days as (
    select
        seller_key,
        estimated_delivery_date as due_date,
        count(*) as num_due,
        sum(is_late_number) as num_late
    from fact_deliveries
    where is_delivered
    group by seller_key, estimated_delivery_date
),

events as (
    select seller_key, due_date as day, 0 as is_purchase, num_due, num_late
    from due_days
    union all
    select distinct seller_key, order_date, 1, 0, 0
    from fact_deliveries
),

-- A promise that ends on the day of the purchase is not known yet: purchases come first.
records as (
    select
        seller_key,
        day,
        is_purchase,
        sum(num_due) over (
            partition by seller_key order by day, is_purchase desc
            rows between unbounded preceding and current row
        ) as num_due,
        sum(num_late) over (
            partition by seller_key order by day, is_purchase desc
            rows between unbounded preceding and current row
        ) as num_late
    from events
),

shipments as (
    select
        fact_deliveries.is_late_number,
        {{ band_number('fact_deliveries.distance_km', var('distance_band_starts')) }}
            as distance_band,
        case
            when coalesce(records.num_due, 0) < {{ var('min_orders_for_ranking') }} then 1
            else 1 + {{ band_number('100.0 * records.num_late / records.num_due', record_starts) }}
        end as record_band
    from fact_deliveries
    left join records
        on
            fact_deliveries.seller_key = records.seller_key
            and fact_deliveries.order_date = records.day
            and records.is_purchase = 1
    where fact_deliveries.is_delivered
),

orders as (
    select
        fact_orders.promise_band,
        fact_orders.seller_band,
        fact_orders.is_late_number,
        dim_date.day_of_week,
        dim_customer.state
    from fact_orders
    inner join dim_date on fact_orders.order_date = dim_date.full_date
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
),

counted as (
    {% for factor, table, column, is_text in [
        ('distance', 'shipments', 'distance_band', false),
        ('record of the seller', 'shipments', 'record_band', false),
        ('promised days', 'orders', 'promise_band', false),
        ('sellers of the order', 'orders', 'seller_band', false),
        ('weekday', 'orders', 'day_of_week', false),
        ('state', 'orders', 'state', true),
    ] -%}
    select
        '{{ factor }}' as factor,
        {{ loop.index }} as factor_number,
        {{ 0 if is_text else column }} as position,
        {{ column if is_text else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as state,
        count(*) as num_deliveries,
        sum(is_late_number) as num_late
    from {{ table }}
    where {{ column }} is not null
    group by {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

named as (
    select
        factor,
        factor_number,
        position,
        case factor
            when 'distance' then {{ name_of_number(
                'position', band_names(var('distance_band_starts'), ' km')
            ) }}
            when 'record of the seller' then {{ name_of_number(
                'position', ['too few deliveries before'] + band_names(record_starts, ' % late')
            ) }}
            when 'promised days' then {{ name_of_number(
                'position', band_names(promise_starts, ' days', is_whole=true)
            ) }}
            when 'sellers of the order'
                then {{ name_of_number('position', ['one', 'several']) }}
            when 'weekday' then {{ name_of_number('position', weekdays) }}
            else state
        end as value,
        cast(num_deliveries as {{ dbt.type_bigint() }}) as num_deliveries,
        cast(num_late as {{ dbt.type_bigint() }}) as num_late,
        {{ safe_divide(
            'sum(num_late) over (partition by factor)',
            'sum(num_deliveries) over (partition by factor)'
        ) }} as all_rate
    from counted
),

ranked as (
    select
        *,
        {{ dbt.concat(['factor', "' '", 'value']) }} as name,
        {{ safe_divide('num_late', 'num_deliveries') }} as late_rate,
        {{ wilson_bound('num_late', 'num_deliveries', 'low') }} as low_rate,
        {{ wilson_bound('num_late', 'num_deliveries', 'high') }} as high_rate
    from named
    where num_deliveries >= {{ var('min_customers_for_ranking') }}
),

tests as (
    {{ binomial_tests('ranked', 'name', 'num_late', 'num_deliveries', 'all_rate') }}
),

found as (
    {{ discoveries('tests', 'name') }}
),

answer as (
    select
        ranked.factor,
        ranked.factor_number,
        ranked.position,
        ranked.value,
        ranked.num_deliveries,
        ranked.num_late,
        {{ rounded('ranked.late_rate') }} as late_rate,
        {{ rounded('ranked.low_rate') }} as low_late_rate,
        {{ rounded('ranked.high_rate') }} as high_late_rate,
        {{ rounded('ranked.all_rate') }} as all_late_rate,
        {{ ratio('ranked.late_rate', 'ranked.all_rate', 2) }} as lift,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery
    from ranked
    inner join found on ranked.name = found.name
)

select
    factor,
    value,
    num_deliveries,
    num_late,
    late_rate,
    low_late_rate,
    high_late_rate,
    all_late_rate,
    lift,
    adjusted_p_value,
    is_discovery,
    {{ var('min_customers_for_ranking') }} as min_deliveries,
    'A model of each order''s risk to be late from all of these at once. Until then: one by one.'
        as waits_for_model,
    sum(case when is_discovery and lift > 1 then 1 else 0 end) over () as finding_num_more,
    {{ value_at('is_discovery', worst) }} as finding_has_worst,
    {{ value_at('factor', worst) }} as finding_factor_name,
    {{ value_at('value', worst) }} as finding_worst_value,
    {{ value_at('late_rate', worst) }} as finding_worst_late_rate,
    {{ value_at('low_late_rate', worst) }} as finding_worst_low_rate,
    {{ value_at('high_late_rate', worst) }} as finding_worst_high_rate,
    {{ value_at('num_deliveries', worst) }} as finding_worst_deliveries,
    {{ value_at('all_late_rate', worst) }} as finding_worst_all_rate
from answer
order by factor_number, position, late_rate desc, value
