-- Sellers by month.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    min(least(num_orders, gmv_amount)) as nothing_is_negative
from marts.mart_seller_months
