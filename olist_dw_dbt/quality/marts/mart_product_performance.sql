-- Products.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    min(least(num_units, gmv_amount, num_orders)) as nothing_is_negative,
    {{ if_enough('count(distinct abc_class)', rows=500) }} as abc_classes_are_complete,
    {{ if_enough('count(distinct lifecycle_stage)', rows=30000) }} as lifecycle_is_complete,
    {{ if_enough("sum(gmv_amount) filter (where abc_class = 'A')
        / nullif(sum(gmv_amount), 0)", rows=500) }} as class_a_holds_its_share,
    {{ ratio('num_canceled_orders', 'num_orders_of_any_status') }} as few_orders_are_canceled
from marts.mart_product_performance
