-- One row per pattern with an order, the surest lift of cancellations over all orders first. An
-- order can show several.
with

marked as (
    {{ orders_with_patterns() }}
),

flagged as (
    select
        *,
        {% for pattern in order_patterns() -%}
        {{ pattern.column }}{% if not loop.last %} or {% endif %}
        {%- endfor %} as is_flagged
    from marked
),

totals as (
    select
        count(*) as all_orders,
        {{ count_where('is_flagged') }} as flagged_orders,
        {{ safe_divide(count_where("order_status = 'canceled'"), 'count(*)') }}
            as all_cancellation_rate,
        {{ safe_divide(
            count_where('review_score <= ' ~ var('negative_review_max_score')),
            'count(review_score)'
        ) }} as all_negative_review_rate
    from flagged
),

counted as (
    {% for pattern in order_patterns() -%}
    select
        '{{ pattern.name }}' as pattern,
        count(*) as num_orders,
        {{ count_where("order_status = 'canceled'") }} as num_canceled,
        count(review_score) as num_reviewed,
        {{ count_where('review_score <= ' ~ var('negative_review_max_score')) }} as num_negative,
        coalesce(sum(payment_amount), 0) as payment_amount
    from flagged
    where {{ pattern.column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        counted.*,
        totals.*,
        {{ safe_divide('counted.num_canceled', 'counted.num_orders') }} as cancellation_rate,
        {{ wilson_bound('counted.num_canceled', 'counted.num_orders', 'low') }} as low_rate,
        {{ wilson_bound('counted.num_canceled', 'counted.num_orders', 'high') }} as high_rate
    from counted
    cross join totals
    where counted.num_orders > 0
),

tests as (
    {{ binomial_tests(
        'compared', 'pattern', 'num_canceled', 'num_orders', 'all_cancellation_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'pattern') }}
),

answer as (
    select
        compared.pattern,
        compared.num_orders,
        {{ ratio('compared.num_orders', 'compared.all_orders') }} as order_rate,
        cast(compared.payment_amount as decimal(18, 2)) as payment_amount,
        {{ ratio('compared.payment_amount', 'compared.num_orders', 2) }}
            as average_payment_amount,
        compared.num_canceled,
        {{ rounded('compared.cancellation_rate') }} as cancellation_rate,
        {{ rounded('compared.low_rate') }} as low_cancellation_rate,
        {{ rounded('compared.high_rate') }} as high_cancellation_rate,
        {{ rounded('compared.all_cancellation_rate') }} as all_cancellation_rate,
        {{ ratio('compared.cancellation_rate', 'compared.all_cancellation_rate', 2) }} as lift,
        {{ ratio('compared.low_rate', 'compared.all_cancellation_rate', 2) }} as low_lift,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery
        and compared.cancellation_rate > compared.all_cancellation_rate as is_discovery,
        {{ ratio('compared.num_negative', 'compared.num_reviewed') }} as negative_review_rate,
        {{ rounded('compared.all_negative_review_rate') }} as all_negative_review_rate,
        compared.flagged_orders,
        {{ ratio('compared.flagged_orders', 'compared.all_orders') }} as flagged_rate
    from compared
    inner join found on compared.pattern = found.pattern
)

select
    pattern,
    num_orders,
    order_rate,
    payment_amount,
    average_payment_amount,
    num_canceled,
    cancellation_rate,
    low_cancellation_rate,
    high_cancellation_rate,
    all_cancellation_rate,
    lift,
    low_lift,
    adjusted_p_value,
    is_discovery,
    negative_review_rate,
    all_negative_review_rate,
    flagged_orders,
    flagged_rate,
    'Unusual is not fraudulent: the data names no fraud, no card, no device and no address to'
    || ' compare, so nothing here can be checked against known cases.' as proxy,
    sum(case when is_discovery then 1 else 0 end) over () as finding_num_apart,
    {{ value_at('is_discovery', 'low_lift desc, pattern') }} as finding_is_apart
from answer
order by low_lift desc, pattern
