{#- What PostgreSQL (15) spells otherwise than the other engines. -#}

{#- PostgreSQL 15 has no cast that gives null. What is no number, amount or time is refused by its
    form before; a day must be one of its month, too. A function with an exception block would be
    a subtransaction for each value. CASE within CASE: the parts of an AND may be evaluated in any
    order. -#}
{% macro postgres__try_cast(value, type) %}
    {%- if type == dbt.type_timestamp() -%}
        {%- set day = "trim(" ~ value ~ ")" -%}
        {%- set form = "'^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'" -%}
        {%- set last_day -%}
            extract(day from (
                cast(substring({{ day }}, 1, 7) || '-01' as date) + interval '1 month - 1 day'
            ))
        {%- endset -%}
        {%- do return(
            'case when ' ~ day ~ ' ~ ' ~ form ~ ' then case when cast(substring(' ~ day
            ~ ', 9, 2) as integer) <= ' ~ last_day ~ ' then cast(' ~ value ~ ' as ' ~ type
            ~ ') end end'
        ) -%}
    {%- elif type == type_double() -%}
        {%- set number = "'^ *[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,2})? *$'" -%}
        {%- do return(
            'case when ' ~ value ~ ' ~ ' ~ number ~ ' then cast(' ~ value ~ ' as ' ~ type
            ~ ') end'
        ) -%}
    {%- else -%}
        {#- Whole numbers and amounts: their form has so few digits that any fits. -#}
        {%- do return('cast(' ~ value ~ ' as ' ~ type ~ ')') -%}
    {%- endif -%}
{% endmacro %}

{#- Compact, as DuckDB writes it: json_build_object puts blanks between. -#}
{% macro postgres__json_object_text(columns, suffix) %}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append(column ~ suffix ~ ' as ' ~ column) -%}
    {%- endfor -%}
    {%- do return(
        '(select cast(row_to_json(given) as text) from (select ' ~ parts | join(', ')
        ~ ') as given)'
    ) -%}
{% endmacro %}

{#- extract gives an exact number; a quotient of it would have other digits than elsewhere. -#}
{% macro postgres__elapsed_seconds(start, finish) -%}
    cast(extract(epoch from ({{ finish }} - {{ start }})) as {{ type_double() }})
{%- endmacro %}

{% macro postgres__snapshot_get_time() -%}
    {{ moment_of_last_load() }}
{%- endmacro %}

{#- The columns whose type changed, dbt's own comparison, but by kind: a table says text and
    numeric(18, 2) where the rows to come say varchar and numeric, which is no change. -#}
{% macro postgres__diff_column_data_types(source_columns, target_columns) %}
    {%- set kinds = {'character varying': 'text'} -%}
    {%- set changed = [] -%}
    {%- for coming in source_columns -%}
        {%- for there in target_columns if there.name == coming.name -%}
            {%- if kinds.get(coming.dtype, coming.dtype) != kinds.get(there.dtype, there.dtype) -%}
                {%- do changed.append(
                    {'column_name': there.name, 'new_type': coming.expanded_data_type}
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(changed) -%}
{% endmacro %}
