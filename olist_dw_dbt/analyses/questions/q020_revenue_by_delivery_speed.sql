-- One row per band of days from purchase to door, and one for the sales that were not delivered.
{%- set starts = var('delivery_day_band_starts') %}
with

fact_orders as (
    select
        coalesce({{ band_number('delivery_days', starts) }}, {{ starts | length + 2 }})
            as band_number,
        has_items,
        review_score,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
    where is_sale
),

bands as (
    select
        band_number,
        count(*) as num_sales,
        {{ count_where('has_items') }} as num_sales_with_items,
        count(review_score) as num_reviewed,
        {{ total('review_score') }} as sum_review_score,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from fact_orders
    group by band_number
),

answer as (
    select
        band_number,
        {{ name_of_number('band_number', band_names(starts, ' days') + ['not delivered']) }}
            as delivery_band,
        num_sales,
        revenue_amount,
        {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_share_rate,
        {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as revenue_per_order_amount,
        {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
        {{ ratio('sum_review_score', 'num_reviewed', 2) }} as average_review_score
    from bands
)

select
    *,
    {{ value_at('delivery_band', 'revenue_amount desc, band_number') }} as finding_top_band,
    max(revenue_share_rate) over () as finding_top_rate
from answer
order by band_number
