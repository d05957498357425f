-- One row per month of purchase, order status and state of the customer, for those with an
-- order. An order that reached a stage has reached the stages before it, dated or not:
-- 14 delivered orders of the full data were never approved.
with

fact_orders as (
    select
        customer_key,
        order_date,
        {{ month_start('order_date') }} as order_month,
        approved_at,
        handed_to_carrier_at,
        delivered_at,
        estimated_delivery_date,
        order_status
    from {{ ref('fact_orders') }}
),

dim_customer as (
    select customer_key, state, region
    from {{ ref('dim_customer') }}
),

int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

-- Many orders to one customer.
staged as (
    select
        fact_orders.*,
        coalesce(dim_customer.state, 'Unknown') as customer_state,
        dim_customer.region as customer_region,
        int_as_of_date.as_of_date,
        fact_orders.delivered_at is not null or fact_orders.order_status = 'delivered'
            as is_at_customer,
        fact_orders.handed_to_carrier_at is not null or fact_orders.order_status = 'shipped'
            as is_with_carrier,
        fact_orders.approved_at is not null
        or fact_orders.order_status in ('approved', 'processing', 'invoiced') as is_paid_for,
        fact_orders.order_status not in ('delivered', 'canceled', 'unavailable') as is_stuck,
        -- The latest day on which something is known to have happened to the order.
        cast(greatest(
            fact_orders.order_date,
            coalesce(cast(fact_orders.approved_at as date), fact_orders.order_date),
            coalesce(cast(fact_orders.handed_to_carrier_at as date), fact_orders.order_date),
            coalesce(cast(fact_orders.delivered_at as date), fact_orders.order_date)
        ) as date) as last_step_date
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    cross join int_as_of_date
),

reached as (
    select
        *,
        is_at_customer as has_reached_delivered,
        is_at_customer or is_with_carrier as has_reached_shipped,
        is_at_customer or is_with_carrier or is_paid_for as has_reached_approved,
        is_stuck and estimated_delivery_date < as_of_date as is_overdue,
        case when is_stuck then {{ days_before('last_step_date', 'as_of_date') }} end
            as standing_days
    from staged
),

aggregated as (
    select
        order_month,
        order_status,
        customer_state,
        customer_region,
        cast(count(*) as integer) as num_orders,
        {{ count_where('has_reached_approved') }} as num_reached_approved,
        {{ count_where('has_reached_shipped') }} as num_reached_shipped,
        {{ count_where('has_reached_delivered') }} as num_reached_delivered,
        {{ count_where('is_stuck') }} as num_stuck,
        {{ count_where('is_overdue') }} as num_overdue,
        cast(coalesce(sum(standing_days), 0) as integer) as sum_standing_days,
        cast(max(standing_days) as integer) as max_standing_days
    from reached
    group by order_month, order_status, customer_state, customer_region
)

select
    aggregated.order_month,
    aggregated.order_status,
    aggregated.customer_state,
    aggregated.customer_region,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    aggregated.num_orders,
    aggregated.num_reached_approved,
    aggregated.num_reached_shipped,
    aggregated.num_reached_delivered,
    aggregated.num_stuck,
    aggregated.num_overdue,
    aggregated.sum_standing_days,
    aggregated.max_standing_days
from aggregated
left join int_order_months on aggregated.order_month = int_order_months.order_month
