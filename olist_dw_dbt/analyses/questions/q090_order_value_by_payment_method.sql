-- One row per main payment type of the sales with items, most revenue first.
with

fact_orders as (
    select main_payment_type, max_installments, item_amount, revenue_amount
    from {{ ref('fact_orders') }}
    where is_sale and has_items
),

types as (
    select
        main_payment_type,
        count(*) as num_sales,
        sum(max_installments) as sum_installments,
        count(max_installments) as num_paid,
        {{ count_where('item_amount >= ' ~ var('price_band_starts')[-1]) }} as num_expensive,
        sum(revenue_amount) as revenue_amount,
        {{ median('revenue_amount') }} as median_order_value
    from fact_orders
    group by main_payment_type
)

select
    main_payment_type as payment_type,
    num_sales,
    {{ ratio('num_sales', 'sum(num_sales) over ()') }} as order_rate,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'sum(revenue_amount) over ()') }} as revenue_rate,
    {{ ratio('revenue_amount', 'num_sales', 2) }} as average_order_value,
    {{ rounded('median_order_value', 2) }} as median_order_value,
    {{ ratio('num_expensive', 'num_sales') }} as expensive_order_rate,
    {{ ratio('sum_installments', 'num_paid', 2) }} as average_installments
from types
order by types.revenue_amount desc, payment_type
