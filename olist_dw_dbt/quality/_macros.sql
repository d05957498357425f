{#- Expressions that the measures of several tables share. Each gives an aggregate, or a value of
    one row; null is a measure that nobody is held to. -#}

{#- A share or a mean of fewer rows says nothing; three rows of a first night are no finding. -#}
{%- set enough_rows = var('gate_enough_rows') -%}

{#- Rows ----------------------------------------------------------------------------------- -#}

{#- Whether a row came with the load that the file holds last. -#}
{%- macro is_of_last_load() -%}
_batch_id = (select batch_id from ops.load_audit order by loaded_at desc limit 1)
{%- endmacro -%}

{#- Whether a column of raw has no value, as staging reads it. -#}
{%- macro is_absent(column) -%}
({{ column }} is null or trim({{ column }}) in ('', {{ quoted(var('null_markers')) }}))
{%- endmacro -%}

{#- A number; null for infinity and NaN, which a cast takes and which would be every sum. -#}
{%- macro amount(column) -%}
case when isfinite(try_cast({{ column }} as double)) then try_cast({{ column }} as double) end
{%- endmacro -%}

{%- macro is_none_of(column, values) -%}
coalesce({{ column }} not in ({{ quoted(values) }}), false)
{%- endmacro -%}

{%- macro is_unknown_state(column) -%}
{{ is_none_of('upper(trim(' ~ column ~ '))', states) }}
{%- endmacro -%}

{%- macro is_odd_zip_prefix(column) -%}
coalesce(not regexp_full_match(trim({{ column }}), '[0-9]{4,5}'), false)
{%- endmacro -%}

{#- Whether an id is given and not there. Blanks around an id are no other id: staging trims. -#}
{%- macro is_not_found(column, table, key) -%}
(not {{ is_absent(column) }} and trim({{ column }}) not in (
        select trim({{ key }}) from {{ table }} where {{ key }} is not null
    ))
{%- endmacro -%}

{#- Whether a coordinate lies outside the box that holds Brazil; one that is no number does. -#}
{%- macro is_outside_brazil(latitude, longitude) -%}
coalesce(
        {{ latitude }} not between
            {{ var('brazil_min_latitude') }} and {{ var('brazil_max_latitude') }}
        or {{ longitude }} not between
            {{ var('brazil_min_longitude') }} and {{ var('brazil_max_longitude') }},
        true
    )
{%- endmacro -%}

{%- macro quoted(values) -%}
'{{ values | join("', '") }}'
{%- endmacro -%}

{#- Measures of raw ------------------------------------------------------------------------ -#}

{#- The share of rows with a fault: of all rows or of the last load's, the larger one, so that a
    wrong night does not hide behind two good years. A row whose flag is null does not count. -#}
{%- macro share(flag) -%}
greatest(
        count(*) filter (where {{ flag }}) / greatest(count({{ flag }}), {{ enough_rows }}),
        count(*) filter (where {{ flag }} and is_of_last_load)
        / greatest(count({{ flag }}) filter (where is_of_last_load), {{ enough_rows }})
    )
{%- endmacro -%}

{#- The mean of what arrived last, or of all where that is too little to compare. -#}
{%- macro mean(column) -%}
case
        when count({{ column }}) filter (where is_of_last_load) >= {{ enough_rows }}
            then avg({{ column }}) filter (where is_of_last_load)
        when count({{ column }}) >= {{ enough_rows }} then avg({{ column }})
    end
{%- endmacro -%}

{%- macro if_enough(measure, rows=enough_rows) -%}
case when count(*) >= {{ rows }} then {{ measure }} end
{%- endmacro -%}

{#- A table must hold something about most orders: the floor that fits every scale. -#}
{%- macro per_order(number) -%}
case when (select count(*) from raw.orders) >= {{ enough_rows }}
        then {{ number }} / (select count(*) from raw.orders) end
{%- endmacro -%}

{#- Measures of marts ---------------------------------------------------------------------- -#}

{#- GMV of the facts, and their orders: what all marts are about. -#}
{%- set fact_gmv = 'select sum(price_amount) from core.fact_order_items where is_sale' -%}
{%- set fact_orders = 'select count(*) from core.fact_orders' -%}
{%- set fact_sales = 'select count(*) from core.fact_orders where is_sale' -%}

{#- How far a total of the mart is from that of the facts. dbt's tests compare both to the cent,
    group by group, where they can. -#}
{%- macro difference(total, of_facts) -%}
abs({{ total }} / nullif(({{ of_facts }}), 0) - 1)
{%- endmacro -%}

{#- A rate or a mean of two sums, once there is enough of the whole to compare. -#}
{%- macro ratio(part, whole, enough=var('gate_enough_orders')) -%}
case when sum({{ whole }}) >= {{ enough }} then sum({{ part }}) / sum({{ whole }}) end
{%- endmacro -%}

{#- The share of the rows that have a group which the largest group holds. -#}
{%- macro largest_group(table, column, enough) -%}
case when {{ enough }} then count(*) filter (
        where {{ column }} = (select mode({{ column }}) from {{ table }})
    ) / count({{ column }}) end
{%- endmacro -%}
