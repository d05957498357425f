-- One row per product category: how many sellers share it, and how evenly. All months count.
with

fact_order_items as (
    select category_key, seller_key, revenue_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

sellers_by_category as (
    select
        category_key,
        seller_key,
        count(*) as num_units,
        sum(revenue_amount) as revenue_amount
    from fact_order_items
    group by category_key, seller_key
),

shares as (
    select
        *,
        {{ safe_divide('revenue_amount',
            'sum(revenue_amount) over (partition by category_key)') }} as revenue_share
    from sellers_by_category
),

categories as (
    select
        category_key,
        count(*) as num_sellers,
        sum(num_units) as num_units,
        sum(revenue_amount) as revenue_amount,
        max(revenue_share) as top_seller_share,
        sum({{ rounded('revenue_share * revenue_share', 12) }}) as sum_squared_shares
    from shares
    group by category_key
)

select
    row_number() over (order by categories.num_sellers desc, dim_category.category_name_english)
        as competition_rank,
    dim_category.category_name_english as category,
    categories.num_sellers,
    cast(categories.num_units as {{ dbt.type_bigint() }}) as num_units,
    categories.revenue_amount,
    {{ ratio('categories.revenue_amount', 'categories.num_sellers', 2) }}
        as revenue_per_seller_amount,
    {{ rounded('categories.top_seller_share') }} as top_seller_revenue_rate,
    {{ rounded(safe_divide('1', 'categories.sum_squared_shares'), 1) }} as num_effective_sellers
from categories
inner join dim_category on categories.category_key = dim_category.category_key
order by competition_rank
