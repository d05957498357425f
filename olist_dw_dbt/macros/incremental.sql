{#- The orders a run has to rebuild: all of them on a full refresh, otherwise those that changed
    since this model last looked. `source_changed_at` of the model is its high-water mark. -#}
{% macro changed_orders() -%}
    select order_id, changed_at as source_changed_at
    from {{ ref('int_order_changes') }}
    {%- if is_incremental() %}
    where changed_at > {{ high_water_mark(this) }}
    {%- endif %}
{%- endmacro %}

{% macro high_water_mark(relation, column='source_changed_at') -%}
    (
        select coalesce(max({{ column }}), cast('1900-01-01' as {{ dbt.type_timestamp() }}))
        from {{ relation }}
    )
{%- endmacro %}

{#- Incremental strategy of the facts: every row of a changed order goes, then its rows as they
    are now come in. delete+insert would leave the rows of an order that has none any more
    (an item that moved to quarantine), because it deletes only what it is about to insert.
    The mark is read before the delete: afterwards the model may hold an older one. -#}
{% macro get_incremental_replace_changed_orders_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'].include(database=false) -%}
    {%- set source = arg_dict['temp_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }}
    where order_id in (
        select order_id
        from {{ ref('int_order_changes') }}
        where changed_at > {{ high_water_mark(target) }}
    );
    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ source }}
{%- endmacro %}
