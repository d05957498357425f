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

top_tenth as (
    select
        *,
        count(*) over () as num_top_tenth_sellers,
        sum(revenue_amount) over () as top_tenth_revenue_amount,
        sum(num_units) over () as top_tenth_units
    from ranked
    where revenue_rank <= num_sellers / 10.0
)

select
    revenue_rank,
    units_rank,
    seller_id,
    state,
    main_category,
    seller_tier,
    num_sales,
    num_units,
    revenue_amount,
    {{ ratio('revenue_amount', 'total_revenue_amount') }} as revenue_rate,
    num_top_tenth_sellers,
    {{ ratio('top_tenth_revenue_amount', 'total_revenue_amount') }}
        as top_tenth_revenue_rate,
    {{ ratio('top_tenth_units', 'total_units') }} as top_tenth_units_rate
from top_tenth
where revenue_rank <= {{ shown_rows }}
order by revenue_rank
