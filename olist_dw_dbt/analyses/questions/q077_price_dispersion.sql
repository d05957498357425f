-- One row per category with at least min_orders_for_ranking units of products that sold min_units
-- units or more, most units first: in a small category one product makes the rate.
{% set min_units = var('low_performer_below_units') %}
with

mart_product_performance as (
    select
        product_key,
        category_key,
        num_units,
        gmv_amount,
        min_price_amount,
        max_price_amount
    from {{ ref('mart_product_performance') }}
    where num_units >= {{ min_units }} and not is_unknown
),

fact_order_items as (
    select product_key, price_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

units_below_highest as (
    select mart_product_performance.category_key, count(*) as num_units_below
    from fact_order_items
    inner join mart_product_performance
        on fact_order_items.product_key = mart_product_performance.product_key
    where fact_order_items.price_amount < mart_product_performance.max_price_amount
    group by mart_product_performance.category_key
),

categories as (
    select
        category_key,
        count(*) as num_products,
        {{ count_where('min_price_amount < max_price_amount') }} as num_repriced_products,
        {{ total('num_units') }} as num_units,
        sum(gmv_amount) as paid_amount,
        sum(num_units * max_price_amount) as highest_amount
    from mart_product_performance
    group by category_key
),

named as (
    select
        dim_category.category_name_english,
        categories.num_products,
        {{ ratio('categories.num_repriced_products', 'categories.num_products') }}
            as repriced_product_rate,
        categories.num_units,
        {{ ratio('coalesce(units_below_highest.num_units_below, 0)', 'categories.num_units') }}
            as below_highest_rate,
        {{ ratio(
            'categories.highest_amount - categories.paid_amount', 'categories.highest_amount'
        ) }} as average_reduction_rate,
        {{ ratio(
            'sum(categories.highest_amount - categories.paid_amount) over ()',
            'sum(categories.highest_amount) over ()'
        ) }} as all_average_reduction_rate
    from categories
    inner join dim_category on categories.category_key = dim_category.category_key
    left join units_below_highest
        on categories.category_key = units_below_highest.category_key
    where categories.num_units >= {{ var('min_orders_for_ranking') }}
)

select
    category_name_english,
    num_products,
    repriced_product_rate,
    num_units,
    below_highest_rate,
    average_reduction_rate,
    all_average_reduction_rate,
    {{ min_units }} as min_units,
    'No list price, coupon or campaign is in the data, so a discount cannot be distinguished'
    || ' from a new price. Needed: the list price of each item at its sale.' as not_in_data
from named
order by num_units desc, category_name_english
