{#- The moment at which dbt ends a snapshot's row whose member has left staging: the load that took
    it, not the clock. The others are dated by their load already, and now() is local time. The
    audit is written by extract/ and is no source of a model. -#}
{% macro moment_of_last_load() -%}
    (select max(loaded_at) from {{ schema_prefix() }}ops.load_audit)
{%- endmacro %}
