-- One row per category with at least min_customers_for_ranking first customers, most first.
with

mart_customer_analytics as (
    select first_order_id, first_category, is_repeat_customer
    from {{ ref('mart_customer_analytics') }}
),

fact_order_items as (
    select order_id, category_key
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
),

first_customers as (
    select
        first_category as category_name_english,
        count(*) as num_first_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers
    from mart_customer_analytics
    where first_category is not null
    group by first_category
),

-- Several units of a category in one order are one order of it.
category_orders as (
    select distinct category_key, order_id
    from fact_order_items
),

sales as (
    select
        category_orders.category_key,
        count(*) as num_sales,
        {{ count_where('mart_customer_analytics.first_order_id is null') }} as num_later_sales
    from category_orders
    left join mart_customer_analytics
        on category_orders.order_id = mart_customer_analytics.first_order_id
    group by category_orders.category_key
),

categories as (
    select
        first_customers.category_name_english,
        first_customers.num_first_customers,
        sum(first_customers.num_first_customers) over () as all_customers,
        avg(first_customers.num_first_customers) over () as average_first_customers,
        {{ safe_divide(
            'first_customers.num_repeat_customers', 'first_customers.num_first_customers'
        ) }}
            as repeat_rate,
        {{ safe_divide(
            'sum(first_customers.num_repeat_customers) over ()',
            'sum(first_customers.num_first_customers) over ()'
        ) }} as all_repeat_rate,
        sales.num_sales,
        sales.num_later_sales,
        {{ safe_divide('sales.num_later_sales', 'sales.num_sales') }} as later_order_rate,
        {{ safe_divide(
            'sum(sales.num_later_sales) over ()', 'sum(sales.num_sales) over ()'
        ) }} as all_later_order_rate
    from first_customers
    inner join dim_category
        on first_customers.category_name_english = dim_category.category_name_english
    inner join sales on dim_category.category_key = sales.category_key
)

select
    category_name_english,
    num_first_customers,
    {{ ratio('num_first_customers', 'all_customers') }} as first_customer_rate,
    {{ rounded('repeat_rate') }} as repeat_rate,
    num_sales,
    num_later_sales,
    {{ rounded('later_order_rate') }} as later_order_rate,
    {{ rounded('all_later_order_rate') }} as all_later_order_rate,
    case
        when num_first_customers >= average_first_customers
            and later_order_rate >= all_later_order_rate then 'both'
        when num_first_customers >= average_first_customers then 'acquires'
        when later_order_rate >= all_later_order_rate then 'retains'
        else 'neither'
    end as role,
    {{ var('min_customers_for_ranking') }} as min_customers
from categories
where num_first_customers >= {{ var('min_customers_for_ranking') }}
order by num_first_customers desc, category_name_english
