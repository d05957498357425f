-- One row per product category. Commission is not in the data, so a take rate is not either; what
-- a commission would be taken on is shown, and what the carriage takes of the customer's money.
with

mart_category_performance as (
    select category_name_english, num_units, gmv_amount, freight_amount, revenue_amount
    from {{ ref('mart_category_performance') }}
),

categories as (
    select
        category_name_english as category,
        {{ total('num_units') }} as num_units,
        sum(gmv_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from mart_category_performance
    group by category_name_english
)

select
    category,
    num_units,
    gmv_amount,
    {{ ratio('gmv_amount', 'sum(gmv_amount) over ()') }} as gmv_share_rate,
    {{ ratio('gmv_amount', 'num_units', 2) }} as average_price_amount,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    'A take rate needs the commission and fees that Olist charges per order or by contract. '
    || 'Nearest: the GMV it would be taken on, and the freight within what the customer pays.'
        as not_in_data
from categories
where gmv_amount > 0
order by gmv_amount desc, category
