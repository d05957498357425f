-- One row per seller who keeps the dispatch promise consistently, the busiest first: in every month
-- with shipments nearly all went to the carrier in time. Sellers with few shipments or few months
-- prove nothing and are left out.
with

mart_seller_months as (
    select seller_id, state, num_dispatched, num_dispatch_late
    from {{ ref('mart_seller_months') }}
    where num_dispatched > 0
),

mart_seller_scorecard as (
    select seller_id, main_category, seller_tier, is_active
    from {{ ref('mart_seller_scorecard') }}
),

sellers as (
    select
        seller_id,
        state,
        count(*) as num_months,
        {{ count_where('num_dispatched - num_dispatch_late >= num_dispatched * '
            ~ var('dispatch_promise_kept_rate')) }} as num_kept_months,
        {{ total('num_dispatched') }} as num_dispatched,
        {{ total('num_dispatch_late') }} as num_dispatch_late
    from mart_seller_months
    group by seller_id, state
),

eligible as (
    select
        *,
        num_kept_months = num_months as is_consistent,
        count(*) over () as num_eligible_sellers
    from sellers
    where
        num_dispatched >= {{ var('min_orders_for_ranking') }}
        and num_months >= {{ var('min_months_for_consistency') }}
),

ranked as (
    select
        *,
        sum(case when is_consistent then 1 else 0 end) over () as num_consistent_sellers,
        row_number() over (
            order by
                cast(num_kept_months as {{ type_double() }}) / num_months desc,
                num_dispatched desc,
                seller_id
        ) as reliability_rank
    from eligible
)

select
    ranked.reliability_rank,
    ranked.seller_id,
    ranked.state as seller_state,
    mart_seller_scorecard.main_category,
    mart_seller_scorecard.seller_tier,
    mart_seller_scorecard.is_active,
    ranked.num_dispatched,
    {{ ratio('ranked.num_dispatched - ranked.num_dispatch_late', 'ranked.num_dispatched') }}
        as dispatch_on_time_rate,
    ranked.num_months,
    {{ ratio('ranked.num_kept_months', 'ranked.num_months') }} as kept_month_rate,
    cast(ranked.num_consistent_sellers as {{ dbt.type_bigint() }}) as num_consistent_sellers,
    ranked.num_eligible_sellers,
    {{ var('min_orders_for_ranking') }} as min_shipments,
    {{ var('min_months_for_consistency') }} as min_months
from ranked
inner join mart_seller_scorecard on ranked.seller_id = mart_seller_scorecard.seller_id
where ranked.reliability_rank <= 50
order by ranked.reliability_rank
