-- One row per pair of categories, most common orders first, the first 50 with at least two of
-- them. Lift is within the orders of several products: against all orders, of which 97 % have one
-- product, no two things would ever belong together. Products without a category are left out.
{% set shown_rows = 50 %}
{% set min_orders = 2 %}
with

fact_order_items as (
    select order_key, product_key, category_key
    from {{ ref('fact_order_items') }}
    where is_sale
),

fact_orders as (
    select order_key, num_items
    from {{ ref('fact_orders') }}
    where is_sale and has_items
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

category_products as (
    select
        fact_order_items.order_key,
        fact_order_items.category_key,
        count(distinct fact_order_items.product_key) as num_products
    from fact_order_items
    inner join fact_orders on fact_order_items.order_key = fact_orders.order_key
    where fact_orders.num_items > 1
    group by fact_order_items.order_key, fact_order_items.category_key
),

multi_product_orders as (
    select
        order_key,
        max(case when num_products > 1 then 1 else 0 end) as has_same_category_number
    from category_products
    group by order_key
    having sum(num_products) > 1
),

totals as (
    select
        count(*) as num_multi_product_orders,
        sum(has_same_category_number) as num_same_category_orders,
        max(sales.num_sales) as num_sales
    from multi_product_orders
    cross join (select count(*) as num_sales from fact_orders) as sales
),

named as (
    select
        category_products.order_key,
        category_products.num_products,
        dim_category.category_name_english
    from category_products
    inner join multi_product_orders
        on category_products.order_key = multi_product_orders.order_key
    inner join dim_category on category_products.category_key = dim_category.category_key
),

category_orders as (
    select category_name_english, count(*) as num_orders
    from named
    group by category_name_english
),

-- A category meets itself where an order has two products of it.
pairs as (
    select
        a.category_name_english as category_a,
        b.category_name_english as category_b,
        count(*) as num_orders_together
    from named as a
    inner join named as b
        on a.order_key = b.order_key and a.category_name_english <= b.category_name_english
    where a.category_name_english < b.category_name_english or a.num_products > 1
    group by a.category_name_english, b.category_name_english
)

select
    pairs.category_a,
    pairs.category_b,
    pairs.num_orders_together,
    {{ ratio('pairs.num_orders_together', 'totals.num_multi_product_orders') }}
        as together_rate,
    case
        when pairs.category_a < pairs.category_b
            then {{ ratio(
                'pairs.num_orders_together * totals.num_multi_product_orders',
                'orders_a.num_orders * orders_b.num_orders', 2
            ) }}
    end as lift,
    {{ ratio('totals.num_multi_product_orders', 'totals.num_sales') }} as multi_product_rate,
    {{ ratio('totals.num_same_category_orders', 'totals.num_multi_product_orders') }}
        as same_category_rate,
    {{ min_orders }} as min_orders
from pairs
inner join category_orders as orders_a on pairs.category_a = orders_a.category_name_english
inner join category_orders as orders_b on pairs.category_b = orders_b.category_name_english
cross join totals
where pairs.num_orders_together >= {{ min_orders }}
order by pairs.num_orders_together desc, pairs.category_a, pairs.category_b
limit {{ shown_rows }}
