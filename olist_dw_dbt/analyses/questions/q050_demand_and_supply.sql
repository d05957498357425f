-- One row per product category with enough sellers and orders in the latest complete months (the
-- long trend), the most demand per seller first. Supply is the sellers who sold in it.
{%- set months = var('long_trend_months') %}
with

complete_months as (
    {{ complete_months() }}
),

fact_order_items as (
    select
        category_key,
        seller_key,
        {{ month_start('order_date') }} as order_month,
        price_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

sellers_by_category as (
    select
        fact_order_items.category_key,
        fact_order_items.seller_key,
        {{ total('case when complete_months.months_back <= ' ~ months ~ ' then 1 end') }}
            as num_recent_units,
        {{ total('case when complete_months.months_back between 13 and ' ~ (12 + months)
            ~ ' then 1 end') }} as num_year_before_units,
        sum(case
            when complete_months.months_back <= {{ months }}
                then fact_order_items.price_amount else 0
        end) as recent_gmv_amount,
        max(complete_months.num_complete_months) as num_complete_months
    from fact_order_items
    inner join complete_months on fact_order_items.order_month = complete_months.order_month
    group by fact_order_items.category_key, fact_order_items.seller_key
),

categories as (
    select
        category_key,
        {{ total('num_recent_units') }} as num_recent_units,
        {{ count_where('num_recent_units > 0') }} as num_sellers,
        sum(recent_gmv_amount) as recent_gmv_amount,
        case
            when max(num_complete_months) >= {{ 12 + months }} then sum(num_year_before_units)
        end as num_year_before_units
    from sellers_by_category
    group by category_key
),

shared as (
    select
        *,
        {{ safe_divide('num_recent_units', 'sum(num_recent_units) over ()') }} as demand_share,
        {{ safe_divide('num_sellers', 'sum(num_sellers) over ()') }} as supply_share
    from categories
)

select
    row_number() over (
        order by shared.demand_share / shared.supply_share desc, dim_category.category_name_english
    ) as gap_rank,
    dim_category.category_name_english as category,
    {{ months }} as num_months,
    shared.num_recent_units,
    shared.num_sellers,
    {{ ratio('shared.num_recent_units', 'shared.num_sellers', 1) }} as units_per_seller,
    {{ ratio('shared.recent_gmv_amount', 'shared.num_sellers', 2) }} as gmv_per_seller_amount,
    {{ rounded('shared.demand_share') }} as demand_share_rate,
    {{ rounded('shared.supply_share') }} as supply_share_rate,
    {{ ratio('shared.demand_share', 'shared.supply_share', 2) }} as demand_supply_ratio,
    {{ ratio('shared.num_recent_units - shared.num_year_before_units',
        'shared.num_year_before_units') }} as demand_growth_rate,
    {{ var('min_sellers_for_ranking') }} as min_sellers,
    {{ var('min_orders_for_ranking') }} as min_units
from shared
inner join dim_category on shared.category_key = dim_category.category_key
where
    shared.num_recent_units >= {{ var('min_orders_for_ranking') }}
    and shared.num_sellers >= {{ var('min_sellers_for_ranking') }}
order by gap_rank
