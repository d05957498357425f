-- One row per seller with at least min_orders_for_ranking sales in the three complete months
-- before the last three, most revenue lost first, the first 50.
{% set shown_rows = 50 %}
with

mart_seller_months as (
    select seller_key, order_month, num_sales, revenue_amount
    from {{ ref('mart_seller_months') }}
    where seller_key <> {{ unknown_key() }}
),

mart_seller_scorecard as (
    select
        seller_key,
        seller_id,
        state,
        main_category,
        seller_tier,
        days_since_last_sale,
        average_review_score,
        on_time_rate
    from {{ ref('mart_seller_scorecard') }}
),

months as (
    {{ complete_months() }}
),

sellers as (
    select
        mart_seller_months.seller_key,
        {% for measure in ['num_sales', 'revenue_amount'] -%}
        {% for span, sign in [('recent', '<='), ('previous', '>')] -%}
        sum(case
            when months.months_back {{ sign }} {{ var('short_trend_months') }}
                then mart_seller_months.{{ measure }}
            else 0
        end) as {{ span }}_{{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}{% if not loop.last %},{% endif %}
        {% endfor %}
    from mart_seller_months
    inner join months on mart_seller_months.order_month = months.order_month
    where months.months_back <= 2 * {{ var('short_trend_months') }}
    group by mart_seller_months.seller_key
),

compared as (
    select
        *,
        previous_revenue_amount - recent_revenue_amount as lost_revenue_amount,
        count(*) over () as all_sellers,
        sum(case when 2 * recent_num_sales < previous_num_sales then 1 else 0 end) over ()
            as declining_sellers,
        sum(case when recent_num_sales = 0 then 1 else 0 end) over () as stopped_sellers
    from sellers
    where previous_num_sales >= {{ var('min_orders_for_ranking') }}
)

select
    mart_seller_scorecard.seller_id,
    mart_seller_scorecard.state,
    mart_seller_scorecard.main_category,
    mart_seller_scorecard.seller_tier,
    cast(compared.previous_num_sales as {{ dbt.type_bigint() }}) as previous_num_sales,
    cast(compared.recent_num_sales as {{ dbt.type_bigint() }}) as num_sales,
    {{ ratio(
        'compared.recent_num_sales - compared.previous_num_sales', 'compared.previous_num_sales'
    ) }} as sales_growth_rate,
    cast(compared.previous_revenue_amount as decimal(18, 2)) as previous_revenue_amount,
    cast(compared.recent_revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(compared.lost_revenue_amount as decimal(18, 2)) as lost_revenue_amount,
    mart_seller_scorecard.days_since_last_sale,
    {{ rounded('mart_seller_scorecard.average_review_score', 2) }} as average_review_score,
    {{ rounded('mart_seller_scorecard.on_time_rate') }} as on_time_rate,
    compared.all_sellers,
    cast(compared.declining_sellers as {{ dbt.type_bigint() }}) as declining_sellers,
    cast(compared.stopped_sellers as {{ dbt.type_bigint() }}) as stopped_sellers,
    {{ var('min_orders_for_ranking') }} as min_sales,
    'A model of each seller''s risk to leave. Until then: who has lost most already.'
        as waits_for_model
from compared
inner join mart_seller_scorecard on compared.seller_key = mart_seller_scorecard.seller_key
order by compared.lost_revenue_amount desc, mart_seller_scorecard.seller_id
limit {{ shown_rows }}
