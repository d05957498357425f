-- One row per category of the first order, most customers first. Persons whose first order has
-- no items are left out.
with

mart_customer_analytics as (
    select
        first_category,
        is_repeat_customer,
        num_reviewed_orders,
        sum_review_score,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
    where first_category is not null
),

categories as (
    select
        first_category as category_name_english,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        sum(num_reviewed_orders) as num_reviewed_orders,
        sum(sum_review_score) as sum_review_score,
        sum(revenue_amount) as revenue_amount
    from mart_customer_analytics
    group by first_category
)

select
    category_name_english,
    num_customers,
    {{ ratio('num_customers', 'sum(num_customers) over ()') }} as customer_rate,
    {{ ratio(
        'sum(num_customers) over (order by num_customers desc, category_name_english)',
        'sum(num_customers) over ()'
    ) }} as cumulative_customer_rate,
    num_repeat_customers,
    {{ ratio('num_repeat_customers', 'num_customers') }} as repeat_rate,
    {{ ratio('sum(num_repeat_customers) over ()', 'sum(num_customers) over ()') }}
        as all_repeat_rate,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'num_customers', 2) }} as revenue_per_customer_amount,
    {{ ratio('sum_review_score', 'num_reviewed_orders', 2) }} as average_review_score
from categories
order by num_customers desc, category_name_english
