-- One row per product that sold more in the last 90 days (recent_days) than in the 90 before, least
-- explained by chance first, the first 50. Of both spans of a product the recent share is tested
-- exactly against that of all products, so that growth of the market is no spike.
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
        num_recent_units + num_previous_units as num_both_units,
        gmv_amount
    from {{ ref('mart_product_performance') }}
    where not is_unknown
),

compared as (
    select
        *,
        {{ safe_divide('sum(num_recent_units) over ()', 'sum(num_both_units) over ()') }}
            as all_recent_rate
    from mart_product_performance
),

-- Chosen by both spans: by the recent one alone, luck would choose what is tested.
ranked as (
    select *
    from compared
    where num_both_units >= {{ var('low_performer_below_units') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'product_id', 'num_recent_units', 'num_both_units', 'all_recent_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'product_id', 'more_p_value') }}
),

answer as (
    select
        ranked.product_id,
        ranked.category_name_english,
        ranked.num_recent_units,
        ranked.num_previous_units,
        ranked.num_recent_units - ranked.num_previous_units as added_units,
        {{ ratio('ranked.num_recent_units', 'ranked.num_both_units') }} as recent_rate,
        {{ rounded(wilson_bound('ranked.num_recent_units', 'ranked.num_both_units', 'low')) }}
            as low_rate,
        {{ rounded(wilson_bound('ranked.num_recent_units', 'ranked.num_both_units', 'high')) }}
            as high_rate,
        {{ rounded('ranked.all_recent_rate') }} as all_recent_rate,
        {{ rounded('found.adjusted_p_value', 6) }} as adjusted_p_value,
        found.is_discovery,
        ranked.days_since_first_sale,
        {{ ratio('ranked.gmv_amount', 'ranked.num_units', 2) }} as average_price_amount,
        {{ var('low_performer_below_units') }} as min_units,
        count(*) over () as num_products,
        sum(case when found.is_discovery then 1 else 0 end) over () as num_rising,
        row_number() over (
            order by {{ rounded('tests.more_p_value', 9) }}, ranked.product_id
        ) as test_rank
    from ranked
    inner join tests on ranked.product_id = tests.product_id
    inner join found on ranked.product_id = found.product_id
)

select
    product_id,
    category_name_english,
    num_recent_units,
    num_previous_units,
    added_units,
    recent_rate,
    low_rate,
    high_rate,
    all_recent_rate,
    adjusted_p_value,
    is_discovery,
    days_since_first_sale,
    average_price_amount,
    min_units,
    'Anomaly detection on the recent sales of a product. Until then: who has already picked up.'
        as waits_for_model,
    num_products as finding_num_products,
    num_rising as finding_num_rising,
    num_rising > 0 as finding_has_rising,
    {{ var('recent_days') }} as finding_days
from answer
where test_rank <= {{ shown_rows }}
order by test_rank
