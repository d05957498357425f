{#- The orders a run has to rebuild: all of them on a full refresh, otherwise those that changed
    since this model last looked. `source_changed_at` of the model is its high-water mark.

    Args:
        columns: further columns of int_order_changes. -#}
{% macro changed_orders(columns=[]) -%}
    select
        order_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        first_loaded_at,
        changed_at as source_changed_at
    from {{ ref('int_order_changes') }}
    {%- if is_incremental() %}
    where changed_at > {{ high_water_mark(this) }}
    {%- endif %}
{%- endmacro %}

{#- A condition on an import of a fact: its rows that the changed orders need. Without it a join
    would read the history for the sake of a few orders; a full refresh needs no condition.

    Args:
        column: column of the import.
        needed: CTE that has the values under the same name. -#}
{% macro where_needed(column, needed='changed_orders') -%}
    {%- if is_incremental() -%}
    where {{ column }} in (select {{ needed }}.{{ column }} from {{ needed }})
    {%- endif -%}
{%- endmacro %}

{#- A condition on a staging table that a fact joins to its changed orders: no row of them is older
    than the first that named one of them. DuckDB passes over older rows by the least and greatest
    value of each row group, where it would read each of their random ids.

    Args:
        alias: alias of the staging table in the query. -#}
{% macro where_of_changed_orders(alias) -%}
    {%- if is_incremental() -%}
    where {{ alias }}._loaded_at >= (
        select min(changed_orders.first_loaded_at) from changed_orders
    )
    {%- endif -%}
{%- endmacro %}

{#- A condition on a fact that another fact reads: its rows of the changed orders. They were rebuilt
    earlier in this run and carry its time, so DuckDB finds them by the least and greatest value of
    each row group, where their order ids would have to be read one by one. -#}
{% macro where_rebuilt() -%}
    {%- if is_incremental() -%}
    where source_changed_at > {{ high_water_mark(this) }}
    {%- endif -%}
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
    {%- set changes -%}
        from {{ ref('int_order_changes') }}
        where changed_at > {{ high_water_mark(target) }}
    {%- endset -%}
    delete from {{ target }}
    where
        order_id in (select order_id {{ changes }})
        -- Rows that are older than any of these orders' changes before are not looked at. Where
        -- the model lags behind by several changes, or it is not known, all are.
        and source_changed_at >= (
            select
                case
                    when max(previous_changed_at) > {{ high_water_mark(target) }}
                        then cast('1900-01-01' as {{ dbt.type_timestamp() }})
                    -- Where all orders are new there is nothing to delete. A date says so:
                    -- DuckDB would search all rows for what is no less than null.
                    else coalesce(
                        min(previous_changed_at),
                        cast('9999-12-31' as {{ dbt.type_timestamp() }})
                    )
                end
            {{ changes }}
        );
    {{ insert_rebuilt_rows(arg_dict) }}
{%- endmacro %}

{#- Incremental strategy of the staging tables: what raw holds of a key that was delivered again
    replaces what is staged of it, and that is nothing where the row is now unusable. Rows
    without a key are only ever added to raw. A model that gives its key another name says it by
    unique_key. -#}
{% macro get_incremental_replace_delivered_rows_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'].include(database=false) -%}
    {%- for table, model in staging_models().items() if model == target.identifier -%}
    {%- set rules = raw_rules()[table] -%}
    {% if rules.key -%}
    delete from {{ target }}
    where ({{ arg_dict['unique_key'] or rules.key | join(', ') }}) in (
        select
            {%- for column in rules.key %}
            {{ cast_text(column, rules.columns[column].kind) }} as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ source('raw', table) }}
        where _loaded_at > {{ high_water_mark(target, '_loaded_at') }}
    );
    {%- endif %}
    {%- endfor %}
    {{ insert_rebuilt_rows(arg_dict) }}
{%- endmacro %}

{#- Incremental strategy of quarantined_rows: what is in quarantine of the unsettled deliveries
    goes, then their unusable rows come in. -#}
{% macro get_incremental_replace_unsettled_deliveries_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'].include(database=false) -%}
    delete from {{ target }}
    where (table_name, loaded_at) in ({{ unsettled_deliveries(target) }});
    {{ insert_rebuilt_rows(arg_dict) }}
{%- endmacro %}

{#- The deliveries (a raw table and a moment) of which not every row is staged or, in the relation,
    in quarantine. Rows of a delivery are staged together and afterwards only leave raw, when their
    key is delivered again: where the numbers are equal, so are the rows. To count them reads one
    column of few different values, where to look at the rows would parse all that was ever loaded.

    Args:
        quarantine: relation of the quarantined rows to date; none where there is none yet. -#}
{% macro unsettled_deliveries(quarantine=none) -%}
    select table_name, loaded_at
    from (
        {%- for table, model in staging_models().items() %}
        select '{{ table }}' as table_name, _loaded_at as loaded_at, count(*) as num_unsettled
        from {{ source('raw', table) }}
        group by _loaded_at
        union all
        select '{{ table }}' as table_name, _loaded_at as loaded_at, -count(*) as num_unsettled
        from {{ ref(model) }}
        group by _loaded_at
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
        {%- if quarantine %}
        union all
        select table_name, loaded_at, -count(*) as num_unsettled
        from {{ quarantine }}
        group by table_name, loaded_at
        {%- endif %}
    ) as counted
    group by table_name, loaded_at
    having sum(num_unsettled) <> 0
{%- endmacro %}

{#- The condition on a raw table: rows of its unsettled deliveries. -#}
{% macro of_unsettled_deliveries(table) -%}
    where _loaded_at in (
        select loaded_at from unsettled_deliveries where table_name = '{{ table }}'
    )
{%- endmacro %}

{#- Incremental strategy of int_order_customers: the orders whose own rows changed go, whether
    they still have a customer or not, and with them all orders of the persons concerned. -#}
{% macro get_incremental_replace_persons_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'].include(database=false) -%}
    delete from {{ target }}
    where order_id in (
        select changed.order_id
        from ({{ orders_of_changed_rows(target) }}) as changed
        union all
        select rebuilt.order_id
        from {{ arg_dict['temp_relation'] }} as rebuilt
    );
    {{ insert_rebuilt_rows(arg_dict) }}
{%- endmacro %}

{#- Incremental strategy of the models of persons: the rows of persons whose orders changed go, and
    those of persons who have no order any more, then the changed ones come in as they are now. -#}
{% macro get_incremental_replace_changed_persons_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'].include(database=false) -%}
    delete from {{ target }}
    where
        customer_unique_id not in (
            select customer_unique_id from {{ ref('int_order_customers') }}
        )
        or customer_unique_id in ({{ changed_persons(target) }});
    {{ insert_rebuilt_rows(arg_dict) }}
{%- endmacro %}

{#- The persons whose orders changed since the mark of a relation; with an order that changed,
    int_order_customers rebuilds the person as a whole. -#}
{% macro changed_persons(relation) -%}
    select customer_unique_id
    from {{ ref('int_order_customers') }}
    where source_changed_at > {{ high_water_mark(relation) }}
{%- endmacro %}

{#- The condition on int_order_customers: its rows of the changed persons. -#}
{% macro where_person_changed() -%}
    {%- if is_incremental() -%}
    where source_changed_at > {{ high_water_mark(this) }}
    {%- endif -%}
{%- endmacro %}

{% macro insert_rebuilt_rows(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    insert into {{ arg_dict['target_relation'].include(database=false) }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{#- The condition on a raw table: rows delivered since this model was last built. -#}
{% macro delivered_since_last_build() -%}
    {%- if is_incremental() -%}
    where _loaded_at > {{ high_water_mark(this, '_loaded_at') }}
    {%- endif -%}
{%- endmacro %}

{#- Orders whose own row or whose customer's row was delivered since the mark of a model, usable
    or not, with the moment. -#}
{% macro orders_of_changed_rows(relation, column='source_changed_at') -%}
    {%- set mark = high_water_mark(relation, column) -%}
    select order_id, _loaded_at as changed_at
    from {{ ref('stg_orders') }}
    where _loaded_at > {{ mark }}
    union all
    select order_id, loaded_at as changed_at
    from {{ ref('quarantined_rows') }}
    where table_name = 'orders' and order_id is not null and loaded_at > {{ mark }}
    union all
    select stg_orders.order_id, changed_customers.changed_at
    from {{ ref('stg_orders') }} as stg_orders
    inner join (
        select customer_id, _loaded_at as changed_at
        from {{ ref('stg_customers') }}
        where _loaded_at > {{ mark }}
        union all
        select entity_id as customer_id, loaded_at as changed_at
        from {{ ref('quarantined_rows') }}
        where table_name = 'customers' and loaded_at > {{ mark }}
    ) as changed_customers on stg_orders.customer_id = changed_customers.customer_id
{%- endmacro %}
