-- One row per day from the first day of steady trade to 400 days after the as-of date: the daily
-- measures that are watched for anomalies, and the calendar. A measure is what is known when the
-- day ends, but that an order which is canceled later is no sale, here as in every other figure.
-- Days after the as-of date have a calendar alone; 400 of them hold the next Black Friday.
with

int_as_of_date as (
    select first_steady_date, as_of_date
    from {{ ref('int_as_of_date') }}
),

brazilian_holidays as (
    select holiday_date, holiday_name
    from {{ ref('brazilian_holidays') }}
),

known_events as (
    select first_date, last_date, event_name, event_kind
    from {{ ref('known_events') }}
),

fact_orders as (
    select order_date, estimated_delivery_date, is_sale, is_on_time, revenue_amount
    from {{ ref('fact_orders') }}
),

fact_reviews as (
    select cast(answered_at as date) as answered_date, review_score
    from {{ ref('fact_reviews') }}
    where not is_orphan
),

bounds as (
    select
        first_steady_date as first_day,
        {{ dbt.dateadd('day', 400, 'as_of_date') }} as last_day
    from int_as_of_date
),

days as (
    {{ day_series('first_day', 'last_day', 'bounds') }}
),

-- Of events that overlap the one that began last.
events_of_days as (
    select
        days.day,
        known_events.event_name,
        known_events.event_kind,
        known_events.first_date,
        row_number() over (
            partition by days.day
            order by known_events.first_date desc
        ) as event_rank
    from days
    inner join known_events
        on days.day between known_events.first_date and known_events.last_date
),

orders_by_day as (
    select
        order_date as day,
        count(*) as num_orders,
        sum(revenue_amount) as revenue_amount
    from fact_orders
    group by order_date
),

-- A promise is broken once its day has ended without the parcel, and stays so.
promises_by_day as (
    select
        estimated_delivery_date as day,
        count(*) as num_due,
        {{ count_where('not is_on_time') }} as num_late
    from fact_orders
    where is_sale
    group by estimated_delivery_date
),

reviews_by_day as (
    select
        answered_date as day,
        count(*) as num_reviews,
        sum(review_score) as sum_review_score
    from fact_reviews
    group by answered_date
)

select
    cast(days.day as date) as day,
    days.day <= int_as_of_date.as_of_date as is_past,
    brazilian_holidays.holiday_name,
    events_of_days.event_name,
    events_of_days.event_kind,
    events_of_days.first_date as event_first_date,
    {% for measure, relation, type in [
        ('num_orders', 'orders_by_day', 'integer'),
        ('revenue_amount', 'orders_by_day', 'decimal(18, 2)'),
        ('num_due', 'promises_by_day', 'integer'),
        ('num_late', 'promises_by_day', 'integer'),
        ('num_reviews', 'reviews_by_day', 'integer'),
        ('sum_review_score', 'reviews_by_day', 'integer'),
    ] -%}
    case
        when days.day <= int_as_of_date.as_of_date
            then cast(coalesce({{ relation }}.{{ measure }}, 0) as {{ type }})
    end as {{ measure }}{{ ',' if not loop.last }}
    {% endfor -%}
from days
cross join int_as_of_date
left join brazilian_holidays on days.day = brazilian_holidays.holiday_date
left join events_of_days on days.day = events_of_days.day and events_of_days.event_rank = 1
left join orders_by_day on days.day = orders_by_day.day
left join promises_by_day on days.day = promises_by_day.day
left join reviews_by_day on days.day = reviews_by_day.day
