-- One row per pattern, after a row of all orders. An order can show several.
{% set patterns = [
    ('five payments or more', 'is_split'),
    ('paid and due amounts differ', 'has_payment_mismatch'),
    ('very dear, twenty average orders', 'is_very_dear'),
    ('dear and in ten installments or more', 'is_dear_on_credit'),
    ('three orders or more of a person in a day', 'is_burst'),
    ('ten units or more', 'is_bulk'),
] %}
with

fact_orders as (
    select
        order_key,
        customer_key,
        order_date,
        order_status,
        has_payment_mismatch,
        num_items,
        num_payments,
        max_installments,
        review_score,
        payment_amount
    from {{ ref('fact_orders') }}
),

averages as (
    select {{ safe_divide('sum(payment_amount)', 'count(*)') }} as average_payment_amount
    from fact_orders
),

-- A person who moved within a day has two keys: rare, and no harm here.
orders_of_days as (
    select customer_key, order_date
    from fact_orders
    group by customer_key, order_date
    having count(*) >= 3
),

marked as (
    select
        fact_orders.order_status,
        fact_orders.review_score,
        fact_orders.payment_amount,
        fact_orders.num_payments >= 5 as is_split,
        fact_orders.has_payment_mismatch,
        fact_orders.payment_amount >= 20 * averages.average_payment_amount as is_very_dear,
        fact_orders.payment_amount >= 5 * averages.average_payment_amount
        and coalesce(fact_orders.max_installments, 0) >= 10 as is_dear_on_credit,
        orders_of_days.customer_key is not null as is_burst,
        fact_orders.num_items >= 10 as is_bulk
    from fact_orders
    cross join averages
    left join orders_of_days
        on
            fact_orders.customer_key = orders_of_days.customer_key
            and fact_orders.order_date = orders_of_days.order_date
),

flagged as (
    select
        *,
        {% for name, column in patterns -%}
        {{ column }}{% if not loop.last %} or {% endif %}
        {%- endfor %} as is_flagged
    from marked
),

counted as (
    {% for name, column in [('all orders', 'true')] + patterns -%}
    select
        {{ loop.index }} as pattern_number,
        '{{ name }}' as pattern,
        count(*) as num_orders,
        {{ count_where("order_status = 'canceled'") }} as num_canceled,
        count(review_score) as num_reviewed,
        {{ count_where('review_score <= ' ~ var('negative_review_max_score')) }} as num_negative,
        {{ count_where('is_flagged') }} as num_flagged,
        coalesce(sum(payment_amount), 0) as payment_amount
    from flagged
    where {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        *,
        max(num_orders) over () as all_orders,
        max(case when pattern_number = 1 then num_flagged end) over () as flagged_orders
    from counted
)

select
    pattern,
    num_orders,
    {{ ratio('num_orders', 'all_orders') }} as order_rate,
    cast(payment_amount as decimal(18, 2)) as payment_amount,
    {{ ratio('payment_amount', 'num_orders', 2) }} as average_payment_amount,
    {{ ratio('num_canceled', 'num_orders') }} as cancellation_rate,
    {{ ratio('num_negative', 'num_reviewed') }} as negative_review_rate,
    flagged_orders,
    {{ ratio('flagged_orders', 'all_orders') }} as flagged_rate,
    'Unusual is not fraudulent: the data names no fraud, no card, no device and no address to'
    || ' compare, so nothing here can be checked against known cases.' as proxy
from compared
order by pattern_number
