{{ config(schema='ops', incremental_strategy='replace_unsettled_deliveries') }}
-- One row per raw row that cannot be used, with the reason: what the staging models leave out.
-- The people who deliver the files read here what to fix; the run goes on without the row.
-- Only deliveries of which rows are neither staged nor here already are looked at.
with

unsettled_deliveries as (

    {{ unsettled_deliveries(this if is_incremental() else none) | indent(4) }}

),

customers as (

    select * from {{ source('raw', 'customers') }}
    {{ of_unsettled_deliveries('customers') }}

),

orders as (

    select * from {{ source('raw', 'orders') }}
    {{ of_unsettled_deliveries('orders') }}

),

order_items as (

    select * from {{ source('raw', 'order_items') }}
    {{ of_unsettled_deliveries('order_items') }}

),

order_payments as (

    select * from {{ source('raw', 'order_payments') }}
    {{ of_unsettled_deliveries('order_payments') }}

),

order_reviews as (

    select * from {{ source('raw', 'order_reviews') }}
    {{ of_unsettled_deliveries('order_reviews') }}

),

products as (

    select * from {{ source('raw', 'products') }}
    {{ of_unsettled_deliveries('products') }}

),

sellers as (

    select * from {{ source('raw', 'sellers') }}
    {{ of_unsettled_deliveries('sellers') }}

),

geolocation as (

    select * from {{ source('raw', 'geolocation') }}
    {{ of_unsettled_deliveries('geolocation') }}

),

product_category_name_translation as (

    select * from {{ source('raw', 'product_category_name_translation') }}
    {{ of_unsettled_deliveries('product_category_name_translation') }}

)

{% for table in raw_rules() %}
{%- if not loop.first %}
union all
{% endif %}
{{ quarantined_from(table, table) }}
{% endfor %}
