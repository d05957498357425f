-- One row per sale placed in the recent days before the as-of date (var late_risk_recent_days): the
-- days to the door that were to be expected at purchase (half, four fifths, 95 % of such orders
-- arrive within), the promise that was given and the one that could have been, as long on average
-- but longer where it takes longer. The fit is of before these days.
with

scores_delivery_promise as (
    select
        order_key,
        scored_as_of_date,
        trained_until_date,
        method,
        p50_days,
        p80_days,
        p95_days,
        possible_promise_days
    from {{ ref('scores_delivery_promise') }}
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
        delivery_days
    from {{ ref('fact_orders') }}
),

dim_geography as (
    select geography_key, state
    from {{ ref('dim_geography') }}
),

dim_seller as (
    select seller_key, state
    from {{ ref('dim_seller') }}
),

scored as (
    -- What came counts as of the scored day.
    select
        scores_delivery_promise.*,
        fact_orders.order_id,
        fact_orders.order_date,
        fact_orders.estimated_delivery_date,
        dim_seller.state as seller_state,
        dim_geography.state as customer_state,
        {{ dbt.datediff('fact_orders.order_date', 'fact_orders.estimated_delivery_date', 'day') }}
            as promised_days,
        case
            when
                cast(fact_orders.delivered_at as date)
                <= scores_delivery_promise.scored_as_of_date
                then fact_orders.delivery_days
        end as delivery_days,
        case
            when
                cast(fact_orders.delivered_at as date)
                <= scores_delivery_promise.scored_as_of_date
                then {{ dbt.datediff('fact_orders.order_date', 'fact_orders.delivered_at', 'day') }}
        end as calendar_days
    from scores_delivery_promise
    inner join fact_orders on scores_delivery_promise.order_key = fact_orders.order_key
    inner join dim_geography on fact_orders.geography_key = dim_geography.geography_key
    inner join first_items on scores_delivery_promise.order_key = first_items.order_key
    inner join dim_seller on first_items.seller_key = dim_seller.seller_key
)

select
    order_key,
    order_id,
    order_date,
    estimated_delivery_date,
    cast({{ dbt.dateadd('day', 'possible_promise_days', 'order_date') }} as date)
        as possible_promise_date,
    scored_as_of_date,
    trained_until_date,
    seller_state,
    customer_state,
    method,
    calendar_days is not null as is_delivered,
    coalesce(calendar_days > promised_days, false) as is_late,
    coalesce(calendar_days > possible_promise_days, false) as is_late_by_possible_promise,
    cast(promised_days as integer) as promised_days,
    possible_promise_days,
    delivery_days,
    p50_days,
    p80_days,
    p95_days
from scored
