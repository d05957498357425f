-- One row per complete month of purchase whose deliveries are mature: days that deliveries took
-- beside the days that were promised. The promised day itself is still on time.
with

mart_executive_dashboard as (
    select
        order_month,
        is_complete_month,
        is_delivery_mature,
        num_sales,
        num_delivered,
        num_on_time,
        num_due,
        num_promise_kept,
        sum_delivery_days,
        sum_promised_days
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        {{ total('num_sales') }} as num_sales,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_on_time') }} as num_on_time,
        {{ total('num_due') }} as num_due,
        {{ total('num_promise_kept') }} as num_promise_kept,
        sum(sum_delivery_days) as sum_delivery_days,
        sum(sum_promised_days) as sum_promised_days
    from mart_executive_dashboard
    where is_complete_month and is_delivery_mature
    group by order_month
),

answer as (
    select
        order_month,
        num_delivered,
        {{ ratio('sum_delivery_days', 'num_delivered', 2) }} as average_delivery_days,
        {{ ratio('sum_promised_days', 'num_delivered', 2) }} as average_promised_days,
        {{ ratio('sum_promised_days - sum_delivery_days', 'num_delivered', 2) }} as margin_days,
        {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
        num_due,
        {{ ratio('num_due', 'num_sales') }} as due_rate,
        {{ ratio('num_promise_kept', 'num_due') }} as promise_kept_rate,
        {{ rounded(wilson_bound('num_promise_kept', 'num_due', 'low')) }} as low_promise_kept_rate,
        {{ rounded(wilson_bound('num_promise_kept', 'num_due', 'high')) }} as high_promise_kept_rate
    from months
    where num_delivered > 0
)

select
    *,
    {% set mature = 'case when due_rate >= ' ~ var('due_from_rate') ~ ' then 0 else 1 end' -%}
    {%- set names = ['order_month', 'num_due', 'promise_kept_rate', 'low_promise_kept_rate',
        'high_promise_kept_rate'] -%}
    {%- for name in names -%}
    {{ value_at(name, mature ~ ', order_month desc') }} as finding_due_{{ loop.index }},
    {{ value_at(name, mature ~ ', promise_kept_rate, order_month') }}
        as finding_worst_{{ loop.index }}
        {%- if not loop.last %},{% endif %}
    {% endfor %}
from answer
order by order_month
