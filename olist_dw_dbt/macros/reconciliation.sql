{#- The rows of a raw table with a key that are not in quarantine: what every later layer must
    add up to. It knows the key alone, nothing of the rules by which staging validates rows.

    Args:
        table: name of the raw table. -#}
{% macro raw_without_quarantine(table) %}
    {%- set key_parts = [] -%}
    {%- for column in raw_rules()[table].key -%}
        {%- do key_parts.append("'" ~ (', ' if not loop.first else '') ~ column ~ "='") -%}
        {%- do key_parts.append(
            "coalesce(nullif(trim(raw_rows." ~ column ~ "), ''), '(missing)')"
        ) -%}
    {%- endfor -%}
    select raw_rows.*
    from {{ source('raw', table) }} as raw_rows
    where
        not exists (
            select 1
            from {{ ref('quarantined_rows') }} as quarantined_rows
            where
                quarantined_rows.table_name = '{{ table }}'
                and quarantined_rows.row_key = {{ dbt.concat(key_parts) }}
        )
{% endmacro %}
