-- One row per route, from the region of the seller to that of the customer, the best first within
-- each region of the customer. The data names no carrier.
with

mart_delivery_metrics as (
    select
        seller_region,
        customer_region,
        num_deliveries,
        num_with_stages,
        num_with_distance,
        num_shipments,
        num_late,
        num_late_by_carrier,
        sum_transit_days,
        sum_distance_km
    from {{ ref('mart_delivery_metrics') }}
    where seller_region <> 'Unknown' and customer_region <> 'Unknown'
),

routes as (
    select
        customer_region,
        seller_region,
        {{ total('num_deliveries') }} as num_deliveries,
        {{ total('num_with_stages') }} as num_with_stages,
        {{ total('num_with_distance') }} as num_with_distance,
        {{ total('num_late') }} as num_late,
        {{ total('num_late_by_carrier') }} as num_late_by_carrier,
        sum(sum_transit_days) as sum_transit_days,
        sum(sum_distance_km) as sum_distance_km
    from mart_delivery_metrics
    group by customer_region, seller_region
),

measured as (
    select
        customer_region,
        seller_region,
        num_deliveries,
        {{ ratio('sum_transit_days', 'num_with_stages', 2) }} as average_transit_days,
        {{ ratio('sum_distance_km', 'num_with_distance', 0) }} as average_distance_km,
        {{ ratio('num_late_by_carrier', 'num_deliveries') }} as carrier_late_rate,
        {{ ratio('num_late', 'num_deliveries') }} as late_rate
    from routes
    where num_deliveries >= {{ var('min_orders_for_ranking') }}
)

select
    customer_region,
    row_number() over (
        partition by customer_region order by carrier_late_rate, average_transit_days, seller_region
    ) as rank_in_region,
    seller_region,
    num_deliveries,
    carrier_late_rate,
    late_rate,
    average_transit_days,
    average_distance_km,
    {{ var('min_orders_for_ranking') }} as min_deliveries,
    'A best carrier needs the id of the carrier of each shipment. Nearest: routes between regions, '
    || 'by the share that the carriage made late.' as not_in_data
from measured
order by customer_region, rank_in_region
