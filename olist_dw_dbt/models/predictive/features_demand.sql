-- One row per day of purchase, state of the customer and category with an order, from the first day
-- of steady trade to the as-of date. An order counts once, under the category of the most expensive
-- part of it; revenue counts under the category of each item. So orders and revenue add up to those
-- of the day, by state and by category.
with

int_as_of_date as (
    select first_steady_date, as_of_date
    from {{ ref('int_as_of_date') }}
),

fact_orders as (
    select fact_orders.order_key, fact_orders.geography_key, fact_orders.order_date
    from {{ ref('fact_orders') }} as fact_orders
    cross join int_as_of_date
    where
        fact_orders.order_date
        between int_as_of_date.first_steady_date and int_as_of_date.as_of_date
),

fact_order_items as (
    select order_key, category_key, charged_amount, revenue_amount
    from {{ ref('fact_order_items') }}
    where not is_orphan
),

dim_geography as (
    select geography_key, state
    from {{ ref('dim_geography') }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
),

categories_of_orders as (
    select
        order_key,
        category_key,
        sum(revenue_amount) as revenue_amount,
        row_number() over (
            partition by order_key
            order by sum(charged_amount) desc, category_key
        ) as category_rank
    from fact_order_items
    group by order_key, category_key
)

-- One order to its categories; 775 orders have no item and count under the unknown one.
select
    fact_orders.order_date as day,
    dim_geography.state as customer_state,
    dim_category.category_name_english,
    cast({{ total(
        'case when coalesce(categories_of_orders.category_rank, 1) = 1 then 1 else 0 end'
    ) }} as integer) as num_orders,
    cast(coalesce(sum(categories_of_orders.revenue_amount), 0) as decimal(18, 2))
        as revenue_amount
from fact_orders
left join categories_of_orders on fact_orders.order_key = categories_of_orders.order_key
inner join dim_geography on fact_orders.geography_key = dim_geography.geography_key
inner join dim_category
    on coalesce(categories_of_orders.category_key, 'unknown') = dim_category.category_key
group by
    fact_orders.order_date,
    dim_geography.state,
    dim_category.category_name_english
