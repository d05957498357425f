-- One row per state of the customer with at least min_orders_for_ranking sales in the earlier
-- span, fastest growth first. A year apart, so that seasons cancel out.
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

rated as (
    select
        state,
        region,
        {{ var('long_trend_months') }} as num_months,
        cast(previous_num_sales as {{ dbt.type_bigint() }}) as previous_num_sales,
        cast(recent_num_sales as {{ dbt.type_bigint() }}) as num_sales,
        cast(previous_revenue_amount as decimal(18, 2)) as previous_revenue_amount,
        cast(recent_revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(added_revenue_amount as decimal(18, 2)) as added_revenue_amount,
        {{ ratio('added_revenue_amount', 'previous_revenue_amount') }} as growth_rate,
        {{ ratio('region_added_revenue_amount', 'region_previous_revenue_amount') }}
            as region_growth_rate,
        {{ ratio('all_added_revenue_amount', 'all_previous_revenue_amount') }}
            as all_growth_rate
    from compared
    where previous_num_sales >= {{ var('min_orders_for_ranking') }}
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
    region_growth_rate,
    all_growth_rate
from rated
order by growth_rate desc, state
