-- One row per day, plus one unknown member: 2016-01-01 to 2020-12-31 and as far beyond as the
-- data needs, to the end of the year after its last event.
with

stg_orders as (
    select purchased_at, approved_at, handed_to_carrier_at, delivered_at
    from {{ ref('stg_orders') }}
),

stg_order_reviews as (
    select creation_date, answered_at
    from {{ ref('stg_order_reviews') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

brazilian_holidays as (
    select holiday_date, holiday_name
    from {{ ref('brazilian_holidays') }}
),

-- Estimates and shipping limits do not count: they lie ahead of the data.
event_bounds as (
    select
        least(
            min(purchased_at), min(approved_at), min(handed_to_carrier_at), min(delivered_at)
        ) as first_event_at,
        greatest(
            max(purchased_at), max(approved_at), max(handed_to_carrier_at), max(delivered_at)
        ) as last_event_at
    from stg_orders
    union all
    select
        least(min(creation_date), min(answered_at)) as first_event_at,
        greatest(max(creation_date), max(answered_at)) as last_event_at
    from stg_order_reviews
),

calendar_bounds as (
    select
        least(
            cast('{{ var("calendar_start_date") }}' as date),
            cast({{ dbt.date_trunc('year', 'min(first_event_at)') }} as date)
        ) as first_day,
        greatest(
            cast('{{ var("calendar_min_end_date") }}' as date),
            cast(
                {{ dbt.last_day(dbt.dateadd('year', 1, 'max(last_event_at)'), 'year') }} as date
            )
        ) as last_day
    from event_bounds
),

days as (
    {{ day_series('first_day', 'last_day', 'calendar_bounds') }}
),

parts as (
    select
        day as full_date,
        {{ month_start('day') }} as month_start_date,
        cast(extract(year from day) as integer) as year,
        cast(extract(quarter from day) as integer) as quarter,
        cast(extract(month from day) as integer) as month,
        cast(extract(day from day) as integer) as day_of_month,
        -- ISO 8601, in which the first days of January may lie in week 52 or 53.
        cast(extract(week from day) as integer) as iso_week,
        {{ iso_day_of_week('day') }} as day_of_week
    from days
),

described as (
    select
        {{ date_key('parts.full_date') }} as date_key,
        parts.full_date,
        parts.month_start_date,
        parts.year,
        parts.quarter,
        parts.month,
        {{ name_of_number('parts.month', [
            'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
            'September', 'October', 'November', 'December',
        ]) }} as month_name,
        parts.day_of_month,
        parts.iso_week,
        parts.day_of_week,
        {{ name_of_number('parts.day_of_week', [
            'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
        ]) }} as day_name,
        brazilian_holidays.holiday_name,
        parts.day_of_week >= 6 as is_weekend,
        brazilian_holidays.holiday_date is not null as is_holiday,
        -- The day after the fourth Thursday, which is the 22nd to the 28th.
        (parts.month = 11 and parts.day_of_week = 5 and parts.day_of_month between 23 and 29)
            as is_black_friday,
        coalesce(int_order_months.is_complete, false) as is_complete_month,
        coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature_month,
        false as is_unknown
    from parts
    left join brazilian_holidays on parts.full_date = brazilian_holidays.holiday_date
    left join int_order_months on parts.month_start_date = int_order_months.order_month
),

unknown_member as (
    select
        0 as date_key,
        cast(null as date) as full_date,
        cast(null as date) as month_start_date,
        cast(null as integer) as year,
        cast(null as integer) as quarter,
        cast(null as integer) as month,
        'Unknown' as month_name,
        cast(null as integer) as day_of_month,
        cast(null as integer) as iso_week,
        cast(null as integer) as day_of_week,
        'Unknown' as day_name,
        cast(null as {{ dbt.type_string() }}) as holiday_name,
        false as is_weekend,
        false as is_holiday,
        false as is_black_friday,
        false as is_complete_month,
        false as is_delivery_mature_month,
        true as is_unknown
)

select
    date_key, full_date, month_start_date, year, quarter, month, month_name, day_of_month,
    iso_week, day_of_week, day_name, holiday_name, is_weekend, is_holiday, is_black_friday,
    is_complete_month, is_delivery_mature_month, is_unknown
from described
union all
select
    date_key, full_date, month_start_date, year, quarter, month, month_name, day_of_month,
    iso_week, day_of_week, day_name, holiday_name, is_weekend, is_holiday, is_black_friday,
    is_complete_month, is_delivery_mature_month, is_unknown
from unknown_member
