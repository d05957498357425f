-- Days and states: the totals of everything.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    {{ difference('sum(num_orders)', fact_orders) }} as orders_are_those_of_the_facts,
    min(least(num_orders, gmv_amount, freight_amount, num_delivered)) as nothing_is_negative,
    {{ ratio('num_sales', 'num_orders') }} as orders_become_sales,
    {{ ratio('num_on_time', 'num_delivered') }} as deliveries_are_on_time,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_is_a_part_of_revenue,
    {{ ratio('revenue_amount', 'num_sales_with_items') }} as order_value_is_plausible,
    {{ ratio('sum_review_score', 'num_reviews') }} as score_is_plausible,
    {{ ratio('sum_delivery_days', 'num_delivered') }} as delivery_takes_days,
    sum(gmv_amount) as gmv_grows_by_a_night,
    sum(num_orders) as orders_grow_by_a_night,
    sum(num_delivered) as deliveries_grow_by_a_night,
    sum(num_reviews) as reviews_grow_by_a_night,
    {{ ratio('num_on_time', 'num_delivered', enough=10 * var('gate_enough_orders')) }}
        as on_time_rate_moves_slowly,
    date_diff('day', date '2016-01-01', max(order_date)) as newest_day_does_not_go_back
from marts.mart_executive_dashboard
