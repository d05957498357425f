-- One row per raw row that cannot be used, with the reason: what the staging models leave out.
-- The people who deliver the files read here what to fix; the run goes on without the row.
{{ config(schema='ops', materialized='table') }}

with

customers as (

    select * from {{ source('raw', 'customers') }}

),

orders as (

    select * from {{ source('raw', 'orders') }}

),

order_items as (

    select * from {{ source('raw', 'order_items') }}

),

order_payments as (

    select * from {{ source('raw', 'order_payments') }}

),

order_reviews as (

    select * from {{ source('raw', 'order_reviews') }}

),

products as (

    select * from {{ source('raw', 'products') }}

),

sellers as (

    select * from {{ source('raw', 'sellers') }}

),

geolocation as (

    select * from {{ source('raw', 'geolocation') }}

),

product_category_name_translation as (

    select * from {{ source('raw', 'product_category_name_translation') }}

)

{% for table in raw_rules() %}
{%- if not loop.first %}
union all
{% endif %}
{{ quarantined_from(table, table) }}
{% endfor %}
