-- One row per layer whose reviews or their scores are not those of the usable raw rows.
with

raw_reviews as (
    {{ raw_without_quarantine('order_reviews') }}
),

expected as (
    select
        count(*) as num_reviews,
        coalesce(sum({{ dbt.cast(dbt.cast('review_score', 'decimal(18, 2)'), dbt.type_int()) }}), 0)
            as sum_review_score
    from raw_reviews
),

layers as (
    {% for layer in ['stg_order_reviews', 'fact_reviews'] -%}
    select
        '{{ layer }}' as layer,
        count(*) as num_reviews,
        coalesce(sum(review_score), 0) as sum_review_score
    from {{ ref(layer) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

differences as (
    select
        layers.layer,
        layers.num_reviews - expected.num_reviews as reviews_too_many,
        layers.sum_review_score - expected.sum_review_score as stars_too_many
    from layers
    cross join expected
)

select layer, reviews_too_many, stars_too_many
from differences
where reviews_too_many <> 0 or stars_too_many <> 0
