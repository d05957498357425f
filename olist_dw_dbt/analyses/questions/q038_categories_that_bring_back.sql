-- One row per category of the first sale with enough persons, the highest repeat rate first.
with

mart_customer_analytics as (
    select
        first_category,
        is_repeat_customer,
        num_orders,
        days_to_return,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
    where first_category <> 'Unknown'
),

categories as (
    select
        first_category as category,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        {{ total('num_orders') }} as num_orders,
        sum(revenue_amount) as revenue_amount,
        {{ median('days_to_return') }} as median_days_to_second_order
    from mart_customer_analytics
    group by first_category
)

select
    row_number() over (
        order by cast(num_repeat_customers as {{ type_double() }}) / num_customers desc, category
    ) as repeat_rank,
    category,
    num_customers,
    num_repeat_customers,
    {{ ratio('num_repeat_customers', 'num_customers') }} as repeat_rate,
    -- Half the width of the 95 % interval of a share: how far chance alone moves it.
    {{ rounded('1.96 * sqrt(cast(num_repeat_customers as ' ~ type_double() ~ ') / num_customers '
        ~ '* (1 - cast(num_repeat_customers as ' ~ type_double() ~ ') / num_customers) '
        ~ '/ num_customers)') }} as repeat_margin_rate,
    {{ ratio('num_orders', 'num_customers') }} as orders_per_customer,
    {{ ratio('revenue_amount', 'num_customers', 2) }} as revenue_per_customer_amount,
    {{ rounded('median_days_to_second_order', 0) }} as median_days_to_second_order,
    {{ var('min_customers_for_ranking') }} as min_customers
from categories
where num_customers >= {{ var('min_customers_for_ranking') }}
order by repeat_rank
