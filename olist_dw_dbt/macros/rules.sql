{#- A sale is an order that was neither canceled nor unavailable. -#}
{% macro is_sale(status) -%}
    coalesce({{ status }} not in ('canceled', 'unavailable'), false)
{%- endmacro %}

{#- Whether a row of fact_orders or fact_deliveries is due: a sale whose promised day is over on the
    as-of date, delivered or not. The as-of date moves on, so marts ask this, and no incremental
    fact can hold the answer. -#}
{% macro is_due() -%}
    coalesce(
        is_sale
        and estimated_delivery_date <= (select as_of_date from {{ ref('int_as_of_date') }}),
        false
    )
{%- endmacro %}
