{#- A view stores the names it was made with. A build file is renamed on publish, and with it
    its catalogue, so names must not carry the database. -#}
{% macro ref() %}
    {%- do return(builtins.ref(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{% macro source() %}
    {%- do return(builtins.source(*varargs, **kwargs).include(database=false)) -%}
{% endmacro %}

{#- Schemas are named as models.md names them, whatever the target: raw, staging, core, ... In a
    database where readers find these names, those that are built in have a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ schema_prefix() }}{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}

{% macro schema_prefix() -%}
    {{ env_var('OLIST_DBT_SCHEMA_PREFIX', '') }}
{%- endmacro %}
