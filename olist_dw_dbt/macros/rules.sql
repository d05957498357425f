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

{#- Whether a day lies in the twelve months to the as-of date, which ends them.

    Args:
        day: A date expression. -#}
{% macro is_in_trailing_12_months(day='order_date') -%}
    {%- set as_of_date = '(select as_of_date from ' ~ ref('int_as_of_date') ~ ')' -%}
    coalesce(
        {{ day }} > {{ dbt.dateadd('month', -12, as_of_date) }} and {{ day }} <= {{ as_of_date }},
        false
    )
{%- endmacro %}

{#- The class of a product by the GMV of those ranked before it, as a share of all. The product that
    crosses a line belongs to the class above it.

    Args:
        gmv_before: GMV of the products ranked before it.
        total_gmv: GMV of all. -#}
{% macro abc_class(gmv_before, total_gmv) -%}
    case
            when {{ gmv_before }} < {{ var('abc_a_until_rate') }} * {{ total_gmv }} then 'A'
            when {{ gmv_before }} < {{ var('abc_b_until_rate') }} * {{ total_gmv }} then 'B'
            else 'C'
        end
{%- endmacro %}
