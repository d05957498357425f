-- One row per category with at least min_customers_for_ranking first customers, most first. A sale
-- on the customer's first day acquires; one on a later day is by a customer who came back.
{% set retaining = "case when role = 'retains' then 0 else 1 end, low_rate desc" %}
with

mart_customer_analytics as (
    select customer_unique_id, first_order_date, first_category, is_repeat_customer
    from {{ ref('mart_customer_analytics') }}
),

fact_order_items as (
    select distinct order_key, category_key, customer_key, order_date
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_customer as (
    select customer_key, customer_unique_id
    from {{ ref('dim_customer') }}
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
sales as (
    select
        fact_order_items.category_key,
        count(*) as num_sales,
        {{ count_where(
            'fact_order_items.order_date > mart_customer_analytics.first_order_date'
        ) }} as num_later_sales
    from fact_order_items
    inner join dim_customer on fact_order_items.customer_key = dim_customer.customer_key
    inner join mart_customer_analytics
        on dim_customer.customer_unique_id = mart_customer_analytics.customer_unique_id
    group by fact_order_items.category_key
),

categories as (
    select
        first_customers.category_name_english,
        first_customers.num_first_customers,
        first_customers.num_repeat_customers,
        sum(first_customers.num_first_customers) over () as all_customers,
        avg(first_customers.num_first_customers) over () as average_first_customers,
        {{ safe_divide(
            'sum(first_customers.num_repeat_customers) over ()',
            'sum(first_customers.num_first_customers) over ()'
        ) }} as all_repeat_rate,
        sales.num_sales,
        sales.num_later_sales,
        {{ safe_divide(
            'sum(sales.num_later_sales) over ()', 'sum(sales.num_sales) over ()'
        ) }} as all_later_order_rate
    from first_customers
    inner join dim_category
        on first_customers.category_name_english = dim_category.category_name_english
    inner join sales on dim_category.category_key = sales.category_key
),

ranked as (
    select *
    from categories
    where num_first_customers >= {{ var('min_customers_for_ranking') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'category_name_english', 'num_later_sales', 'num_sales', 'all_later_order_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'category_name_english') }}
),

answer as (
    select
        ranked.category_name_english,
        ranked.num_first_customers,
        {{ ratio('ranked.num_first_customers', 'ranked.all_customers') }}
            as first_customer_rate,
        {{ ratio('ranked.num_repeat_customers', 'ranked.num_first_customers') }}
            as repeat_rate,
        {{ rounded('ranked.all_repeat_rate') }} as all_repeat_rate,
        ranked.num_sales,
        ranked.num_later_sales,
        {{ ratio('ranked.num_later_sales', 'ranked.num_sales') }} as later_order_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound('ranked.num_later_sales', 'ranked.num_sales', side)) }}
            as {{ side }}_rate,
        {% endfor -%}
        {{ rounded('ranked.all_later_order_rate') }} as all_later_order_rate,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery,
        case
            when found.is_discovery
                and ranked.num_later_sales > ranked.all_later_order_rate * ranked.num_sales
                then 'retains'
            when ranked.num_first_customers >= ranked.average_first_customers then 'acquires'
            else 'neither for certain'
        end as role,
        {{ var('min_customers_for_ranking') }} as min_customers
    from ranked
    inner join found on ranked.category_name_english = found.category_name_english
)

select
    *,
    sum(case when role = 'retains' then 1 else 0 end) over () as finding_num_retaining,
    sum(case when role = 'retains' then 1 else 0 end) over () > 0 as finding_has_retaining,
    {% for column in ['category_name_english', 'later_order_rate', 'low_rate', 'high_rate',
        'num_sales'] -%}
    {{ value_at(column, retaining) }} as finding_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from answer
order by num_first_customers desc, category_name_english
