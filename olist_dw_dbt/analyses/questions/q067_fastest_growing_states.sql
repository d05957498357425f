-- One row per state of the customer with at least min_orders_for_ranking sales in both spans, the
-- most added revenue first. A year apart, so that seasons cancel out.
{%- set fastest = 'case when is_discovery then 0 else 1 end, low_growth_rate desc, state' %}
with

mart_executive_dashboard as (
    select customer_state, region, order_month, num_sales, revenue_amount
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    {{ complete_months() }}
),

states as (
    select
        mart_executive_dashboard.customer_state as state,
        mart_executive_dashboard.region,
        {% for span, first_back in [('recent', 1), ('previous', 13)] -%}
        {% for measure in ['num_sales', 'revenue_amount'] -%}
        sum(case
            when
                months.months_back between {{ first_back }}
                and {{ first_back + var('long_trend_months') - 1 }}
                then mart_executive_dashboard.{{ measure }}
            else 0
        end) as {{ span }}_{{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}{% if not loop.last %},{% endif %}
        {% endfor %}
    from mart_executive_dashboard
    inner join months on mart_executive_dashboard.order_month = months.order_month
    group by mart_executive_dashboard.customer_state, mart_executive_dashboard.region
),

compared as (
    select
        *,
        recent_revenue_amount - previous_revenue_amount as added_revenue_amount,
        sum(recent_revenue_amount - previous_revenue_amount) over (partition by region)
            as region_added_revenue_amount,
        sum(previous_revenue_amount) over (partition by region)
            as region_previous_revenue_amount,
        sum(recent_revenue_amount - previous_revenue_amount) over ()
            as all_added_revenue_amount,
        sum(previous_revenue_amount) over () as all_previous_revenue_amount
    from states
),

-- Of the sales of both spans the recent share, whose interval is that of the growth as well:
-- growth is share / (1 - share) - 1.
compared_shares as (
    select
        *,
        {% for side in ['low', 'high'] -%}
        {{ wilson_bound('recent_num_sales', '(recent_num_sales + previous_num_sales)', side) }}
            as {{ side }}_share,
        {% endfor -%}
        {{ safe_divide(
            'sum(recent_num_sales) over ()',
            'sum(recent_num_sales + previous_num_sales) over ()'
        ) }} as all_share,
        recent_num_sales + previous_num_sales as both_num_sales
    from compared
),

ranked as (
    select *
    from compared_shares
    where
        previous_num_sales >= {{ var('min_orders_for_ranking') }}
        and recent_num_sales >= {{ var('min_orders_for_ranking') }}
),

-- Smaller states are listed, and not named: a few sales would lead.
tested as (
    select *
    from ranked
    where
        previous_num_sales >= {{ var('min_sales_for_growth') }}
        and recent_num_sales >= {{ var('min_sales_for_growth') }}
),

tests as (
    {{ binomial_tests('tested', 'state', 'recent_num_sales', 'both_num_sales', 'all_share') }}
),

found as (
    {{ discoveries('tests', 'state') }}
),

answer as (
    select
        ranked.state,
        ranked.region,
        {{ var('long_trend_months') }} as num_months,
        cast(ranked.previous_num_sales as {{ dbt.type_bigint() }}) as previous_num_sales,
        cast(ranked.recent_num_sales as {{ dbt.type_bigint() }}) as num_sales,
        cast(ranked.previous_revenue_amount as decimal(18, 2)) as previous_revenue_amount,
        cast(ranked.recent_revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(ranked.added_revenue_amount as decimal(18, 2)) as added_revenue_amount,
        {{ ratio('ranked.added_revenue_amount', 'ranked.previous_revenue_amount') }}
            as growth_rate,
        {{ ratio('ranked.recent_num_sales - ranked.previous_num_sales',
            'ranked.previous_num_sales') }} as sales_growth_rate,
        {% for side in ['low', 'high'] -%}
        {{ ratio('ranked.' ~ side ~ '_share', '(1 - ranked.' ~ side ~ '_share)') }} - 1
            as {{ side }}_growth_rate,
        {% endfor -%}
        {{ ratio('ranked.all_share', '(1 - ranked.all_share)') }} - 1 as all_sales_growth_rate,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        coalesce(found.is_discovery, false) as is_discovery,
        {{ ratio('ranked.region_added_revenue_amount', 'ranked.region_previous_revenue_amount') }}
            as region_growth_rate,
        {{ ratio('ranked.all_added_revenue_amount', 'ranked.all_previous_revenue_amount') }}
            as all_growth_rate,
        {{ var('min_sales_for_growth') }} as min_sales,
        sum(case when found.state is not null then 1 else 0 end) over () as num_tested
    from ranked
    left join found on ranked.state = found.state
)

select
    state,
    region,
    num_months,
    previous_num_sales,
    num_sales,
    previous_revenue_amount,
    revenue_amount,
    added_revenue_amount,
    growth_rate,
    sales_growth_rate,
    low_growth_rate,
    high_growth_rate,
    all_sales_growth_rate,
    adjusted_p_value,
    is_discovery,
    region_growth_rate,
    all_growth_rate,
    min_sales,
    num_tested as finding_num_tested,
    sum(case when is_discovery and sales_growth_rate > all_sales_growth_rate then 1 else 0 end)
        over () > 0 as finding_has_faster,
    sum(case when is_discovery and sales_growth_rate > all_sales_growth_rate then 1 else 0 end)
        over () as finding_num_faster,
    {{ value_at('state', fastest) }} as finding_fastest,
    {{ value_at('sales_growth_rate', fastest) }} as finding_fastest_rate,
    {{ value_at('low_growth_rate', fastest) }} as finding_fastest_low_rate,
    {{ value_at('high_growth_rate', fastest) }} as finding_fastest_high_rate,
    {{ value_at('num_sales', fastest) }} as finding_fastest_sales
from answer
order by added_revenue_amount desc, state
