-- Shipments by month, state of the seller and state of the customer.
select
    {{ difference('sum(num_shipments)', 'select count(*) from core.fact_deliveries') }}
        as shipments_are_those_of_the_facts,
    min(least(num_shipments, num_deliveries, item_amount)) as nothing_is_negative,
    {{ ratio('num_on_time', 'num_deliveries') }} as deliveries_are_on_time,
    {{ ratio('num_dispatch_late', 'num_dispatched') }} as sellers_hand_over_in_time,
    {{ ratio('sum_distance_km', 'num_with_distance') }} as distances_fit_brazil
from marts.mart_delivery_metrics
