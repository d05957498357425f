"""Whether the end of the orders is all there: the raw gate's look at a truncated extract.

An extract may show an order only once its review survey was sent. Then its last weeks hold
those that arrived fast, and what lacks is estimated from how long surveys took. The rule is
that of ``int_as_of_date``, which has the reasons, and the numbers are the same vars. The gate
comes before the models, so it reads the text of ``raw``.
"""

from __future__ import annotations

from orchestration.dbt.variables import project_vars
from orchestration.quality.spec import ENOUGH_ROWS, between

_VARS = project_vars()

# Of a day of which less is visible its own few orders say nothing: it counts as a usual day.
_TOO_LITTLE_VISIBLE = 0.25

_MISSING = f"""(
    with surveys as (
        select order_id, min(try_cast(review_creation_date as date)) as surveyed_on
        from raw.order_reviews group by order_id
    ),
    dated as (
        select try_cast(order_purchase_timestamp as date) as ordered_on, surveyed_on
        from raw.orders left join surveys using (order_id)
    ),
    events as (
        select 'order' as event, ordered_on as day, count(*) as n from dated
        where ordered_on is not null group by day
        union all
        select 'survey', surveyed_on, count(*) from surveys
        where surveyed_on is not null group by surveyed_on
    ),
    weeks as (
        select event, day, sum(n) over (
            partition by event order by day range between
                interval {_VARS["as_of_trailing_days"] - 1} days preceding and current row
        ) as n
        from events
    ),
    ends as (
        select
            max(day) filter (event = 'order') as last_trade,
            max(day) filter (event = 'survey') as last_survey
        from weeks inner join (select event, median(n) as usual from weeks group by event)
            using (event)
        where n >= {_VARS["last_day_share_of_median"]} * usual
    ),
    truncated as (
        select coalesce(
            avg((surveyed_on is not null)::int) >= {_VARS["truncated_from_surveyed_rate"]},
            false
        ) as is_truncated
        from dated, ends
        where last_trade - ordered_on between 0 and {_VARS["truncated_trailing_days"] - 1}
    ),
    delays as (
        select ordered_on, surveyed_on - ordered_on as delay
        from dated, ends
        where surveyed_on is not null and last_survey - ordered_on
            between {_VARS["survey_delay_from_days"]} and {_VARS["survey_delay_until_days"]}
    ),
    shown as (
        select count(*) as n, (
            select avg((delay <= last_survey - day)::int) from delays
        ) as visible, (
            select count(*) / count(distinct ordered_on) from delays
        ) as usual
        from dated, ends, (select unnest(generate_series(
            last_survey - {_VARS["survey_delay_from_days"]}, last_trade, interval 1 day
        ))::date as day)
        where ordered_on = day group by day, last_survey
    )
    select round(case when any_value(is_truncated) then coalesce(sum(
        case when visible >= {_TOO_LITTLE_VISIBLE} then n / visible - n
            else greatest(0, usual - n) end
    ), 0) else 0 end)
    from truncated left join shown on true
)"""

LAST_ORDERS_ARE_THERE = between(
    "last_orders_are_there",
    f"case when count(*) >= {ENOUGH_ROWS} then {_MISSING} end",
    expected="orders of the last weeks that are missing, by the time their surveys took",
    advice="The source shows an order only once its review survey was sent, so its last weeks "
    "hold those that arrived fast. The as-of date lies before them, and nothing compares them "
    "(docs/decisions/0016-as-of-date.md). If the source should be a live one, ask why orders "
    "without a survey are left out.",
    warning=(None, 0),
)
