-- One row per product with at least ten units in the last 90 days (recent_days) that rose by more
-- than two standard deviations, strongest first, the first 50.
{% set least_z_score = 2 %}
{% set shown_rows = 50 %}
with

mart_product_performance as (
    select
        product_id,
        category_name_english,
        days_since_first_sale,
        num_units,
        num_recent_units,
        num_previous_units,
        gmv_amount
    from {{ ref('mart_product_performance') }}
    where num_recent_units >= {{ var('low_performer_below_units') }} and not is_unknown
),

scored as (
    select
        *,
        num_recent_units - num_previous_units as added_units,
        {{ safe_divide(
            'num_recent_units - num_previous_units',
            'sqrt(num_recent_units + num_previous_units)'
        ) }} as z_score
    from mart_product_performance
)

select
    product_id,
    category_name_english,
    num_recent_units,
    num_previous_units,
    added_units,
    {{ rounded('z_score', 2) }} as z_score,
    days_since_first_sale,
    {{ ratio('gmv_amount', 'num_units', 2) }} as average_price_amount,
    count(*) over () as all_products,
    {{ var('low_performer_below_units') }} as min_units,
    'Anomaly detection on the recent sales of a product. Until then: who has already picked up.'
        as waits_for_model
from scored
where scored.z_score > {{ least_z_score }}
order by scored.z_score desc, num_recent_units desc, product_id
limit {{ shown_rows }}
