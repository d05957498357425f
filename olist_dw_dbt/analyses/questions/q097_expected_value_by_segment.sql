-- One row per RFM segment, most expected revenue per customer first.
with

mart_predictive_customer as (
    select
        rfm_segment,
        revenue_amount,
        expected_revenue_amount,
        repeat_rate,
        revenue_variance
    from {{ ref('mart_predictive_customer') }}
),

segments as (
    select
        rfm_segment,
        count(*) as num_customers,
        sum(revenue_amount) as revenue_amount,
        sum(expected_revenue_amount) as expected_revenue_amount,
        sum(cast(repeat_rate as decimal(18, 9))) as num_expected,
        -- Of independent persons; what the model gets wrong comes on top.
        sum(cast(revenue_variance as decimal(28, 6))) as variance
    from mart_predictive_customer
    group by rfm_segment
),

answer as (
    select
        rfm_segment,
        num_customers,
        {{ ratio('num_customers', 'sum(num_customers) over ()') }} as customer_rate,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio('revenue_amount', 'num_customers', 2) }} as revenue_per_customer_amount,
        {{ ratio('num_expected', 'num_customers', 5) }} as repeat_rate,
        cast(expected_revenue_amount as decimal(18, 2)) as expected_revenue_amount,
        {{ ratio('expected_revenue_amount', 'num_customers', 2) }}
            as expected_revenue_per_customer_amount,
        {% for side, sign in [('low', '-'), ('high', '+')] -%}
        {{ rounded(
            'greatest(0, (expected_revenue_amount ' ~ sign ~ ' ' ~ var('interval_z')
            ~ ' * sqrt(variance)) / num_customers)', 2
        ) }} as {{ side }}_revenue_per_customer_amount,
        {% endfor -%}
        {{ ratio('sum(expected_revenue_amount) over ()', 'sum(num_customers) over ()', 2) }}
            as all_revenue_per_customer_amount
    from segments
)

{% set surest = 'low_revenue_per_customer_amount desc, rfm_segment' -%}
select
    *,
    {% for name in ['rfm_segment', 'num_customers', 'expected_revenue_per_customer_amount',
                    'low_revenue_per_customer_amount', 'high_revenue_per_customer_amount'] -%}
    {{ value_at(name, surest) }} as finding_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from answer
order by expected_revenue_per_customer_amount desc, rfm_segment
