-- One row per person with a sale, those after the as-of date included. All figures are of
-- sales: a person whose only order was canceled is no customer yet.
with

int_customer_sales as (
    select
        order_id,
        customer_unique_id,
        sale_number,
        sale_day_number,
        purchased_at,
        order_date,
        cohort_month
    from {{ ref('int_customer_sales') }}
),

int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

fact_orders as (
    select
        order_id,
        main_payment_type,
        has_items,
        is_delivered,
        is_late,
        num_items,
        max_installments,
        review_score,
        item_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
),

fact_order_items as (
    select order_id, category_key, price_amount
    from {{ ref('fact_order_items') }}
),

fact_reviews as (
    select order_id, has_comment
    from {{ ref('fact_reviews') }}
    where is_latest_for_order
),

dim_customer as (
    select customer_unique_id, geography_key, city, state, state_name, region
    from {{ ref('dim_customer') }}
    where is_current and not is_unknown
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
),

sales_by_customer as (
    select
        int_customer_sales.customer_unique_id,
        int_customer_sales.cohort_month,
        max(case when int_customer_sales.sale_number = 1 then fact_orders.order_id end)
            as first_order_id,
        max(case when int_customer_sales.sale_number = 1 then fact_orders.main_payment_type end)
            as first_payment_type,
        min(int_customer_sales.order_date) as first_order_date,
        max(case when int_customer_sales.sale_number = 2 then int_customer_sales.order_date end)
            as second_order_date,
        min(case when int_customer_sales.sale_day_number = 2 then int_customer_sales.order_date end)
            as return_date,
        max(int_customer_sales.order_date) as last_order_date,
        max(int_customer_sales.purchased_at) as last_purchased_at,
        count(*) as num_orders,
        max(int_customer_sales.sale_day_number) as num_sale_days,
        {{ count_where('fact_orders.has_items') }} as num_orders_with_items,
        sum(fact_orders.num_items) as num_items,
        {{ count_where('fact_orders.is_delivered') }} as num_delivered,
        {{ count_where('fact_orders.is_late') }} as num_late,
        count(fact_orders.review_score) as num_reviewed_orders,
        coalesce(sum(fact_orders.review_score), 0) as sum_review_score,
        {{ count_where('fact_reviews.has_comment') }} as num_commented_orders,
        max(fact_orders.max_installments) as max_installments,
        sum(fact_orders.item_amount) as gmv_amount,
        sum(fact_orders.freight_amount) as freight_amount,
        sum(fact_orders.revenue_amount) as revenue_amount
    from int_customer_sales
    inner join fact_orders on int_customer_sales.order_id = fact_orders.order_id
    left join fact_reviews on int_customer_sales.order_id = fact_reviews.order_id
    group by int_customer_sales.customer_unique_id, int_customer_sales.cohort_month
),

units_by_category as (
    select
        int_customer_sales.customer_unique_id,
        dim_category.category_name_english,
        count(*) as num_units,
        sum(fact_order_items.price_amount) as item_amount,
        {{ count_where('int_customer_sales.sale_number = 1') }} as num_first_units,
        sum(case when int_customer_sales.sale_number = 1 then fact_order_items.price_amount end)
            as first_item_amount
    from int_customer_sales
    inner join fact_order_items on int_customer_sales.order_id = fact_order_items.order_id
    inner join dim_category on fact_order_items.category_key = dim_category.category_key
    group by int_customer_sales.customer_unique_id, dim_category.category_name_english
),

-- Most units first, then most money, then the alphabet.
ranked_categories as (
    select
        *,
        row_number() over (
            partition by customer_unique_id
            order by num_units desc, item_amount desc, category_name_english
        ) as category_rank,
        row_number() over (
            partition by customer_unique_id
            order by num_first_units desc, first_item_amount desc nulls last,
                category_name_english
        ) as first_category_rank
    from units_by_category
),

categories_by_customer as (
    select
        customer_unique_id,
        max(case when category_rank = 1 then category_name_english end) as favourite_category,
        max(case when first_category_rank = 1 and num_first_units > 0
            then category_name_english end) as first_category
    from ranked_categories
    group by customer_unique_id
),

