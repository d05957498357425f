-- One row per product, those never sold included; items whose product the source does not know
-- share one row, which exists only where there are such items.
with

fact_order_items as (
    select
        order_key,
        product_key,
        seller_key,
        order_date,
        order_status,
        is_sale,
        price_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_order_items') }}
),

fact_orders as (
    select order_key, review_score
    from {{ ref('fact_orders') }}
),

dim_product as (
    select
        product_key,
        product_id,
        category_key,
        category_name_english,
        category_group,
        weight_tier,
        size_tier,
        num_photos,
        is_unknown
    from {{ ref('dim_product') }}
),

int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

-- An order is reviewed once, however many units of the product are in it.
orders_by_product as (
    select
        fact_order_items.product_key,
        fact_order_items.order_key,
        max(case when fact_order_items.is_sale then 1 else 0 end) as is_sale_number,
        max(case when fact_order_items.order_status = 'canceled' then 1 else 0 end)
            as is_canceled_number,
        max(fact_orders.review_score) as review_score
    from fact_order_items
    left join fact_orders on fact_order_items.order_key = fact_orders.order_key
    group by fact_order_items.product_key, fact_order_items.order_key
),

order_counts as (
    select
        product_key,
        count(*) as num_orders_of_any_status,
        sum(is_sale_number) as num_orders,
        sum(is_canceled_number) as num_canceled_orders,
        count(review_score) as num_reviewed_orders,
        coalesce(sum(review_score), 0) as sum_review_score,
        {{ count_where('review_score <= ' ~ var('negative_review_max_score')) }}
            as num_negative_reviews
    from orders_by_product
    group by product_key
),

sold_items as (
    select
        fact_order_items.*,
        -- Null after the as-of date: a window ends there.
        case
            when fact_order_items.order_date <= int_as_of_date.as_of_date
                then {{ days_before('fact_order_items.order_date', 'int_as_of_date.as_of_date') }}
        end as age_days,
        {{ is_in_trailing_12_months() }} as is_in_trailing_12_months
    from fact_order_items
    cross join int_as_of_date
    where fact_order_items.is_sale
),

sales_by_product as (
    select
        product_key,
        min(order_date) as first_sale_date,
        max(order_date) as last_sale_date,
        count(*) as num_units,
        {{ count_where('age_days <= ' ~ var('recent_days')) }} as num_recent_units,
        {{ count_where(
            'age_days > ' ~ var('recent_days') ~ ' and age_days <= ' ~ 2 * var('recent_days')
        ) }} as num_previous_units,
        count(distinct seller_key) as num_sellers,
        min(price_amount) as min_price_amount,
        max(price_amount) as max_price_amount,
        sum(price_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(case when is_in_trailing_12_months then price_amount else 0 end) as gmv_12m_amount
    from sold_items
    group by product_key
),

joined as (
    select
        dim_product.product_key,
        dim_product.product_id,
        dim_product.category_key,
        dim_product.category_name_english,
        dim_product.category_group,
        dim_product.weight_tier,
        dim_product.size_tier,
        dim_product.num_photos,
        dim_product.is_unknown,
        sales_by_product.first_sale_date,
        sales_by_product.last_sale_date,
        sales_by_product.min_price_amount,
        sales_by_product.max_price_amount,
        {% for measure in [
            'num_units', 'num_recent_units', 'num_previous_units', 'num_sellers', 'gmv_amount',
            'freight_amount', 'revenue_amount', 'gmv_12m_amount',
        ] -%}
        coalesce(sales_by_product.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {% for measure in [
            'num_orders', 'num_orders_of_any_status', 'num_canceled_orders',
            'num_reviewed_orders', 'sum_review_score', 'num_negative_reviews',
        ] -%}
        coalesce(order_counts.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {{ days_before('sales_by_product.first_sale_date', 'int_as_of_date.as_of_date') }}
            as days_since_first_sale,
        {{ days_before('sales_by_product.last_sale_date', 'int_as_of_date.as_of_date') }}
            as days_since_last_sale
    from dim_product
    left join sales_by_product on dim_product.product_key = sales_by_product.product_key
    left join order_counts on dim_product.product_key = order_counts.product_key
    cross join int_as_of_date
    where not dim_product.is_unknown or order_counts.product_key is not null
),

ranked as (
    select
        *,
        row_number() over (order by gmv_amount desc, product_id) as gmv_rank,
        sum(gmv_amount) over (
            order by gmv_amount desc, product_id
            rows between unbounded preceding and current row
        ) as cumulative_gmv_amount,
        sum(gmv_amount) over () as total_gmv_amount,
        sum(gmv_12m_amount) over (
            order by gmv_12m_amount desc, product_id
            rows between unbounded preceding and current row
        ) as cumulative_gmv_12m_amount,
        sum(gmv_12m_amount) over () as total_gmv_12m_amount
    from joined
),

classified as (
    select
        *,
        {{ abc_class('cumulative_gmv_amount - gmv_amount', 'total_gmv_amount') }} as abc_class,
        -- A product that did not sell in the twelve months has no class of them.
        case
            when gmv_12m_amount > 0
                then {{ abc_class(
                    'cumulative_gmv_12m_amount - gmv_12m_amount', 'total_gmv_12m_amount'
                ) }}
        end as abc_class_12m,
        -- First match, in this order.
        case
            when num_units = 0 then 'NEVER_SOLD'
            when days_since_last_sale > {{ var('discontinued_after_days') }} then 'DISCONTINUED'
            when num_units >= {{ var('bestseller_from_units') }} then 'BESTSELLER'
            when days_since_first_sale <= {{ var('new_product_within_days') }} then 'NEW'
            when num_units < {{ var('low_performer_below_units') }} then 'LOW_PERFORMER'
            else 'STEADY'
        end as lifecycle_stage
    from ranked
)

select
    product_key,
    category_key,
    product_id,
    category_name_english,
    category_group,
    first_sale_date,
    last_sale_date,
    weight_tier,
    size_tier,
    abc_class,
    abc_class_12m,
    lifecycle_stage,
    is_unknown,
    num_reviewed_orders >= {{ var('min_reviews_for_ranking') }} as is_rankable,
    num_photos,
    days_since_first_sale,
    days_since_last_sale,
    cast(gmv_rank as integer) as gmv_rank,
    {% for count in [
        'num_units', 'num_recent_units', 'num_previous_units', 'num_orders',
        'num_orders_of_any_status', 'num_canceled_orders', 'num_sellers', 'num_reviewed_orders',
        'sum_review_score', 'num_negative_reviews',
    ] -%}
    cast({{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(gmv_12m_amount as decimal(18, 2)) as gmv_12m_amount,
    min_price_amount,
    max_price_amount,
    {{ safe_divide('gmv_amount', 'num_units') }} as average_price,
    {{ safe_divide('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ safe_divide('cumulative_gmv_amount', 'total_gmv_amount') }} as cumulative_gmv_rate,
    {{ safe_divide('num_canceled_orders', 'num_orders_of_any_status') }}
        as cancellation_rate,
    {{ safe_divide('sum_review_score', 'num_reviewed_orders') }} as average_review_score
from classified
