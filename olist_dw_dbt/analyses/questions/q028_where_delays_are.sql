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
        num_late_by_promise,
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
        {{ total('num_late_by_promise') }} as num_late_by_promise,
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
        {{ ratio('sum(num_late_by_seller) over ()', 'sum(num_late) over ()') }}
            as all_seller_caused_rate,
        {{ ratio('sum(num_late_by_promise) over ()', 'sum(num_late) over ()') }}
            as all_promise_caused_rate,
        {{ ratio('sum(num_late) over ()', 'sum(num_deliveries) over ()') }} as all_late_rate,
        row_number() over (order by num_late desc, seller_state, customer_state) as late_rank
    from routes
),

answer as (
    select
        late_rank,
        seller_state,
        customer_state,
        num_deliveries,
        num_late,
        late_share_rate,
        {{ ratio('num_late', 'num_deliveries') }} as late_rate,
        {{ rounded(wilson_bound('num_late', 'num_deliveries', 'low')) }} as low_late_rate,
        {{ rounded(wilson_bound('num_late', 'num_deliveries', 'high')) }} as high_late_rate,
        {{ ratio('num_late_by_carrier', 'num_late') }} as carrier_caused_rate,
        {{ ratio('num_late_by_seller', 'num_late') }} as seller_caused_rate,
        {{ ratio('num_late_by_promise', 'num_late') }} as promise_caused_rate,
        {{ ratio('sum_late_days', 'num_late', 1) }} as average_late_days,
        all_late_rate,
        all_carrier_caused_rate,
        all_seller_caused_rate,
        all_promise_caused_rate
    from shared
    where num_deliveries >= {{ var('min_orders_for_ranking') }} and late_rank <= 40
)

select
    *,
    {{ value_at('seller_state', 'low_late_rate desc, late_rank') }} as finding_worst_seller_state,
    {{ value_at('customer_state',
        'low_late_rate desc, late_rank') }} as finding_worst_customer_state,
    {{ value_at('late_rate', 'low_late_rate desc, late_rank') }} as finding_worst_late_rate,
    {{ value_at('low_late_rate', 'low_late_rate desc, late_rank') }} as finding_worst_low_late_rate,
    {{ value_at('high_late_rate',
        'low_late_rate desc, late_rank') }} as finding_worst_high_late_rate,
    {{ value_at('num_deliveries',
        'low_late_rate desc, late_rank') }} as finding_worst_num_deliveries
from answer
order by late_rank
