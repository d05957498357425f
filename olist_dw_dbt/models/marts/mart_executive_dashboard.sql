-- One row per order date and state of the customer, for the days and states with an order.
-- Additive measures only: sum them over any period and region, divide afterwards.
with

fact_orders as (
    select
        order_id,
        customer_key,
        order_date,
        order_status,
        is_sale,
        {{ is_due() }} as is_due,
        has_items,
        is_delivered,
        is_on_time,
        is_late,
        num_items,
        num_free_freight_items,
        num_reviews,
        sum_review_score,
        num_satisfied_reviews,
        num_promoters,
        num_detractors,
        item_amount,
        freight_amount,
        revenue_amount,
        delivery_days,
        promised_days
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, state, region
    from {{ ref('dim_customer') }}
),

-- A person is new with the first sale; buyers that the source does not know count for none.
mart_customer_analytics as (
    select first_order_id
    from {{ ref('mart_customer_analytics') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

orders_with_customer as (
    select
        fact_orders.*,
        coalesce(dim_customer.state, 'Unknown') as customer_state,
        dim_customer.region
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
),

aggregated as (
    select
        orders_with_customer.order_date,
        orders_with_customer.customer_state,
        orders_with_customer.region,
        count(*) as num_orders,
        sum(case when is_sale then 1 else 0 end) as num_sales,
        sum(case when is_sale and has_items then 1 else 0 end) as num_sales_with_items,
        sum(case when has_items then 1 else 0 end) as num_orders_with_items,
        sum(case when order_status = 'canceled' then 1 else 0 end) as num_canceled_orders,
        sum(case when order_status = 'canceled' and has_items then 1 else 0 end)
            as num_canceled_orders_with_items,
        sum(case when is_sale then num_items else 0 end) as num_items,
        sum(case when is_sale then num_free_freight_items else 0 end)
            as num_free_freight_items,
        sum(case when is_sale then item_amount else 0 end) as gmv_amount,
        sum(case when is_sale then freight_amount else 0 end) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(case when is_delivered then 1 else 0 end) as num_delivered,
        sum(case when is_on_time then 1 else 0 end) as num_on_time,
        sum(case when is_late then 1 else 0 end) as num_late,
        sum(case when is_due then 1 else 0 end) as num_due,
        sum(case when is_due and is_on_time then 1 else 0 end) as num_promise_kept,
        {{ sum_days('delivery_days') }} as sum_delivery_days,
        sum(coalesce(promised_days, 0)) as sum_promised_days,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score,
        sum(num_satisfied_reviews) as num_satisfied_reviews,
        sum(num_promoters) as num_promoters,
        sum(num_detractors) as num_detractors,
        count(mart_customer_analytics.first_order_id) as num_new_customers
    from orders_with_customer
    left join mart_customer_analytics
        on orders_with_customer.order_id = mart_customer_analytics.first_order_id
    group by
        orders_with_customer.order_date,
        orders_with_customer.customer_state,
        orders_with_customer.region
)

select
    aggregated.order_date,
    aggregated.customer_state,
    aggregated.region,
    {{ month_start('aggregated.order_date') }} as order_month,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    {% for count in [
        'num_orders', 'num_sales', 'num_sales_with_items', 'num_orders_with_items',
        'num_canceled_orders', 'num_canceled_orders_with_items', 'num_items',
        'num_free_freight_items',
    ] -%}
    cast(aggregated.{{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(aggregated.gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(aggregated.freight_amount as decimal(18, 2)) as freight_amount,
    cast(aggregated.revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(aggregated.num_delivered as integer) as num_delivered,
    cast(aggregated.num_on_time as integer) as num_on_time,
    cast(aggregated.num_late as integer) as num_late,
    cast(aggregated.num_due as integer) as num_due,
    cast(aggregated.num_promise_kept as integer) as num_promise_kept,
    cast(aggregated.sum_delivery_days as {{ type_double() }}) as sum_delivery_days,
    cast(aggregated.sum_promised_days as {{ type_double() }}) as sum_promised_days,
    {% for count in [
        'num_reviews', 'sum_review_score', 'num_satisfied_reviews', 'num_promoters',
        'num_detractors', 'num_new_customers',
    ] -%}
    cast(aggregated.{{ count }} as integer) as {{ count }}
    {%- if not loop.last %},{% endif %}
    {% endfor -%}
from aggregated
left join int_order_months
    on {{ month_start('aggregated.order_date') }} = int_order_months.order_month
