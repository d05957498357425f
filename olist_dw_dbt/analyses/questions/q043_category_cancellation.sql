-- One row per product category with enough orders, the highest cancellation rate first. Orders
-- without items have no category and are left out: a quarter of the canceled ones on the full data.
with

mart_category_performance as (
    select
        category_name_english,
        num_orders_of_any_status,
        num_canceled_orders
    from {{ ref('mart_category_performance') }}
    where category_name_english <> 'Unknown'
),

fact_orders as (
    select
        {{ count_where("order_status = 'canceled'") }} as num_all_canceled_orders,
        {{ count_where("order_status = 'canceled' and not has_items") }}
            as num_canceled_without_items,
        {{ ratio("sum(case when order_status = 'canceled' then 1 else 0 end)", 'count(*)') }}
            as overall_cancellation_rate
    from {{ ref('fact_orders') }}
),

categories as (
    select
        category_name_english as category,
        {{ total('num_orders_of_any_status') }} as num_orders,
        {{ total('num_canceled_orders') }} as num_canceled_orders
    from mart_category_performance
    group by category_name_english
)

select
    row_number() over (
        order by
            {{ safe_divide('categories.num_canceled_orders', 'categories.num_orders') }} desc,
            categories.num_orders desc,
            categories.category
    ) as cancellation_rank,
    categories.category,
    categories.num_orders,
    categories.num_canceled_orders,
    {{ ratio('categories.num_canceled_orders', 'categories.num_orders') }} as cancellation_rate,
    -- Half the width of the 95 % interval of a share: how far chance alone moves it.
    {{ rounded('1.96 * sqrt(' ~ safe_divide('categories.num_canceled_orders',
        'categories.num_orders') ~ ' * (1 - ' ~ safe_divide('categories.num_canceled_orders',
        'categories.num_orders') ~ ') / categories.num_orders)') }} as cancellation_margin_rate,
    fact_orders.overall_cancellation_rate,
    fact_orders.num_all_canceled_orders,
    fact_orders.num_canceled_without_items,
    {{ var('min_orders_for_rare_rates') }} as min_orders,
    'Returns are not in the data; they would need a status or a date of the return. Nearest: '
    || 'canceled orders, which hardly ever were delivered.' as not_in_data
from categories
cross join fact_orders
where categories.num_orders >= {{ var('min_orders_for_rare_rates') }}
order by cancellation_rank
