-- One row per factor known at the purchase and value of it with at least
-- min_customers_for_ranking deliveries. Orders count once, but with each seller for the distance.
{% set promise_starts = [11, 16, 21, 26, 31] %}
{% set weekdays = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
] %}
{% set month_names = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December',
] %}
with

fact_deliveries as (
    select
        {{ band_number('distance_km', var('distance_band_starts')) }} as distance_band,
        case when is_late then 1 else 0 end as is_late_number
    from {{ ref('fact_deliveries') }}
    where is_delivered and distance_km is not null
),

fact_orders as (
    select
        {{ band_number('promised_days', promise_starts) }} as promise_band,
        case when num_sellers > 1 then 2 else 1 end as seller_band,
        case when is_late then 1 else 0 end as is_late_number
    from {{ ref('fact_orders') }}
    where is_delivered
),

mart_executive_dashboard as (
    select order_date, region, num_delivered, num_late
    from {{ ref('mart_executive_dashboard') }}
),

dim_date as (
    select full_date, month, day_of_week
    from {{ ref('dim_date') }}
),

days as (
    select
        dim_date.month,
        dim_date.day_of_week,
        mart_executive_dashboard.region,
        mart_executive_dashboard.num_delivered,
        mart_executive_dashboard.num_late
    from mart_executive_dashboard
    inner join dim_date on mart_executive_dashboard.order_date = dim_date.full_date
),

counted as (
    {% for factor, table, column in [
        ('distance', 'fact_deliveries', 'distance_band'),
        ('promised days', 'fact_orders', 'promise_band'),
        ('sellers of the order', 'fact_orders', 'seller_band'),
    ] -%}
    select
        '{{ factor }}' as factor,
        {{ loop.index }} as factor_number,
        {{ column }} as position,
        cast(null as {{ dbt.type_string() }}) as region,
        count(*) as num_deliveries,
        sum(is_late_number) as num_late
    from {{ table }}
    group by {{ column }}
    union all
    {% endfor -%}
    select 'weekday', 4, day_of_week, null, sum(num_delivered), sum(num_late)
    from days
    group by day_of_week
    union all
    select 'month', 5, month, null, sum(num_delivered), sum(num_late)
    from days
    group by month
    union all
    select 'region', 6, 0, region, sum(num_delivered), sum(num_late)
    from days
    group by region
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
            when 'promised days' then {{ name_of_number(
                'position', band_names(promise_starts, ' days', is_whole=true)
            ) }}
            when 'sellers of the order'
                then {{ name_of_number('position', ['one', 'several']) }}
            when 'weekday' then {{ name_of_number('position', weekdays) }}
            when 'month' then {{ name_of_number('position', month_names) }}
            else region
        end as value,
        num_deliveries,
        num_late,
        {{ safe_divide('num_late', 'num_deliveries') }} as late_rate,
        {{ safe_divide(
            "sum(case when factor = 'weekday' then num_late end) over ()",
            "sum(case when factor = 'weekday' then num_deliveries end) over ()"
        ) }} as all_late_rate
    from counted
),

ranked as (
    select
        *,
        row_number() over (order by late_rate desc, factor_number, position, value)
            as late_rank
    from named
    where num_deliveries >= {{ var('min_customers_for_ranking') }}
)

select
    factor,
    value,
    cast(num_deliveries as {{ dbt.type_bigint() }}) as num_deliveries,
    cast(num_late as {{ dbt.type_bigint() }}) as num_late,
    {{ rounded('late_rate') }} as late_rate,
    {{ ratio('late_rate', 'all_late_rate', 2) }} as lift,
    {{ rounded('all_late_rate') }} as all_late_rate,
    max(case when late_rank = 1 then factor end) over () as worst_factor,
    max(case when late_rank = 1 then value end) over () as worst_value,
    {{ rounded('max(late_rate) over ()') }} as worst_late_rate,
    {{ var('min_customers_for_ranking') }} as min_deliveries,
    'A model of each order''s risk to be late from all of these at once. Until then: one by one.'
        as waits_for_model
from ranked
order by factor_number, position, value
