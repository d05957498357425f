-- One row per seller of the top tenth by revenue, largest first, the first 100 of them. The tenth
-- is of the sellers with a sale; items whose seller the source does not know are left out.
{% set shown_rows = 100 %}
with

mart_seller_scorecard as (
    select
        seller_id,
        state,
        main_category,
        seller_tier,
        num_sales,
        num_units,
        revenue_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_sales > 0 and not is_unknown
),

ranked as (
    select
        *,
        row_number() over (order by revenue_amount desc, seller_id) as revenue_rank,
        row_number() over (order by num_units desc, seller_id) as units_rank,
        count(*) over () as num_sellers,
        sum(revenue_amount) over () as total_revenue_amount,
        sum(num_units) over () as total_units
    from mart_seller_scorecard
),

tenths as (
    select
        max(num_sellers) as num_sellers,
        {{ count_where('revenue_rank <= ' ~ top_count('num_sellers', 0.1)) }}
            as num_top_tenth_sellers,
        {{ safe_divide(
            'sum(case when revenue_rank <= ' ~ top_count('num_sellers', 0.1)
            ~ ' then revenue_amount end)', 'sum(revenue_amount)'
        ) }} as top_tenth_revenue_rate,
        {{ safe_divide(
            'sum(case when units_rank <= ' ~ top_count('num_sellers', 0.1)
            ~ ' then num_units end)', 'sum(num_units)'
        ) }} as top_tenth_units_rate,
        {{ count_where(
            'revenue_rank <= ' ~ top_count('num_sellers', 0.1)
            ~ ' and units_rank <= ' ~ top_count('num_sellers', 0.1)
        ) }} as num_in_both
    from ranked
)

select
    ranked.revenue_rank,
    ranked.units_rank,
    ranked.seller_id,
    ranked.state,
    ranked.main_category,
    ranked.seller_tier,
    ranked.num_sales,
    ranked.num_units,
    ranked.revenue_amount,
    {{ ratio('ranked.revenue_amount', 'ranked.total_revenue_amount') }} as revenue_rate,
    {{ ratio('ranked.num_units', 'ranked.total_units') }} as units_rate,
    tenths.num_sellers as finding_num_sellers,
    tenths.num_top_tenth_sellers as finding_num_top_tenth_sellers,
    {{ rounded('tenths.top_tenth_revenue_rate') }} as finding_revenue_rate,
    {{ rounded('tenths.top_tenth_units_rate') }} as finding_units_rate,
    tenths.num_in_both as finding_num_in_both
from ranked
cross join tenths
where ranked.revenue_rank <= least({{ shown_rows }}, tenths.num_top_tenth_sellers)
order by ranked.revenue_rank
