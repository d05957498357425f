{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_persons',
    on_schema_change='fail',
) }}
-- One row per sale whose buyer is known, numbered in the order of the person's sales: what a
-- first, a second and a repeated purchase is, said once.
with

int_order_customers as (
    select order_id, customer_key, customer_unique_id, purchased_at, source_changed_at
    from {{ ref('int_order_customers') }}
    {{ where_person_changed() }}
),

stg_orders as (
    select order_id, order_status
    from {{ ref('stg_orders') }}
    {{ where_needed('order_id', 'int_order_customers') }}
),

numbered as (
    select
        int_order_customers.order_id,
        int_order_customers.customer_key,
        int_order_customers.customer_unique_id,
        int_order_customers.purchased_at,
        int_order_customers.source_changed_at,
        row_number() over (
            partition by int_order_customers.customer_unique_id
            order by int_order_customers.purchased_at, int_order_customers.order_id
        ) as sale_number,
        dense_rank() over (
            partition by int_order_customers.customer_unique_id
            order by cast(int_order_customers.purchased_at as date)
        ) as sale_day_number,
        min(int_order_customers.purchased_at) over (
            partition by int_order_customers.customer_unique_id
        ) as first_purchased_at
    from int_order_customers
    inner join stg_orders on int_order_customers.order_id = stg_orders.order_id
    where {{ is_sale('stg_orders.order_status') }}
)

select
    {{ surrogate_key(['order_id']) }} as order_key,
    customer_key,
    order_id,
    customer_unique_id,
    cast(sale_number as integer) as sale_number,
    cast(sale_day_number as integer) as sale_day_number,
    purchased_at,
    cast(purchased_at as date) as order_date,
    {{ month_start('purchased_at') }} as order_month,
    {{ month_start('first_purchased_at') }} as cohort_month,
    source_changed_at
from numbered
