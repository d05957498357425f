-- One row per complete month: the customers who bought for the first time. What acquiring them cost
-- is not in the data; the one subsidy that shows is freight given away.
with

mart_executive_dashboard as (
    select
        order_month,
        is_complete_month,
        num_new_customers,
        num_items,
        num_free_freight_items,
        freight_amount
    from {{ ref('mart_executive_dashboard') }}
),

months as (
    select
        order_month,
        {{ total('num_new_customers') }} as num_new_customers,
        {{ total('num_items') }} as num_items,
        {{ total('num_free_freight_items') }} as num_free_freight_items,
        sum(freight_amount) as freight_amount
    from mart_executive_dashboard
    where is_complete_month
    group by order_month
),

-- Freight given away is valued at what an item with paid freight costs in the month.
valued as (
    select
        *,
        {{ safe_divide('freight_amount', '(num_items - num_free_freight_items)') }}
        * num_free_freight_items as free_freight_amount
    from months
),

compared as (
    select
        valued.*,
        {{ safe_divide('valued.num_new_customers - year_before.num_new_customers',
            'year_before.num_new_customers') }} as growth
    from valued
    left join valued as year_before
        on valued.order_month = {{ dbt.dateadd('month', 12, 'year_before.order_month') }}
),

answer as (
    select
        order_month,
        num_new_customers,
        {{ rounded('growth') }} as yoy_growth_rate,
        num_items,
        num_free_freight_items,
        {{ ratio('num_free_freight_items', 'num_items') }} as free_freight_rate,
        {{ rounded('free_freight_amount', 2) }} as free_freight_amount,
        {{ ratio('free_freight_amount', 'num_new_customers', 2) }}
            as free_freight_per_new_customer_amount,
        'Freight given away stands for the cost of acquisition: items with freight 0, valued at '
        || 'the mean freight of the month. No marketing spend is in the data, so the true cost is '
        || 'higher.'
            as proxy
    from compared
)

select
    *,
    {{ value_at('yoy_growth_rate is not null', 'order_month desc') }} as finding_has_year_before,
    {{ value_at('order_month', 'num_new_customers desc, order_month') }} as finding_peak_month,
    max(num_new_customers) over () as finding_peak_customers
from answer
order by order_month
