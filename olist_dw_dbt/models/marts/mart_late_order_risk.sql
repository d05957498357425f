-- One row per sale placed in the recent days before the as-of date (var late_risk_recent_days): how
-- likely it was at purchase to miss its promised day, why, and what came where that is known. An
-- open order is scored by the last fit; one that is closed by a fit of before these days, which
-- could not know how it ends. So the page can show how well the scores did.
with

scores_late_order_risk as (
    select
        order_key,
        scored_as_of_date,
        trained_until_date,
        method,
        is_open,
        late_rate,
        reason_1,
        reason_2,
        reason_3
    from {{ ref('scores_late_order_risk') }}
),

first_items as (
    select order_key, seller_key
    from {{ ref('fact_order_items') }}
    where order_item_id = 1
),

fact_orders as (
    select
        order_key,
        order_id,
        geography_key,
        order_date,
        estimated_delivery_date,
        delivered_at,
        num_items,
        charged_amount
    from {{ ref('fact_orders') }}
),

dim_geography as (
    select geography_key, state
    from {{ ref('dim_geography') }}
),

dim_seller as (
    select
        seller_key,
        seller_id,
        state
    from {{ ref('dim_seller') }}
),

scored as (
    select
        scores_late_order_risk.*,
        fact_orders.order_id,
        fact_orders.order_date,
        fact_orders.estimated_delivery_date,
        fact_orders.num_items,
        fact_orders.charged_amount,
        dim_seller.seller_id,
        dim_seller.state as seller_state,
        dim_geography.state as customer_state,
        {{ dbt.datediff('fact_orders.order_date', 'fact_orders.estimated_delivery_date', 'day') }}
            as promised_days,
        case
            when scores_late_order_risk.is_open then 'OPEN'
            when cast(fact_orders.delivered_at as date) <= fact_orders.estimated_delivery_date
                then 'ON_TIME'
            else 'LATE'
        end as outcome
    from scores_late_order_risk
    inner join fact_orders on scores_late_order_risk.order_key = fact_orders.order_key
    inner join dim_geography on fact_orders.geography_key = dim_geography.geography_key
    inner join first_items on scores_late_order_risk.order_key = first_items.order_key
    inner join dim_seller on first_items.seller_key = dim_seller.seller_key
)

select
    order_key,
    order_id,
    seller_id,
    order_date,
    estimated_delivery_date,
    scored_as_of_date,
    trained_until_date,
    seller_state,
    customer_state,
    outcome,
    method,
    reason_1,
    reason_2,
    reason_3,
    is_open,
    cast(row_number() over (
        partition by is_open
        order by late_rate desc, order_key
    ) as integer) as risk_rank,
    cast(num_items as integer) as num_items,
    cast(promised_days as integer) as promised_days,
    charged_amount,
    cast(late_rate as {{ type_double() }}) as late_rate
from scored
