{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    coalesce(not regexp_full_match(order_id, '[0-9a-f]{32}'), false) as has_odd_id,
    {{ is_none_of('lower(trim(order_status))', [
        'created', 'approved', 'invoiced', 'processing', 'shipped', 'delivered', 'canceled',
        'unavailable',
    ]) }} as has_unknown_status,
    case
        when order_status = 'delivered' then {{ is_absent('order_delivered_customer_date') }}
    end as lacks_delivery,
    case
        when order_status = 'delivered' then {{ is_absent('order_delivered_carrier_date') }}
    end as lacks_handover,
    coalesce(
        try_cast(order_delivered_customer_date as timestamp)
        < try_cast(order_purchase_timestamp as timestamp),
        false
    ) as is_delivered_before_purchase,
    coalesce(
        try_cast(order_estimated_delivery_date as timestamp)
        < date_trunc('day', try_cast(order_purchase_timestamp as timestamp)),
        false
    ) as is_promised_before_purchase,
    coalesce(order_status in ('canceled', 'unavailable'), false) as is_no_sale
from raw.orders
{% endset %}

{#- Whether the end of the orders is all there. An extract may show an order only once its review
    survey was sent. Then its last weeks hold those that arrived fast, and what is missing is
    estimated from how long surveys took. The rule is that of int_as_of_date, which has the
    reasons, and the numbers are the same vars. The gate comes before the models, so this reads
    the text of raw. Of a day of which less than this share is visible its own few orders say
    nothing: it counts as a usual day. -#}
{% set too_little_visible = 0.25 %}

-- Orders, and how many of the last weeks are missing.
with

surveys as (
    select
        order_id,
        min(try_cast(review_creation_date as date)) as surveyed_on
    from raw.order_reviews
    group by order_id
),

dated as (
    select
        try_cast(order_purchase_timestamp as date) as ordered_on,
        surveyed_on
    from raw.orders
    left join surveys using (order_id)
),

events as (
    select
        'order' as event,
        ordered_on as day,
        count(*) as n
    from dated
    where ordered_on is not null
    group by ordered_on
    union all
    select
        'survey' as event,
        surveyed_on as day,
        count(*) as n
    from surveys
    where surveyed_on is not null
    group by surveyed_on
),

weeks as (
    select
        event,
        day,
        sum(n) over (
            partition by event order by day
            range between interval {{ var('as_of_trailing_days') - 1 }} days preceding
            and current row
        ) as n
    from events
),

usual_weeks as (
    select
        event,
        median(n) as n
    from weeks
    group by event
),

ends as (
    select
        max(day) filter (where event = 'order') as last_trade,
        max(day) filter (where event = 'survey') as last_survey
    from weeks
    inner join usual_weeks using (event)
    where weeks.n >= {{ var('last_day_share_of_median') }} * usual_weeks.n
),

truncated as (
    select coalesce(
        avg((surveyed_on is not null)::integer) >= {{ var('truncated_from_surveyed_rate') }}, false
    ) as is_truncated
    from dated
    cross join ends
    where last_trade - ordered_on between 0 and {{ var('truncated_trailing_days') - 1 }}
),

delays as (
    select
        ordered_on,
        surveyed_on - ordered_on as delay
    from dated
    cross join ends
    where
        surveyed_on is not null
        and last_survey - ordered_on
        between {{ var('survey_delay_from_days') }} and {{ var('survey_delay_until_days') }}
),

last_days as (
    select
        last_survey,
        unnest(generate_series(
            last_survey - {{ var('survey_delay_from_days') }}, last_trade, interval 1 day
        ))::date as day
    from ends
),

shown as (
    select
        count(*) as n,
        (select avg((delay <= last_survey - day)::integer) from delays) as visible,
        (select count(*) / count(distinct ordered_on) from delays) as usual
    from dated
    inner join last_days on dated.ordered_on = last_days.day
    group by day, last_survey
),

missing as (
    select round(case when any_value(is_truncated) then coalesce(sum(
        case
            when visible >= {{ too_little_visible }} then n / visible - n
            else greatest(0, usual - n)
        end
    ), 0) else 0 end) as num_orders
    from truncated
    left join shown on true
)

select
    {{ share('has_odd_id') }} as ids_keep_their_format,
    {{ share('has_unknown_status') }} as statuses_are_known,
    {{ share('lacks_delivery') }} as delivered_orders_have_a_delivery,
    {{ share('lacks_handover') }} as delivered_orders_were_handed_over,
    {{ share('is_delivered_before_purchase') }} as purchase_comes_before_delivery,
    {{ share('is_promised_before_purchase') }} as promise_comes_after_purchase,
    {{ share('is_no_sale') }} as most_orders_become_sales,
    case
        when
            min(date_diff('day', try_cast(order_purchase_timestamp as timestamp), _loaded_at))
            between 0 and {{ var('gate_live_within_days') }}
            then date_diff(
                'day',
                max(try_cast(order_purchase_timestamp as timestamp)),
                (select max(loaded_at) from ops.load_audit)
            )
    end as newest_order_is_fresh,
    {{ if_enough('(select num_orders from missing)') }} as last_orders_are_there
from ({{ rows }}) as orders
