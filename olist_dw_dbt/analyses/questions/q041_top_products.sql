-- One row per product that is among the twenty with the most units or the twenty with the most
-- revenue, by revenue. The source names products by an id alone.
with

mart_product_performance as (
    select
        product_id,
        category_name_english,
        lifecycle_stage,
        num_units,
        num_orders,
        num_sellers,
        num_reviewed_orders,
        sum_review_score,
        revenue_amount
    from {{ ref('mart_product_performance') }}
    where num_units > 0 and not is_unknown
),

ranked as (
    select
        *,
        row_number() over (order by num_units desc, revenue_amount desc, product_id) as units_rank,
        row_number() over (order by revenue_amount desc, num_units desc, product_id)
            as revenue_rank,
        sum(revenue_amount) over () as all_revenue_amount
    from mart_product_performance
),

answer as (
    select
        revenue_rank,
        units_rank,
        product_id,
        category_name_english as category,
        lifecycle_stage,
        num_units,
        num_orders,
        num_sellers,
        revenue_amount,
        {{ ratio('revenue_amount', 'all_revenue_amount') }} as revenue_share_rate,
        {{ ratio('revenue_amount', 'num_units', 2) }} as revenue_per_unit_amount,
        {{ ratio('sum_review_score', 'num_reviewed_orders', 2) }} as average_review_score
    from ranked
    where units_rank <= 20 or revenue_rank <= 20
)

select
    *,
    {{ value_at('category', 'units_rank') }} as finding_units_category,
    {{ value_at('num_units', 'units_rank') }} as finding_units,
    {{ value_at('revenue_amount', 'units_rank') }} as finding_units_amount,
    {{ value_at('revenue_rank', 'units_rank') }} as finding_units_revenue_rank
from answer
order by revenue_rank
