-- One row per state and city in which a customer or a seller lives. Place names are those of
-- the zip prefix (dim_geography): the names customers typed have many spellings.
with

fact_orders as (
    select
        customer_key,
        geography_key,
        is_sale,
        {{ is_due() }} as is_due,
        is_sale and {{ is_in_trailing_12_months() }} as is_12m_sale,
        has_items,
        is_delivered,
        is_on_time,
        is_late,
        review_score,
        item_amount,
        freight_amount,
        revenue_amount,
        delivery_days
    from {{ ref('fact_orders') }}
),

fact_deliveries as (
    select geography_key, distance_km
    from {{ ref('fact_deliveries') }}
    where not is_orphan
),

dim_customer as (
    select customer_key, customer_unique_id, is_unknown
    from {{ ref('dim_customer') }}
),

dim_seller as (
    select geography_key
    from {{ ref('dim_seller') }}
    where not is_unknown
),

dim_geography as (
    select geography_key, city, state, region, latitude, longitude
    from {{ ref('dim_geography') }}
),

brazilian_states as (
    select state, state_name, capital, population
    from {{ ref('brazilian_states') }}
),

-- Medians, so that a prefix with a wrong point does not move its city.
city_places as (
    select
        state,
        city,
        region,
        {{ median('latitude') }} as latitude,
        {{ median('longitude') }} as longitude
    from dim_geography
    group by state, city, region
),

orders_by_city as (
    select
        dim_geography.state,
        dim_geography.city,
        count(*) as num_orders,
        {{ count_where('fact_orders.is_sale') }} as num_sales,
        {{ count_where('fact_orders.is_sale and fact_orders.has_items') }}
            as num_sales_with_items,
        count(distinct case
            when fact_orders.is_sale and not dim_customer.is_unknown
                then dim_customer.customer_unique_id
        end) as num_customers,
        {{ count_where('fact_orders.is_12m_sale') }} as num_sales_12m,
        count(distinct case
            when fact_orders.is_12m_sale and not dim_customer.is_unknown
                then dim_customer.customer_unique_id
        end) as num_customers_12m,
        {{ count_where('fact_orders.is_delivered') }} as num_delivered,
        {{ count_where('fact_orders.is_on_time') }} as num_on_time,
        {{ count_where('fact_orders.is_late') }} as num_late,
        {{ count_where('fact_orders.is_due') }} as num_due,
        {{ count_where('fact_orders.is_due and fact_orders.is_on_time') }} as num_promise_kept,
        count(fact_orders.review_score) as num_reviews,
        coalesce(sum(fact_orders.review_score), 0) as sum_review_score,
        {{ sum_days('fact_orders.delivery_days') }} as sum_delivery_days,
        sum(case when fact_orders.is_sale then fact_orders.item_amount else 0 end)
            as gmv_amount,
        sum(case when fact_orders.is_sale then fact_orders.freight_amount else 0 end)
            as freight_amount,
        sum(fact_orders.revenue_amount) as revenue_amount,
        sum(case when fact_orders.is_12m_sale then fact_orders.revenue_amount else 0 end)
            as revenue_12m_amount
    from fact_orders
    inner join dim_geography on fact_orders.geography_key = dim_geography.geography_key
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    group by dim_geography.state, dim_geography.city
),

distances_by_city as (
    select
        dim_geography.state,
        dim_geography.city,
        count(fact_deliveries.distance_km) as num_with_distance,
        {{ sum_exact('fact_deliveries.distance_km') }} as sum_distance_km
    from fact_deliveries
    inner join dim_geography on fact_deliveries.geography_key = dim_geography.geography_key
    group by dim_geography.state, dim_geography.city
),

sellers_by_city as (
    select
        dim_geography.state,
        dim_geography.city,
        count(*) as num_sellers
    from dim_seller
    inner join dim_geography on dim_seller.geography_key = dim_geography.geography_key
    group by dim_geography.state, dim_geography.city
),

trading_cities as (
    select state, city from orders_by_city
    union distinct
    select state, city from sellers_by_city
),

joined as (
    select
        city_places.state,
        city_places.city,
        city_places.region,
        coalesce(brazilian_states.state_name, 'Unknown') as state_name,
        coalesce(
            {{ city_name('city_places.city') }} = {{ city_name('brazilian_states.capital') }},
            false
        ) as is_capital,
        brazilian_states.population as state_population,
        city_places.latitude,
        city_places.longitude,
        {% for measure in [
            'num_orders', 'num_sales', 'num_sales_with_items', 'num_customers', 'num_sales_12m',
            'num_customers_12m', 'num_delivered',
            'num_on_time', 'num_late', 'num_due', 'num_promise_kept', 'num_reviews',
            'sum_review_score', 'sum_delivery_days', 'gmv_amount', 'freight_amount',
            'revenue_amount', 'revenue_12m_amount',
        ] -%}
        coalesce(orders_by_city.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        coalesce(distances_by_city.num_with_distance, 0) as num_with_distance,
        coalesce(distances_by_city.sum_distance_km, 0) as sum_distance_km,
        coalesce(sellers_by_city.num_sellers, 0) as num_sellers
    from trading_cities
    inner join city_places
        on trading_cities.state = city_places.state and trading_cities.city = city_places.city
    left join orders_by_city
        on city_places.state = orders_by_city.state and city_places.city = orders_by_city.city
    left join distances_by_city
        on
            city_places.state = distances_by_city.state
            and city_places.city = distances_by_city.city
    left join sellers_by_city
        on city_places.state = sellers_by_city.state and city_places.city = sellers_by_city.city
    left join brazilian_states on city_places.state = brazilian_states.state
),

with_state_revenue as (
    select
        *,
        sum(revenue_12m_amount) over (partition by state) as state_revenue_12m_amount
    from joined
)

select
    state,
    city,
    state_name,
    region,
    is_capital,
    num_orders >= {{ var('min_orders_for_ranking') }} as is_rankable,
    {% for count in [
        'num_orders', 'num_sales', 'num_sales_with_items', 'num_customers', 'num_sales_12m',
        'num_customers_12m', 'num_sellers',
        'num_delivered', 'num_on_time', 'num_late', 'num_due', 'num_promise_kept', 'num_reviews',
        'sum_review_score', 'num_with_distance',
    ] -%}
    cast({{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(revenue_12m_amount as decimal(18, 2)) as revenue_12m_amount,
    cast(sum_delivery_days as {{ type_double() }}) as sum_delivery_days,
    cast(sum_distance_km as {{ type_double() }}) as sum_distance_km,
    state_population,
    {{ safe_divide('revenue_12m_amount', 'state_population') }} as revenue_per_capita,
    {{ safe_divide('state_revenue_12m_amount', 'state_population') }} as state_revenue_per_capita,
    {{ safe_divide('revenue_amount', 'num_sales_with_items') }} as average_order_value,
    {{ safe_divide('num_on_time', 'num_delivered') }} as on_time_rate,
    {{ safe_divide('num_promise_kept', 'num_due') }} as promise_kept_rate,
    {{ safe_divide('sum_review_score', 'num_reviews') }} as average_review_score,
    {{ safe_divide('sum_delivery_days', 'num_delivered') }} as average_delivery_days,
    {{ safe_divide('sum_distance_km', 'num_with_distance') }} as average_distance_km,
    cast(latitude as {{ type_double() }}) as latitude,
    cast(longitude as {{ type_double() }}) as longitude
from with_state_revenue
