-- One row: the day the warehouse looks back from, with the days it follows from.
-- Never the wall clock, which would put every customer of 2018 among the lost ones, nor the last
-- order: on the full data twenty stragglers follow the last day of trade, and the weeks before
-- that day are truncated. docs/decisions/0016-as-of-date.md has the reasons.
with

stg_orders as (
    select
        order_id,
        cast(purchased_at as date) as order_date
    from {{ ref('stg_orders') }}
),

surveys as (
    -- The survey of an order is its first one: with it a public extract shows the order.
    select
        order_id,
        min(creation_date) as survey_date
    from {{ ref('stg_order_reviews') }}
    group by order_id
),

events_by_day as (
    select
        'order' as event,
        order_date as event_date,
        count(*) as num_events
    from stg_orders
    group by order_date
    union all
    select
        'survey',
        survey_date,
        count(*)
    from surveys
    where survey_date is not null
    group by survey_date
),

first_and_last_days as (
    select
        event,
        min(event_date) as first_date,
        max(event_date) as last_date
    from events_by_day
    group by event
),

span as (
    select
        min(first_date) as first_date,
        max(last_date) as last_date
    from first_and_last_days
),

days as (
    {{ day_series('first_date', 'last_date', 'span') }}
),

every_day as (
    select
        first_and_last_days.event,
        days.day as event_date,
        coalesce(events_by_day.num_events, 0) as num_events
    from first_and_last_days
    inner join days
        on days.day between first_and_last_days.first_date and first_and_last_days.last_date
    left join events_by_day
        on
            first_and_last_days.event = events_by_day.event
            and days.day = events_by_day.event_date
),

trailing_events as (
    select
        event,
        event_date,
        num_events,
        sum(num_events) over (
            partition by event
            order by event_date
            rows between {{ var('as_of_trailing_days') - 1 }} preceding and current row
        ) as num_trailing_events
    from every_day
),

medians as (
    select
        event,
        percentile_cont(0.5) within group (order by num_trailing_events) as num_median
    from trailing_events
    group by event
),

last_days as (
    -- Of trade and, by the same rule, of surveys.
    select
        max(case when trailing_events.event = 'order' then trailing_events.event_date end)
            as last_trade_date,
        max(case when trailing_events.event = 'survey' then trailing_events.event_date end)
            as last_survey_date
    from trailing_events
    inner join medians on trailing_events.event = medians.event
    where
        trailing_events.num_events > 0
        and trailing_events.num_trailing_events
        >= {{ var('last_day_share_of_median') }} * medians.num_median
),

ages as (
    select
        stg_orders.order_date,
        surveys.survey_date is not null as is_surveyed,
        {{ dbt.datediff('stg_orders.order_date', 'last_days.last_trade_date', 'day') }}
            as days_to_last_trade,
        {{ dbt.datediff('stg_orders.order_date', 'last_days.last_survey_date', 'day') }}
            as days_to_last_survey,
        {{ dbt.datediff('stg_orders.order_date', 'surveys.survey_date', 'day') }}
            as days_to_survey
    from stg_orders
    left join surveys on stg_orders.order_id = surveys.order_id
    cross join last_days
),

end_of_trade as (
    -- A live feed shows an order when it is placed, long before its survey.
    select
        coalesce(
            avg(case when is_surveyed then 1.0 else 0.0 end)
            >= {{ var('truncated_from_surveyed_rate') }},
            false
        ) as is_truncated
    from ages
    where
        days_to_last_trade >= 0
        and days_to_last_trade < {{ var('truncated_trailing_days') }}
),

survey_delays as (
    -- Orders old enough that nearly all have had their survey, young enough to be like the last.
    select days_to_survey
    from ages
    where
        is_surveyed
        and days_to_last_survey
        between {{ var('survey_delay_from_days') }} and {{ var('survey_delay_until_days') }}
),

enough_delay as (
    select
        percentile_disc({{ var('visible_rate') }}) within group (order by days_to_survey)
            as days_to_survey
    from survey_delays
),

trade_days as (
    select events_by_day.event_date as order_date
    from events_by_day
    cross join last_days
    where
        events_by_day.event = 'order'
        and events_by_day.event_date <= last_days.last_trade_date
),

next_trade_days as (
    select
        order_date,
        lead(order_date) over (order by order_date) as next_order_date
    from trade_days
),

ends_of_runs as (
    -- The last day with an order before the next stretch without orders; null without one.
    select
        order_date,
        min(
            case
                when
                    {{ dbt.datediff('order_date', 'next_order_date', 'day') }}
                    > {{ var('steady_max_gap_days') }}
                    then order_date
            end
        ) over (
            order by order_date rows between current row and unbounded following
        ) as end_of_run_date
    from next_trade_days
),

steady_trade as (
    select min(order_date) as first_steady_date
    from ends_of_runs
    where
        end_of_run_date is null
        or {{ dbt.datediff('order_date', 'end_of_run_date', 'day') }}
        >= {{ var('steady_from_days') }}
),

order_days as (
    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from stg_orders
),

dated as (
    select
        order_days.first_order_date,
        steady_trade.first_steady_date,
        order_days.last_order_date,
        last_days.last_trade_date,
        last_days.last_survey_date,
        end_of_trade.is_truncated,
        {% if var('as_of_date') is none -%}
        case
            when end_of_trade.is_truncated and enough_delay.days_to_survey is not null
                then least(
                    last_days.last_trade_date,
                    cast(
                        {{ dbt.dateadd('day', '-enough_delay.days_to_survey',
                                       'last_days.last_survey_date') }} as date
                    )
                )
            else last_days.last_trade_date
        end as as_of_date
        {%- else -%}
        cast('{{ var("as_of_date") }}' as date) as as_of_date
        {%- endif %}
    from order_days
    cross join last_days
    cross join end_of_trade
    cross join enough_delay
    cross join steady_trade
),

visible as (
    select
        avg(
            case
                when
                    survey_delays.days_to_survey
                    <= {{ dbt.datediff('dated.as_of_date', 'dated.last_survey_date', 'day') }}
                    then 1.0
                else 0.0
            end
        ) as visible_rate
    from survey_delays
    cross join dated
)

select
    dated.first_order_date,
    dated.first_steady_date,
    dated.last_order_date,
    dated.last_trade_date,
    dated.last_survey_date,
    dated.is_truncated,
    case when dated.is_truncated then visible.visible_rate end as visible_rate,
    dated.as_of_date
from dated
cross join visible
