-- One row per product category, the highest revenue first. All months count; the items of products
-- without a category are those of Unknown.
with

mart_category_performance as (
    select
        category_name_english,
        category_group,
        num_units,
        num_orders,
        gmv_amount,
        freight_amount,
        revenue_amount
    from {{ ref('mart_category_performance') }}
),

categories as (
    select
        category_name_english as category,
        category_group,
        {{ total('num_orders') }} as num_orders,
        {{ total('num_units') }} as num_units,
        sum(gmv_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from mart_category_performance
    group by category_name_english, category_group
)

select
    row_number() over (order by revenue_amount desc, category) as revenue_rank,
    category,
    category_group,
    num_orders,
    num_units,
    gmv_amount,
    freight_amount,
    revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_share_rate,
    {{ ratio('sum(revenue_amount) over (order by revenue_amount desc, category)',
        'sum(revenue_amount) over ()') }} as cumulative_share_rate
from categories
order by revenue_rank
