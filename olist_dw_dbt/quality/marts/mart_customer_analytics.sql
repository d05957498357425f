-- Persons with a sale.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    {{ difference('sum(num_orders)', fact_sales) }} as orders_are_the_sales,
    min(least(num_orders, gmv_amount, recency_days)) as nothing_is_negative,
    {{ if_enough('count(distinct customer_segment)', rows=90000) }} as segments_are_complete,
    {{ if_enough('count(distinct rfm_segment)', rows=60000) }} as rfm_segments_are_complete,
    count(*) filter (
        where
            (customer_segment = 'CHURNED') <> (recency_days > {{ var('churned_after_days') }})
            or (customer_segment = 'NEW' and (
                recency_days > {{ var('new_customer_within_days') }}
                or num_orders >= {{ var('regular_from_sales') }}
            ))
    ) as segments_follow_their_rule,
    {{ largest_group(
        'marts.mart_customer_analytics', 'customer_segment',
        'count(*) >= ' ~ var('gate_enough_orders')
    ) }} as segments_tell_customers_apart,
    {{ if_enough('avg(is_repeat_customer::integer)', rows=var('gate_enough_orders')) }}
        as few_customers_come_back,
    {{ if_enough('avg(is_repeat_customer::integer)', rows=10000) }} as some_customers_come_back,
    count(*) as customers_grow_by_a_night
from marts.mart_customer_analytics
