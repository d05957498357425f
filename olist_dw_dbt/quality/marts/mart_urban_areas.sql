-- Metropolitan areas and the rest of each state.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    {{ difference('sum(num_orders)', fact_orders) }} as orders_are_those_of_the_facts
from marts.mart_urban_areas
