-- One row per category with at least min_orders_for_ranking months of repriced products, most of
-- them first: the fewer there are, the more an elasticity is chance. Within a product only: dear
-- and cheap products are not compared.
with

mart_product_performance as (
    select product_key, category_key
    from {{ ref('mart_product_performance') }}
    where min_price_amount > 0 and min_price_amount < max_price_amount and not is_unknown
),

fact_order_items as (
    select product_key, {{ month_start('order_date') }} as order_month, price_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

months as (
    {{ complete_months() }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

product_months as (
    select
        fact_order_items.product_key,
        mart_product_performance.category_key,
        fact_order_items.order_month,
        count(*) as num_units,
        ln(cast(count(*) as {{ type_double() }})) as log_units,
        ln(cast(sum(fact_order_items.price_amount) as {{ type_double() }}) / count(*))
            as log_price
    from fact_order_items
    inner join mart_product_performance
        on fact_order_items.product_key = mart_product_performance.product_key
    inner join months on fact_order_items.order_month = months.order_month
    group by
        fact_order_items.product_key,
        mart_product_performance.category_key,
        fact_order_items.order_month
),

-- Around each product's own average: that products differ in price and size does not count.
products as (
    select
        category_key,
        count(*) as num_months,
        sum(num_units) as num_units,
        {{ sum_exact('log_units * log_price', 9) }}
        - {{ sum_exact('log_units', 9) }}
        * cast({{ sum_exact('log_price', 9) }} as {{ type_double() }}) / count(*)
            as sum_products,
        {{ sum_exact('log_price * log_price', 9) }}
        - {{ sum_exact('log_price', 9) }}
        * cast({{ sum_exact('log_price', 9) }} as {{ type_double() }}) / count(*)
            as sum_squares
    from product_months
    group by product_key, category_key
),

categories as (
    select
        category_key,
        count(*) as num_products,
        {{ total('num_months') }} as num_product_months,
        {{ total('num_units') }} as num_units,
        {{ sum_exact('sum_products', 9) }} as sum_products,
        {{ sum_exact('sum_squares', 9) }} as sum_squares
    from products
    group by category_key
)

select
    dim_category.category_name_english,
    categories.num_products,
    categories.num_product_months,
    categories.num_units,
    {{ ratio('categories.sum_products', 'categories.sum_squares', 2) }} as price_elasticity,
    {{ ratio(
        'sum(categories.sum_products) over ()', 'sum(categories.sum_squares) over ()', 2
    ) }} as all_price_elasticity,
    {{ var('min_orders_for_ranking') }} as min_product_months,
    'An elasticity from the prices that happened: nobody varied them on purpose, seasons and'
    || ' stock move units too, and months without a sale do not count, which weakens it.'
        as proxy
from categories
inner join dim_category on categories.category_key = dim_category.category_key
where
    categories.num_product_months >= {{ var('min_orders_for_ranking') }}
    and categories.sum_squares > 0
order by categories.num_product_months desc, dim_category.category_name_english
