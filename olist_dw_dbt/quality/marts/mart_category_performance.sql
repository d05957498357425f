-- Categories by month.
with

by_category as (
    select sum(gmv_amount) as gmv_amount
    from marts.mart_category_performance
    group by category_key
)

select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    min(least(num_units, gmv_amount, freight_amount)) as nothing_is_negative,
    case
        when sum(num_units) >= {{ var('gate_enough_orders') }}
            then (select max(gmv_amount) / sum(gmv_amount) from by_category)
    end as no_category_takes_all
from marts.mart_category_performance
