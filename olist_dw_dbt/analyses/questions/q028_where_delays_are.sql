-- One row per route, from the state of the seller to that of the customer, the most late shipments
-- first: where they are, and who caused them.
with

mart_delivery_metrics as (
    select
        seller_state,
        customer_state,
        num_deliveries,
        num_late,
        num_late_by_seller,
        num_late_by_carrier,
        sum_late_days
    from {{ ref('mart_delivery_metrics') }}
),

routes as (
    select
        seller_state,
        customer_state,
        {{ total('num_deliveries') }} as num_deliveries,
        {{ total('num_late') }} as num_late,
        {{ total('num_late_by_seller') }} as num_late_by_seller,
        {{ total('num_late_by_carrier') }} as num_late_by_carrier,
        sum(sum_late_days) as sum_late_days
    from mart_delivery_metrics
    group by seller_state, customer_state
),

shared as (
    select
        *,
        {{ ratio('num_late', 'sum(num_late) over ()') }} as late_share_rate,
        {{ ratio('sum(num_late_by_carrier) over ()', 'sum(num_late) over ()') }}
            as all_carrier_caused_rate,
        row_number() over (order by num_late desc, seller_state, customer_state) as late_rank
    from routes
)

select
    late_rank,
    seller_state,
    customer_state,
    num_deliveries,
    num_late,
    late_share_rate,
    {{ ratio('num_late', 'num_deliveries') }} as late_rate,
    {{ ratio('num_late_by_carrier', 'num_late') }} as carrier_caused_rate,
    {{ ratio('num_late_by_seller', 'num_late') }} as seller_caused_rate,
    {{ ratio('sum_late_days', 'num_late', 1) }} as average_late_days,
    all_carrier_caused_rate
from shared
where num_deliveries >= {{ var('min_orders_for_ranking') }} and late_rank <= 40
order by late_rank
