-- One row per region of the customer, what an order leaves there, highest first: the commission on
-- its goods less the part of its freight that the marketplace pays. Both rates are assumptions.
{% set commission, subsidy = var('assumed_commission_rate'), var('assumed_freight_subsidy_rate') %}
with

fact_orders as (
    select
        customer_key,
        cast(item_amount as {{ type_double() }}) as item_amount,
        cast(freight_amount as {{ type_double() }}) as freight_amount,
        revenue_amount,
        cast({{ commission }} * item_amount - {{ subsidy }} * freight_amount
            as {{ type_double() }}) as contribution
    from {{ ref('fact_orders') }}
    where is_sale and has_items
),

dim_customer as (
    select customer_key, region
    from {{ ref('dim_customer') }}
),

regions as (
    select
        dim_customer.region,
        count(*) as num_sales,
        {{ sum_exact('fact_orders.item_amount', 2) }} as gmv_amount,
        {{ sum_exact('fact_orders.freight_amount', 2) }} as freight_amount,
        sum(fact_orders.revenue_amount) as revenue_amount,
        {{ sum_exact('fact_orders.contribution', 6) }} as sum_contribution,
        {{ sum_exact('fact_orders.contribution * fact_orders.contribution', 6) }} as sum_square
    from fact_orders
    inner join dim_customer on fact_orders.customer_key = dim_customer.customer_key
    group by dim_customer.region
),

answer as (
    select
        region,
        num_sales,
        cast(revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio('gmv_amount', 'num_sales', 2) }} as gmv_per_order_amount,
        {{ ratio('freight_amount', 'num_sales', 2) }} as freight_per_order_amount,
        {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
        {{ ratio('sum_contribution', 'num_sales', 2) }} as contribution_per_order_amount,
        {% for side in ['low', 'high'] -%}
        {{ rounded(mean_bound('sum_contribution', 'sum_square', 'num_sales', side), 2) }}
            as {{ side }}_contribution_amount,
        {% endfor -%}
        {{ rounded('sum_contribution', 2) }} as contribution_amount,
        {{ commission }} as commission_rate,
        {{ subsidy }} as freight_subsidy_rate
    from regions
)

select
    region,
    num_sales,
    revenue_amount,
    gmv_per_order_amount,
    freight_per_order_amount,
    freight_rate,
    contribution_per_order_amount,
    low_contribution_amount,
    high_contribution_amount,
    contribution_amount,
    commission_rate,
    freight_subsidy_rate,
    'The commission and the share of freight that the marketplace pays are assumptions (vars'
    || ' assumed_commission_rate and assumed_freight_subsidy_rate), the same for all regions: the'
    || ' data has neither, nor the cost of payment, service and returns.' as proxy
from answer
order by contribution_per_order_amount desc, region