-- Recency and money split the persons into equal bands; the id parts equals. Frequency has
-- fixed bands: 98 % bought on one day, and quintiles would call most of them frequent.
scored as (
    select
        sales_by_customer.*,
        {{ days_before('sales_by_customer.last_order_date', 'int_as_of_date.as_of_date') }}
            as recency_days,
        cast(ntile({{ var('rfm_num_bands') }}) over (
            order by sales_by_customer.last_purchased_at, sales_by_customer.customer_unique_id
        ) as integer) as recency_score,
        cast(1
            {%- for least in var('rfm_frequency_band_starts') %}
            + case when sales_by_customer.num_sale_days >= {{ least }} then 1 else 0 end
            {%- endfor %}
        as integer) as frequency_score,
        cast(ntile({{ var('rfm_num_bands') }}) over (
            order by sales_by_customer.revenue_amount, sales_by_customer.customer_unique_id
        ) as integer) as monetary_score
    from sales_by_customer
    cross join int_as_of_date
),

-- First match, in this order.
segmented as (
    select
        *,
        case
            when recency_days > {{ var('churned_after_days') }} then 'CHURNED'
            when
                num_orders > {{ var('frequent_above_sales') }}
                and revenue_amount > {{ var('vip_above_amount') }}
                then 'VIP'
            when num_orders > {{ var('frequent_above_sales') }} then 'LOYAL'
            when num_orders >= {{ var('regular_from_sales') }} then 'REGULAR'
            when recency_days <= {{ var('new_customer_within_days') }} then 'NEW'
            else 'ONE_TIME'
        end as customer_segment,
        case
            when
                frequency_score >= {{ var('rfm_champion_from_frequency_score') }}
                and recency_score >= {{ var('rfm_recent_from_score') }}
                and monetary_score >= {{ var('rfm_valuable_from_score') }}
                then 'CHAMPIONS'
            when
                frequency_score >= {{ var('rfm_repeat_from_frequency_score') }}
                and recency_score >= {{ var('rfm_active_from_score') }}
                then 'RETURNING'
            when frequency_score >= {{ var('rfm_repeat_from_frequency_score') }} then 'AT_RISK'
            when
                recency_score >= {{ var('rfm_recent_from_score') }}
                and monetary_score >= {{ var('rfm_valuable_from_score') }}
                then 'PROMISING'
            when recency_score >= {{ var('rfm_recent_from_score') }} then 'RECENT'
            when recency_score >= {{ var('rfm_active_from_score') }} then 'COOLING'
            when monetary_score >= {{ var('rfm_valuable_from_score') }} then 'LAPSED_VALUABLE'
            else 'HIBERNATING'
        end as rfm_segment
    from scored
)

-- Each join below finds one row or none.
select
    segmented.customer_unique_id,
    dim_customer.geography_key,
    segmented.first_order_id,
    segmented.first_order_date,
    segmented.second_order_date,
    segmented.return_date,
    segmented.last_order_date,
    segmented.cohort_month,
    coalesce(dim_customer.city, 'Unknown') as city,
    coalesce(dim_customer.state, 'Unknown') as state,
    dim_customer.state_name,
    dim_customer.region,
    categories_by_customer.favourite_category,
    categories_by_customer.first_category,
    segmented.first_payment_type,
    segmented.customer_segment,
    segmented.rfm_segment,
    segmented.num_sale_days >= 2 as is_repeat_customer,
    segmented.recency_days <= {{ var('churned_after_days') }} as is_active,
    segmented.num_commented_orders > 0 as has_comment,
    segmented.recency_days,
    cast({{ dbt.datediff('segmented.first_order_date', 'segmented.last_order_date', 'day') }}
        as integer) as tenure_days,
    cast({{ dbt.datediff('segmented.first_order_date', 'segmented.second_order_date', 'day') }}
        as integer) as days_to_second_order,
    cast({{ dbt.datediff('segmented.first_order_date', 'segmented.return_date', 'day') }}
        as integer) as days_to_return,
    segmented.recency_score,
    segmented.frequency_score,
    segmented.monetary_score,
    {% for count in [
        'num_orders', 'num_sale_days', 'num_orders_with_items', 'num_items', 'num_delivered',
        'num_late', 'num_reviewed_orders', 'sum_review_score',
    ] -%}
    cast(segmented.{{ count }} as integer) as {{ count }},
    {% endfor -%}
    segmented.max_installments,
    cast(segmented.gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(segmented.freight_amount as decimal(18, 2)) as freight_amount,
    cast(segmented.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ safe_divide('segmented.revenue_amount', 'segmented.num_orders_with_items') }}
        as average_order_value,
    {{ safe_divide('segmented.sum_review_score', 'segmented.num_reviewed_orders') }}
        as average_review_score
from segmented
inner join dim_customer on segmented.customer_unique_id = dim_customer.customer_unique_id
left join categories_by_customer
    on segmented.customer_unique_id = categories_by_customer.customer_unique_id
