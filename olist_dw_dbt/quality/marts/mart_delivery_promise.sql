-- Promises that could have been made.
select
    count(*) filter (where p50_days > p80_days or p80_days > p95_days)
        as quantiles_are_in_order
from marts.mart_delivery_promise
