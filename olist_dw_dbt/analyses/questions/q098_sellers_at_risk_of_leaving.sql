-- One row per active seller, the first 50 by the GMV at stake: what the last 90 days brought times
-- the chance that the next 90 bring nothing.
{% set shown_rows = 50 %}
with

mart_seller_risk as (
    select
        seller_id,
        state,
        main_category,
        reason_1,
        reason_2,
        next_step,
        stake_rank,
        days_since_last_sale,
        num_orders_90d,
        gmv_90d_amount,
        gmv_at_stake_amount,
        churn_rate
    from {{ ref('mart_seller_risk') }}
),

-- Sellers leave independently of each other here; what the model gets wrong comes on top.
everyone as (
    select
        count(*) as num_sellers,
        sum(cast(churn_rate as decimal(18, 9))) as num_expected,
        sqrt(sum(cast(churn_rate * (1 - churn_rate) as decimal(18, 9)))) as deviation,
        sum(gmv_at_stake_amount) as all_at_stake_amount,
        sum(gmv_90d_amount) as all_gmv_amount
    from mart_seller_risk
)

select
    mart_seller_risk.stake_rank,
    mart_seller_risk.seller_id,
    mart_seller_risk.state,
    mart_seller_risk.main_category,
    {{ rounded('mart_seller_risk.churn_rate') }} as churn_rate,
    coalesce(mart_seller_risk.reason_1, '') as reason_1,
    coalesce(mart_seller_risk.reason_2, '') as reason_2,
    mart_seller_risk.next_step,
    mart_seller_risk.gmv_at_stake_amount,
    mart_seller_risk.gmv_90d_amount,
    mart_seller_risk.num_orders_90d,
    mart_seller_risk.days_since_last_sale,
    everyone.num_sellers,
    {{ rounded('everyone.num_expected', 0) }} as num_expected_to_leave,
    {% for side, sign in [('low', '-'), ('high', '+')] -%}
    {{ rounded('greatest(0, everyone.num_expected ' ~ sign ~ ' ' ~ var('interval_z')
        ~ ' * everyone.deviation)', 0) }} as {{ side }}_num_expected_to_leave,
    {% endfor -%}
    cast(everyone.all_at_stake_amount as decimal(18, 2)) as all_at_stake_amount,
    {{ ratio('everyone.all_at_stake_amount', 'everyone.all_gmv_amount') }} as at_stake_rate
from mart_seller_risk
cross join everyone
where mart_seller_risk.stake_rank <= {{ shown_rows }}
order by mart_seller_risk.stake_rank
