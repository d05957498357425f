-- One row per order status that is not final: how many orders stand there on the as-of date, and
-- for how many days since the last thing that happened to them.
with

mart_order_funnel as (
    select
        order_status,
        num_stuck,
        num_overdue,
        sum_standing_days,
        max_standing_days
    from {{ ref('mart_order_funnel') }}
    where num_stuck > 0
),

statuses as (
    select
        order_status,
        {{ total('num_stuck') }} as num_stuck,
        {{ total('num_overdue') }} as num_overdue,
        {{ total('sum_standing_days') }} as sum_standing_days,
        max(max_standing_days) as longest_standing_days
    from mart_order_funnel
    group by order_status
),

answer as (
    select
        order_status,
        num_stuck,
        {{ ratio('num_stuck', 'sum(num_stuck) over ()') }} as stuck_share_rate,
        num_overdue,
        {{ ratio('num_overdue', 'num_stuck') }} as overdue_rate,
        {{ ratio('sum_standing_days', 'num_stuck', 1) }} as average_standing_days,
        longest_standing_days,
        cast(sum(num_stuck) over () as {{ dbt.type_bigint() }}) as all_num_stuck
    from statuses
)

select
    *,
    {{ value_at('order_status',
        'longest_standing_days desc, order_status') }} as finding_longest_status,
    max(longest_standing_days) over () as finding_longest_days
from answer
order by num_stuck desc, order_status
