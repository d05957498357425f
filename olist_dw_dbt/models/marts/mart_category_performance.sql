-- One row per month of purchase, product category and state of the customer, for those with an
-- order. Additive measures only. An order stands once with each category it has items of (1 in
-- 125 has several): units and amounts add up over everything, orders and stars within one
-- category.
with

fact_order_items as (
    select
        order_key,
        customer_key,
        category_key,
        {{ month_start('order_date') }} as order_month,
        order_status,
        is_sale,
        price_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

fact_orders as (
    select order_key, review_score
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, state, region
    from {{ ref('dim_customer') }}
),

dim_category as (
    select category_key, category_name_english, category_group
    from {{ ref('dim_category') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

orders_by_category as (
    select
        order_key,
        customer_key,
        category_key,
        order_month,
        order_status,
        is_sale,
        count(*) as num_units,
        sum(price_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from fact_order_items
    group by order_key, customer_key, category_key, order_month, order_status, is_sale
),

-- Many orders to one customer, and one row of fact_orders for each of them.
aggregated as (
    select
        orders_by_category.category_key,
        orders_by_category.order_month,
        coalesce(dim_customer.state, 'Unknown') as customer_state,
        dim_customer.region,
        count(*) as num_orders_of_any_status,
        sum(case when orders_by_category.is_sale then 1 else 0 end) as num_orders,
        sum(case when orders_by_category.order_status = 'canceled' then 1 else 0 end)
            as num_canceled_orders,
        count(fact_orders.review_score) as num_reviewed_orders,
        coalesce(sum(fact_orders.review_score), 0) as sum_review_score,
        {% for measure in ['num_units', 'gmv_amount', 'freight_amount', 'revenue_amount'] -%}
        sum(case
            when orders_by_category.is_sale then orders_by_category.{{ measure }} else 0
        end) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from orders_by_category
    inner join fact_orders on orders_by_category.order_key = fact_orders.order_key
    inner join dim_customer on orders_by_category.customer_key = dim_customer.customer_key
    group by
        orders_by_category.category_key,
        orders_by_category.order_month,
        coalesce(dim_customer.state, 'Unknown'),
        dim_customer.region
)

select
    aggregated.category_key,
    aggregated.order_month,
    dim_category.category_name_english,
    dim_category.category_group,
    aggregated.customer_state,
    aggregated.region,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    {% for count in [
        'num_units', 'num_orders', 'num_orders_of_any_status', 'num_canceled_orders',
        'num_reviewed_orders', 'sum_review_score',
    ] -%}
    cast(aggregated.{{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(aggregated.gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(aggregated.freight_amount as decimal(18, 2)) as freight_amount,
    cast(aggregated.revenue_amount as decimal(18, 2)) as revenue_amount
from aggregated
inner join dim_category on aggregated.category_key = dim_category.category_key
left join int_order_months on aggregated.order_month = int_order_months.order_month
