-- One row per seller with at least min_orders_for_ranking sales in the last two spans of three
-- complete months, most revenue lost first, the first 50 of those that lost any. Of the sales of
-- both spans the recent share is tested exactly against that of all sellers.
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
        end) as {{ span }}_{{ measure }},
        {% endfor -%}
        {% endfor -%}
        sum(mart_seller_months.num_sales) as both_num_sales
    from mart_seller_months
    inner join months on mart_seller_months.order_month = months.order_month
    where months.months_back <= 2 * {{ var('short_trend_months') }}
    group by mart_seller_months.seller_key
),

compared as (
    select
        *,
        {{ safe_divide('sum(recent_num_sales) over ()', 'sum(both_num_sales) over ()') }}
            as all_recent_rate
    from sellers
),

ranked as (
    select *
    from compared
    where both_num_sales >= {{ var('min_orders_for_ranking') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'seller_key', 'recent_num_sales', 'both_num_sales', 'all_recent_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'seller_key', 'fewer_p_value') }}
),

answer as (
    select
        mart_seller_scorecard.seller_id,
        mart_seller_scorecard.state,
        mart_seller_scorecard.main_category,
        cast(ranked.previous_num_sales as {{ dbt.type_bigint() }}) as previous_num_sales,
        cast(ranked.recent_num_sales as {{ dbt.type_bigint() }}) as num_sales,
        {{ ratio(
            'ranked.recent_num_sales - ranked.previous_num_sales', 'ranked.previous_num_sales'
        ) }} as sales_growth_rate,
        {{ rounded('found.adjusted_p_value', 6) }} as adjusted_p_value,
        found.is_discovery,
        cast(ranked.previous_revenue_amount as decimal(18, 2)) as previous_revenue_amount,
        cast(ranked.recent_revenue_amount as decimal(18, 2)) as revenue_amount,
        cast(ranked.previous_revenue_amount - ranked.recent_revenue_amount as decimal(18, 2))
            as lost_revenue_amount,
        mart_seller_scorecard.days_since_last_sale,
        {{ rounded('mart_seller_scorecard.average_review_score', 2) }} as average_review_score,
        {{ rounded('mart_seller_scorecard.on_time_rate') }} as on_time_rate,
        {{ var('min_orders_for_ranking') }} as min_sales,
        {{ var('short_trend_months') }} as num_months,
        count(*) over () as num_sellers,
        sum(case when found.is_discovery then 1 else 0 end) over () as num_declining,
        sum(case when ranked.recent_num_sales = 0 then 1 else 0 end) over () as num_stopped,
        sum(case
            when found.is_discovery
                then ranked.previous_revenue_amount - ranked.recent_revenue_amount
            else 0
        end) over () as all_lost_revenue_amount
    from ranked
    inner join found on ranked.seller_key = found.seller_key
    inner join mart_seller_scorecard on ranked.seller_key = mart_seller_scorecard.seller_key
),

listed as (
    select
        *,
        row_number() over (
            order by
                case when is_discovery then 0 else 1 end, lost_revenue_amount desc, seller_id
        ) as lost_rank
    from answer
)

select
    seller_id,
    state,
    main_category,
    previous_num_sales,
    num_sales,
    sales_growth_rate,
    adjusted_p_value,
    is_discovery,
    previous_revenue_amount,
    revenue_amount,
    lost_revenue_amount,
    days_since_last_sale,
    average_review_score,
    on_time_rate,
    min_sales,
    num_months,
    'A model of each seller''s risk to leave. Until then: who has lost most already.'
        as waits_for_model,
    num_sellers as finding_num_sellers,
    num_declining as finding_num_declining,
    num_declining > 0 as finding_has_declining,
    num_stopped as finding_num_stopped,
    cast(all_lost_revenue_amount as decimal(18, 2)) as finding_lost_amount
from listed
where lost_rank <= {{ shown_rows }}
order by lost_rank
