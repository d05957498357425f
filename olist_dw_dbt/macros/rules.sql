{#- A sale is an order that was neither canceled nor unavailable. -#}
{% macro is_sale(status) -%}
    coalesce({{ status }} not in ('canceled', 'unavailable'), false)
{%- endmacro %}
