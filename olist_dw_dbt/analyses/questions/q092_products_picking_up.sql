-- One row per product that sold more in the last 90 days (recent_days) than in the 90 before, least
-- explained by chance first, the first 50. Of both spans of a product the recent share is tested
-- exactly against that of all products, so that growth of the market is no spike. What to expect of
-- the next 90 days is measured on the last ones: what became of products by then known to sell.
{% set shown_rows = 50 %}
{% set interval_rate = 0.8 %}
with

mart_product_performance as (
    select
        product_key,
        product_id,
        category_name_english,
        first_sale_date,
        days_since_first_sale,
        num_units,
        num_recent_units,
        num_previous_units,
        num_recent_units + num_previous_units as num_both_units,
        gmv_amount
    from {{ ref('mart_product_performance') }}
    where not is_unknown
),

fact_order_items as (
    select product_key, order_date
    from {{ ref('fact_order_items') }}
    where is_sale
),

earlier as (
    -- The span before both.
    select mart_product_performance.product_key, count(*) as num_units
    from mart_product_performance
    inner join fact_order_items
        on mart_product_performance.product_key = fact_order_items.product_key
    where
        mart_product_performance.days_since_first_sale - {{ dbt.datediff(
            'mart_product_performance.first_sale_date', 'fact_order_items.order_date', 'day'
        ) }} between {{ 2 * var('recent_days') + 1 }} and {{ 3 * var('recent_days') }}
    group by mart_product_performance.product_key
),

known as (
    -- Chosen by what was known when the recent span began.
    select
        mart_product_performance.num_recent_units,
        mart_product_performance.num_previous_units,
        case
            when mart_product_performance.num_previous_units >= 2 * coalesce(earlier.num_units, 0)
                then 1
            else 0
        end as has_doubled,
        case
            when
                mart_product_performance.num_recent_units
                >= 2 * mart_product_performance.num_previous_units
                then 1
            else 0
        end as has_spiked
    from mart_product_performance
    left join earlier on mart_product_performance.product_key = earlier.product_key
    where mart_product_performance.num_previous_units >= {{ var('low_performer_below_units') }}
),

outlook as (
    select
        count(*) as num_known,
        sum(has_spiked) as num_spiked,
        sum(has_doubled) as num_doubled,
        sum(has_doubled * has_spiked) as num_doubled_spiked,
        {{ safe_divide('sum(num_recent_units)', 'sum(num_previous_units)') }} as kept_rate,
        {% for side, level in [
            ('low', (1 - interval_rate) / 2), ('high', (1 + interval_rate) / 2)
        ] -%}
        percentile_cont({{ level | round(3) }}) within group (
            order by {{ safe_divide('num_recent_units', 'num_previous_units') }}
        ) as {{ side }}_kept_rate{{ ',' if not loop.last }}
        {% endfor -%}
    from known
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
        {{ rounded('ranked.num_recent_units * outlook.kept_rate', 1) }} as expected_units,
        {{ rounded('ranked.num_recent_units * outlook.low_kept_rate', 1) }} as low_expected_units,
        {{ rounded('ranked.num_recent_units * outlook.high_kept_rate', 1) }} as high_expected_units,
        {{ rounded('outlook.kept_rate') }} as kept_rate,
        outlook.num_known,
        outlook.num_doubled,
        {{ ratio('outlook.num_spiked', 'outlook.num_known') }} as spiked_rate,
        {{ ratio('outlook.num_doubled_spiked', 'outlook.num_doubled') }} as doubled_spiked_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound('outlook.num_spiked', 'outlook.num_known', side)) }}
            as {{ side }}_spiked_rate,
        {{ rounded(wilson_bound('outlook.num_doubled_spiked', 'outlook.num_doubled', side)) }}
            as {{ side }}_doubled_spiked_rate,
        {% endfor -%}
        {{ var('low_performer_below_units') }} as min_units,
        count(*) over () as num_products,
        sum(case when found.is_discovery then 1 else 0 end) over () as num_rising,
        row_number() over (
            order by {{ rounded('tests.more_p_value', 9) }}, ranked.product_id
        ) as test_rank
    from ranked
    inner join tests on ranked.product_id = tests.product_id
    inner join found on ranked.product_id = found.product_id
    cross join outlook
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
    expected_units,
    low_expected_units,
    high_expected_units,
    {{ interval_rate }} as interval_rate,
    kept_rate,
    num_known,
    spiked_rate,
    low_spiked_rate,
    high_spiked_rate,
    num_doubled,
    doubled_spiked_rate,
    low_doubled_spiked_rate,
    high_doubled_spiked_rate,
    low_doubled_spiked_rate > high_spiked_rate as finding_is_told,
    num_products as finding_num_products,
    num_rising as finding_num_rising,
    {{ var('recent_days') }} as finding_days
from answer
where test_rank <= {{ shown_rows }}
order by test_rank
