-- One row per state of the customer. The index compares what its customers paid with what the same
-- units of the same categories cost on average in the whole country: 1.05 is 5 % dearer, whatever
-- mix of categories the state buys.
with

mart_category_performance as (
    select category_key, customer_state, region, num_units, gmv_amount
    from {{ ref('mart_category_performance') }}
    where customer_state <> 'Unknown'
),

categories as (
    select
        category_key,
        {{ safe_divide('sum(gmv_amount)', 'sum(num_units)') }} as national_price
    from mart_category_performance
    group by category_key
),

states as (
    select
        mart_category_performance.customer_state as state,
        mart_category_performance.region,
        {{ total('mart_category_performance.num_units') }} as num_units,
        sum(mart_category_performance.gmv_amount) as gmv_amount,
        sum({{ rounded('mart_category_performance.num_units * categories.national_price', 6) }})
            as expected_gmv_amount
    from mart_category_performance
    inner join categories
        on mart_category_performance.category_key = categories.category_key
    group by mart_category_performance.customer_state, mart_category_performance.region
)

select
    state,
    region,
    num_units,
    {{ ratio('gmv_amount', 'num_units', 2) }} as average_price_amount,
    {{ ratio('expected_gmv_amount', 'num_units', 2) }} as expected_price_amount,
    {{ ratio('gmv_amount', 'expected_gmv_amount') }} as price_index,
    {{ ratio('sum(gmv_amount) over (partition by region)',
        'sum(expected_gmv_amount) over (partition by region)') }} as region_price_index,
    num_units >= {{ var('min_orders_for_ranking') }} as is_rankable
from states
where num_units > 0
order by num_units >= {{ var('min_orders_for_ranking') }} desc, price_index desc, state
