-- One row per complete month: products that sold for the first time, all that have sold to
-- date, and
-- those that sold in the month. When a product was listed is not in the data.
with

mart_product_performance as (
    select first_sale_date
    from {{ ref('mart_product_performance') }}
    where not is_unknown and num_units > 0
),

fact_order_items as (
    select product_key, order_date_key, {{ month_start('order_date') }} as order_month
    from {{ ref('fact_order_items') }}
    where is_sale and not is_orphan
),

dim_date as (
    select distinct month_start_date as order_month
    from {{ ref('dim_date') }}
    where is_complete_month
),

first_sales as (
    select
        {{ month_start('first_sale_date') }} as order_month,
        count(*) as num_new_products
    from mart_product_performance
    group by {{ month_start('first_sale_date') }}
),

growing as (
    select
        order_month,
        num_new_products,
        sum(num_new_products) over (order by order_month) as num_products_so_far
    from first_sales
),

selling as (
    select order_month, count(distinct product_key) as num_selling_products
    from fact_order_items
    group by order_month
)

select
    dim_date.order_month,
    growing.num_new_products,
    cast(growing.num_products_so_far as {{ dbt.type_bigint() }}) as num_products_so_far,
    selling.num_selling_products,
    {{ ratio('growing.num_new_products', 'selling.num_selling_products') }} as new_product_rate,
    'The first sale stands for the listing: a product counts from its first sale on, and is never '
    || 'taken off. Products listed and not sold, and delistings, are not in the data.' as proxy
from dim_date
inner join growing on dim_date.order_month = growing.order_month
inner join selling on dim_date.order_month = selling.order_month
order by dim_date.order_month
