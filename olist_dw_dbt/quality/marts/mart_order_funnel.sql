-- Orders by the steps that they reached.
select
    {{ difference('sum(num_orders)', fact_orders) }} as orders_are_those_of_the_facts,
    greatest(
        sum(num_reached_delivered) - sum(num_reached_shipped),
        sum(num_reached_approved) - sum(num_orders)
    ) as the_funnel_narrows,
    {{ ratio('num_stuck', 'num_orders') }} as few_orders_are_stuck
from marts.mart_order_funnel
