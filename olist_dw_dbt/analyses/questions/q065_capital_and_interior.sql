-- One row per kind of place: capital, metropolitan, outside both. Places of an unknown state are
-- left out.
with

mart_urban_areas as (
    select
        area_type,
        population,
        num_customers_12m,
        num_sales,
        num_sales_with_items,
        num_delivered,
        num_on_time,
        num_reviews,
        sum_review_score,
        sum_delivery_days,
        freight_amount,
        revenue_amount,
        revenue_12m_amount
    from {{ ref('mart_urban_areas') }}
),

types as (
    select
        area_type as place_type,
        {{ total('population') }} as population,
        {{ total('num_customers_12m') }} as num_customers_12m,
        {{ total('num_sales') }} as num_sales,
        sum(num_sales_with_items) as num_sales_with_items,
        sum(num_delivered) as num_delivered,
        sum(num_on_time) as num_on_time,
        sum(num_reviews) as num_reviews,
        sum(sum_review_score) as sum_review_score,
        {{ sum_exact('sum_delivery_days') }} as sum_delivery_days,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(revenue_12m_amount) as revenue_12m_amount
    from mart_urban_areas
    group by area_type
)

select
    place_type,
    population,
    num_customers_12m,
    {{ ratio('1000 * num_customers_12m', 'population', 3) }} as customers_per_thousand_people,
    num_sales,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('1000 * revenue_12m_amount', 'population', 2) }}
        as revenue_per_thousand_people_amount,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('num_on_time', 'num_delivered') }} as on_time_rate,
    {{ ratio('sum_delivery_days', 'num_delivered', 1) }} as average_delivery_days,
    {{ ratio('sum_review_score', 'num_reviews', 2) }} as average_review_score
from types
order by case place_type when 'capital' then 1 when 'metropolitan' then 2 else 3 end
