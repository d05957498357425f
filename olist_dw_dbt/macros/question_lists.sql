{#- What a question counts and its full list (analyses/lists) must agree upon. -#}

{#- A condition on mart_customer_analytics: valuable, satisfied, and away. Who left in anger needs
    another letter. -#}
{% macro to_reactivate() -%}
    rfm_segment in ('AT_RISK', 'LAPSED_VALUABLE')
    and average_review_score >= {{ var('positive_review_min_score') }}
{%- endmacro %}

{#- The patterns an order can show, as a list of names and flag columns. -#}
{% macro order_patterns() %}
    {%- set limits = var('unusual_order') -%}
    {%- do return([
        {'name': limits.payments ~ ' payments or more', 'column': 'is_split'},
        {'name': 'paid and due amounts differ', 'column': 'has_payment_mismatch'},
        {'name': 'payment of ' ~ limits.times_average ~ ' average orders or more',
            'column': 'is_very_large'},
        {'name': 'payment of ' ~ limits.credit_times_average ~ ' average orders or more in '
            ~ limits.credit_installments ~ ' installments or more', 'column': 'is_large_on_credit'},
        {'name': limits.orders_of_a_day ~ ' orders or more of a customer in a day',
            'column': 'is_burst'},
        {'name': limits.units ~ ' units or more', 'column': 'is_bulk'},
    ]) -%}
{% endmacro %}

{#- The orders with a flag for each pattern: the body of a CTE. A customer who moved within a day
    has two keys: rare, and no harm here. -#}
{% macro orders_with_patterns() -%}
    {%- set limits = var('unusual_order') -%}
    select
        orders.order_id,
        orders.order_date,
        orders.order_status,
        orders.main_payment_type,
        orders.num_items,
        orders.num_payments,
        orders.max_installments,
        orders.payment_amount,
        orders.review_score,
        orders.num_payments >= {{ limits.payments }} as is_split,
        orders.has_payment_mismatch,
        orders.payment_amount >= {{ limits.times_average }} * averages.payment_amount
            as is_very_large,
        orders.payment_amount >= {{ limits.credit_times_average }} * averages.payment_amount
        and coalesce(orders.max_installments, 0) >= {{ limits.credit_installments }}
            as is_large_on_credit,
        count(*) over (partition by orders.customer_key, orders.order_date)
        >= {{ limits.orders_of_a_day }} as is_burst,
        orders.num_items >= {{ limits.units }} as is_bulk
    from {{ ref('fact_orders') }} as orders
    cross join (
        select {{ safe_divide('sum(payment_amount)', 'count(*)') }} as payment_amount
        from {{ ref('fact_orders') }}
    ) as averages
{%- endmacro %}
