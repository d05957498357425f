-- One row per state of the customer with at least min_orders_for_ranking sales in the last three
-- complete months and a year before, the most added sales first.
{% set spans = [('num_sales', 1), ('previous_num_sales', 4), ('year_ago_num_sales', 13)] %}
{% set fastest = 'case when is_discovery then 0 else 1 end, low_growth_rate desc, state' %}
with

mart_executive_dashboard as (
    select customer_state, region, order_month, num_sales
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    {{ complete_months() }}
),

states as (
    select
        mart_executive_dashboard.customer_state as state,
        mart_executive_dashboard.region,
        {% for name, first_back in spans -%}
        {{ total(
            'case when months.months_back between ' ~ first_back ~ ' and '
            ~ (first_back + var('short_trend_months') - 1)
            ~ ' then mart_executive_dashboard.num_sales end'
        ) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from mart_executive_dashboard
    inner join months on mart_executive_dashboard.order_month = months.order_month
    group by mart_executive_dashboard.customer_state, mart_executive_dashboard.region
),

compared as (
    select
        *,
        num_sales + year_ago_num_sales as both_num_sales,
        {% for side in ['low', 'high'] -%}
        {{ wilson_bound('num_sales', '(num_sales + year_ago_num_sales)', side) }}
            as {{ side }}_share,
        {% endfor -%}
        {{ safe_divide('sum(num_sales) over ()', 'sum(num_sales + year_ago_num_sales) over ()') }}
            as all_share,
        {{ ratio('num_sales - previous_num_sales', 'previous_num_sales') }}
            as quarter_growth_rate,
        {{ ratio(
            'sum(num_sales - previous_num_sales) over ()', 'sum(previous_num_sales) over ()'
        ) }} as all_quarter_growth_rate
    from states
),

ranked as (
    select *
    from compared
    where
        year_ago_num_sales >= {{ var('min_orders_for_ranking') }}
        and num_sales >= {{ var('min_orders_for_ranking') }}
),

-- Smaller states are listed, and not named: a few sales would lead.
tested as (
    select *
    from ranked
    where
        year_ago_num_sales >= {{ var('min_sales_for_growth') }}
        and num_sales >= {{ var('min_sales_for_growth') }}
),

tests as (
    {{ binomial_tests('tested', 'state', 'num_sales', 'both_num_sales', 'all_share') }}
),

found as (
    {{ discoveries('tests', 'state') }}
),

answer as (
    select
        ranked.state,
        ranked.region,
        ranked.num_sales,
        ranked.previous_num_sales,
        ranked.year_ago_num_sales,
        ranked.num_sales - ranked.year_ago_num_sales as added_sales,
        {{ ratio('ranked.num_sales - ranked.year_ago_num_sales', 'ranked.year_ago_num_sales') }}
            as year_growth_rate,
        {% for side in ['low', 'high'] -%}
        {{ ratio('ranked.' ~ side ~ '_share', '(1 - ranked.' ~ side ~ '_share)') }} - 1
            as {{ side }}_growth_rate,
        {% endfor -%}
        {{ ratio('ranked.all_share', '(1 - ranked.all_share)') }} - 1 as all_year_growth_rate,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        coalesce(found.is_discovery, false) as is_discovery,
        ranked.quarter_growth_rate,
        ranked.all_quarter_growth_rate,
        {{ var('min_sales_for_growth') }} as min_sales,
        sum(case when found.state is not null then 1 else 0 end) over () as num_tested
    from ranked
    left join found on ranked.state = found.state
)

select
    state,
    region,
    num_sales,
    previous_num_sales,
    year_ago_num_sales,
    added_sales,
    year_growth_rate,
    low_growth_rate,
    high_growth_rate,
    all_year_growth_rate,
    adjusted_p_value,
    is_discovery,
    quarter_growth_rate,
    all_quarter_growth_rate,
    min_sales,
    'A forecast of orders by state, with intervals. Until then: history.' as waits_for_model,
    {{ var('short_trend_months') }} as finding_num_months,
    num_tested as finding_num_tested,
    sum(case when is_discovery and year_growth_rate > all_year_growth_rate then 1 else 0 end)
        over () as finding_num_faster,
    sum(case when is_discovery and year_growth_rate > all_year_growth_rate then 1 else 0 end)
        over () > 0 as finding_has_faster,
    {% for column in ['state', 'year_growth_rate', 'low_growth_rate', 'high_growth_rate'] -%}
    {{ value_at(column, fastest) }} as finding_fastest_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from answer
order by added_sales desc, state
