-- One row per state with at least min_orders_for_ranking orders in the last 13 weeks, most
-- expected orders first: what the 13 weeks after the as-of date are likely to bring.
with

{{ quarters_of('state', 'state') }}

select
    *,
    sum(case
        when low_80_orders > last_quarter_orders or high_80_orders < last_quarter_orders then 1
        else 0
    end) over () as finding_num_moving,
    max(case
        when low_80_orders > last_quarter_orders or high_80_orders < last_quarter_orders then 1
        else 0
    end) over () = 1 as finding_has_moving
from answer
order by expected_orders desc, state
