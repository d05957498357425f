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
),

answer as (
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
)

select
    *,
    sum(case when category <> 'Unknown' then 1 else 0 end) over () as finding_num_categories,
    coalesce(sum(case when category = 'Unknown' then num_units end) over (), 0)
        as finding_unknown_units,
    1 + sum(case when category <> 'Unknown' and cumulative_share_rate <= 0.8 then 1 else 0 end)
        over ()
        as finding_num_for_most,
    0.8 as finding_most_rate
from answer
order by revenue_rank
