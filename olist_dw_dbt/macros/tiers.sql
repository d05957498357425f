{#- The tier a measure falls into: [[name, below], ...] from the lowest up, the last with none.
    UNKNOWN where the measure is missing or 0. -#}
{% macro tier(column, tiers) -%}
    case
        when coalesce({{ column }}, 0) <= 0 then 'UNKNOWN'
        {%- for name, below in tiers %}
        {%- if below is not none %}
        when {{ column }} < {{ below }} then '{{ name }}'
        {%- else %}
        else '{{ name }}'
        {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}

{#- The median of a column within its group. -#}
{% macro median(column) -%}
    {{ return(adapter.dispatch('median')(column)) }}
{%- endmacro %}

{% macro default__median(column) -%}
    percentile_cont(0.5) within group (order by {{ column }})
{%- endmacro %}
