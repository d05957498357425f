-- One row per state of the customer. The price index compares what its customers paid with what as
-- many units of the same categories cost on average in the whole country: 1.05 is 5 % more. Within
-- a category it still holds the choice of products; the index of the same products does not.
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
),

fact_order_items as (
    select product_key, geography_key, price_amount
    from {{ ref('fact_order_items') }}
    where is_sale and not is_orphan
),

dim_geography as (
    select geography_key, state
    from {{ ref('dim_geography') }}
    where not is_unknown
),

sold_in_states as (
    select
        fact_order_items.product_key,
        dim_geography.state,
        count(*) as num_units,
        sum(fact_order_items.price_amount) as gmv_amount
    from fact_order_items
    inner join dim_geography on fact_order_items.geography_key = dim_geography.geography_key
    group by fact_order_items.product_key, dim_geography.state
),

products as (
    select
        product_key,
        {{ safe_divide('sum(gmv_amount)', 'sum(num_units)') }} as national_price
    from sold_in_states
    group by product_key
    having count(*) > 1
),

same_products as (
    select
        sold_in_states.state,
        {{ total('sold_in_states.num_units') }} as num_same_units,
        {{ ratio('sum(sold_in_states.gmv_amount)',
            'sum(sold_in_states.num_units * products.national_price)') }}
            as same_product_index
    from sold_in_states
    inner join products on sold_in_states.product_key = products.product_key
    group by sold_in_states.state
),

answer as (
    select
        states.state,
        region,
        num_units,
        {{ ratio('gmv_amount', 'num_units', 2) }} as average_price_amount,
        {{ ratio('expected_gmv_amount', 'num_units', 2) }} as expected_price_amount,
        {{ ratio('gmv_amount', 'expected_gmv_amount') }} as price_index,
        {{ ratio('sum(gmv_amount) over (partition by region)',
            'sum(expected_gmv_amount) over (partition by region)') }} as region_price_index,
        coalesce(same_products.num_same_units, 0) as num_same_units,
        same_products.same_product_index,
        num_units >= {{ var('min_orders_for_rare_rates') }} as is_rankable
    from states
    left join same_products on states.state = same_products.state
    where num_units > 0
)

select
    *,
    max(case when is_rankable then same_product_index end) over () as finding_highest_index,
    min(case when is_rankable then same_product_index end) over () as finding_lowest_index,
    greatest(max(case when is_rankable then same_product_index end) over () - 1,
        1 - min(case when is_rankable then same_product_index end) over ())
    <= {{ var('level_within_rate') }} as finding_is_same,
    sum(num_same_units) over () as finding_num_units
from answer
order by is_rankable desc, price_index desc, state
