-- One row per tenth of the customers by their chance of a purchase within 180 days, the best first;
-- customers of one chance share the better tenth.
with

mart_predictive_customer as (
    select
        repeat_tenth,
        recency_days,
        num_sale_days,
        expected_revenue_amount,
        repeat_rate
    from {{ ref('mart_predictive_customer') }}
),

tenths as (
    select
        repeat_tenth,
        count(*) as num_customers,
        {{ total('recency_days') }} as sum_recency_days,
        {{ count_where('num_sale_days > 1') }} as num_repeat_customers,
        sum(cast(repeat_rate as decimal(18, 9))) as num_expected,
        -- Of independent persons; what the model gets wrong comes on top.
        sum(cast(repeat_rate * (1 - repeat_rate) as decimal(18, 9))) as variance,
        sum(expected_revenue_amount) as expected_revenue_amount
    from mart_predictive_customer
    group by repeat_tenth
)

select
    cast(repeat_tenth as {{ dbt.type_bigint() }}) as repeat_tenth,
    num_customers,
    {{ ratio('num_expected', 'num_customers', 5) }} as repeat_rate,
    {% for side, sign in [('low', '-'), ('high', '+')] -%}
    {{ rounded(
        'greatest(0, (num_expected ' ~ sign ~ ' ' ~ var('interval_z') ~ ' * sqrt(variance))'
        ~ ' / num_customers)', 5
    ) }} as {{ side }}_repeat_rate,
    {% endfor -%}
    {{ rounded('num_expected', 1) }} as num_expected_customers,
    {{ ratio('num_repeat_customers', 'num_customers') }} as repeat_customer_rate,
    {{ ratio('sum_recency_days', 'num_customers', 1) }} as average_recency_days,
    cast(expected_revenue_amount as decimal(18, 2)) as expected_revenue_amount,
    sum(num_customers) over () as finding_num_customers,
    {{ ratio('sum(num_customers - num_expected) over ()', 'sum(num_customers) over ()') }}
        as finding_away_rate
from tenths
order by repeat_tenth
