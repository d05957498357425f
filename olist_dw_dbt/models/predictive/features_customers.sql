-- One row per customer and day of a sale: what is known of the customer from the next day on,
-- until the next such row. A forecast of day d takes each customer's last row before d.
with

int_customer_sales as (
    select order_key, customer_key, customer_unique_id, purchased_at, order_date
    from {{ ref('int_customer_sales') }}
),

fact_orders as (
    select
        order_key,
        main_payment_type,
        num_items,
        max_installments,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, state
    from {{ ref('dim_customer') }}
),

sales as (
    select
        int_customer_sales.customer_unique_id,
        int_customer_sales.order_date,
        dim_customer.state,
        fact_orders.main_payment_type,
        fact_orders.num_items,
        fact_orders.max_installments,
        fact_orders.freight_amount,
        fact_orders.revenue_amount,
        row_number() over (
            partition by int_customer_sales.customer_unique_id, int_customer_sales.order_date
            order by int_customer_sales.purchased_at desc, int_customer_sales.order_key
        ) as number_from_last
    from int_customer_sales
    inner join fact_orders on int_customer_sales.order_key = fact_orders.order_key
    inner join dim_customer on int_customer_sales.customer_key = dim_customer.customer_key
),

sale_days as (
    -- State, payment and installments are those of the day's last order.
    select
        customer_unique_id,
        order_date,
        max(case when number_from_last = 1 then state end) as state,
        max(case when number_from_last = 1 then main_payment_type end) as main_payment_type,
        max(case when number_from_last = 1 then max_installments end) as max_installments,
        count(*) as num_orders,
        sum(num_items) as num_items,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from sales
    group by customer_unique_id, order_date
)

select
    customer_unique_id,
    order_date as sale_date,
    min(order_date) over person as first_sale_date,
    state,
    main_payment_type,
    cast(max_installments as integer) as max_installments,
    cast(row_number() over person as integer) as num_sale_days,
    cast(sum(num_orders) over person as integer) as num_orders,
    cast(sum(num_items) over person as integer) as num_items,
    cast(sum(freight_amount) over person as decimal(18, 2)) as freight_amount,
    cast(sum(revenue_amount) over person as decimal(18, 2)) as revenue_amount
from sale_days
window person as (
    partition by customer_unique_id
    order by order_date
    rows unbounded preceding
)
