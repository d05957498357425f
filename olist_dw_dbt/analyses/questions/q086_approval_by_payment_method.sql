-- One row per main payment type, most orders first.
{% set surest = 'case when is_discovery then 0 else 1 end, low_rate desc, num_orders desc' %}
with

fact_orders as (
    select main_payment_type, order_status, approved_at, approval_hours
    from {{ ref('fact_orders') }}
),

types as (
    select
        main_payment_type as payment_type,
        count(*) as num_orders,
        {{ count_where('approved_at is null') }} as num_unapproved,
        {{ count_where("order_status = 'canceled'") }} as num_canceled,
        count(approval_hours) as num_timed,
        {{ count_where('approval_hours > 24') }} as num_slow,
        {{ median('approval_hours') }} as median_approval_hours
    from fact_orders
    group by main_payment_type
),

compared as (
    select
        *,
        {{ safe_divide('sum(num_unapproved) over ()', 'sum(num_orders) over ()') }} as all_rate
    from types
),

ranked as (
    select *
    from compared
    where num_orders >= {{ var('min_orders_for_rare_rates') }}
),

tests as (
    {{ binomial_tests('ranked', 'payment_type', 'num_unapproved', 'num_orders', 'all_rate') }}
),

found as (
    {{ discoveries('tests', 'payment_type') }}
),

answer as (
    select
        compared.payment_type,
        compared.num_orders,
        compared.num_unapproved,
        {{ ratio('compared.num_unapproved', 'compared.num_orders') }} as unapproved_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound('compared.num_unapproved', 'compared.num_orders', side)) }}
            as {{ side }}_rate,
        {% endfor -%}
        {{ rounded('compared.all_rate') }} as all_unapproved_rate,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        coalesce(found.is_discovery, false)
        and {{ safe_divide('compared.num_unapproved', 'compared.num_orders') }}
        > compared.all_rate as is_discovery,
        {{ ratio('compared.num_canceled', 'compared.num_orders') }} as cancellation_rate,
        {{ rounded('compared.median_approval_hours', 1) }} as median_approval_hours,
        {{ ratio('compared.num_slow', 'compared.num_timed') }} as slow_approval_rate
    from compared
    left join found on compared.payment_type = found.payment_type
)

select
    payment_type,
    num_orders,
    num_unapproved,
    unapproved_rate,
    low_rate,
    high_rate,
    all_unapproved_rate,
    adjusted_p_value,
    is_discovery,
    cancellation_rate,
    median_approval_hours,
    slow_approval_rate,
    'Declined and repeated payments are not in the data, only those that went through. Needed:'
    || ' every attempt with its answer from the payment provider.' as not_in_data,
    sum(case when is_discovery then 1 else 0 end) over () > 0 as finding_is_apart,
    {% for column in ['payment_type', 'num_orders', 'unapproved_rate', 'low_rate', 'high_rate',
        'cancellation_rate'] -%}
    {{ value_at(column, surest) }} as finding_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from answer
order by num_orders desc, payment_type
