-- One row per active seller: how likely no sale in the 90 days after the as-of date is, why, and
-- what is at stake.
with

scores_seller_risk as (
    select seller_key, scored_as_of_date, churn_rate, reason_1, reason_2, method
    from {{ ref('scores_seller_risk') }}
),

features_sellers as (
    select
        seller_key,
        snapshot_date,
        days_since_last_sale,
        num_orders_30d,
        num_orders_90d,
        gmv_90d_amount
    from {{ ref('features_sellers') }}
),

dim_seller as (
    select seller_key, seller_id, city, state, region
    from {{ ref('dim_seller') }}
),

mart_seller_scorecard as (
    select seller_key, main_category, seller_tier_12m
    from {{ ref('mart_seller_scorecard') }}
)

select
    dim_seller.seller_key,
    dim_seller.seller_id,
    scores_seller_risk.scored_as_of_date,
    dim_seller.city,
    dim_seller.state,
    dim_seller.region,
    mart_seller_scorecard.main_category,
    mart_seller_scorecard.seller_tier_12m,
    scores_seller_risk.method,
    scores_seller_risk.reason_1,
    scores_seller_risk.reason_2,
    case scores_seller_risk.reason_1
        when 'silent for longer than usual' then 'call: ask what keeps the seller from selling'
        when 'few orders' then 'look at prices and listing, show the demand of the category'
        when 'orders are falling' then 'call: compare price and stock with three months ago'
        when 'late parcels or low stars' then 'help with dispatch before customers leave'
        else 'watch'
    end as next_step,
    cast(row_number() over (
        order by
            scores_seller_risk.churn_rate * features_sellers.gmv_90d_amount desc,
            dim_seller.seller_id
    ) as integer) as stake_rank,
    -- Seen from the as-of date, as everywhere; the snapshot is the day after it.
    features_sellers.days_since_last_sale - 1 as days_since_last_sale,
    features_sellers.num_orders_30d,
    features_sellers.num_orders_90d,
    features_sellers.gmv_90d_amount,
    cast(scores_seller_risk.churn_rate * features_sellers.gmv_90d_amount as decimal(18, 2))
        as gmv_at_stake_amount,
    scores_seller_risk.churn_rate
from scores_seller_risk
inner join features_sellers
    on
        scores_seller_risk.seller_key = features_sellers.seller_key
        and {{ dbt.dateadd('day', 1, 'scores_seller_risk.scored_as_of_date') }}
        = features_sellers.snapshot_date
inner join dim_seller on scores_seller_risk.seller_key = dim_seller.seller_key
inner join mart_seller_scorecard
    on scores_seller_risk.seller_key = mart_seller_scorecard.seller_key
