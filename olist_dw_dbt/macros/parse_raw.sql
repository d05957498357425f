{#- The rows of a raw table with every column cast by its rule (names as in the source), the
    trimmed text of each beside it as <column>_text, and `is_usable`: whether the row keeps
    every rule of its table. Never null.

    Args:
        table: name of the raw table, a key of raw_rules().
        relation: the CTE to read, all columns of the raw table. -#}
{% macro parse_raw(table, relation) %}
    {%- set columns = raw_rules()[table].columns -%}
    {%- set kinds = column_kinds() -%}
    {%- set conditions = ['not _has_conflict'] -%}
    {%- for column, rule in columns.items() -%}
        {%- set condition = usable_condition(column, rule, kinds[rule.kind]) -%}
        {%- if condition %}{% do conditions.append(condition) %}{% endif -%}
    {%- endfor -%}
    select
        *,
        {{ conditions | join('\n        and ') }} as is_usable
    from (
        select
            {%- for column, rule in columns.items() %}
            {{ cast_text(column, rule.kind) }} as {{ column }},
            {{ trimmed_text(column, rule.kind) }} as {{ column }}_text,
            {%- endfor %}
            _source_file,
            _loaded_at,
            _batch_id,
            _row_hash,
            coalesce(_has_conflict, false) as _has_conflict
        from {{ relation }}
    ) as typed
{% endmacro %}

{#- The condition a parsed column must meet, never null; none where anything will do. It names
    the value as seldom as it can: DuckDB pushes the filter down and casts again each time. -#}
{% macro usable_condition(column, rule, kind) %}
    {%- if rule.min is defined -%}
        {%- set bounds = rule_bounds(rule) -%}
        {%- do return(
            'coalesce(' ~ column ~ ' between ' ~ bounds.low ~ ' and ' ~ bounds.high ~ ', '
            ~ ('false' if rule.required else column ~ '_text is null') ~ ')'
        ) -%}
    {%- elif rule.required -%}
        {%- do return(column ~ ' is not null') -%}
    {%- elif kind.problem -%}
        {%- do return('(' ~ column ~ ' is not null or ' ~ column ~ '_text is null)') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}

{#- What is wrong with a parsed column, or null, as SQL: the same rules put into words, e.g.
    `price: negative (-3.00)`; none where nothing can be wrong. -#}
{% macro column_rejection(column, rule, kind) %}
    {%- set text = column ~ '_text' -%}
    {%- set value = ["' ('", 'substring(' ~ text ~ ', 1, 60)', "')'"] -%}
    {%- set problems = [] -%}
    {%- if rule.required -%}
        {%- do problems.append('when ' ~ text ~ " is null then '" ~ column ~ ": missing'") -%}
    {%- endif -%}
    {%- if kind.problem -%}
        {%- do problems.append(
            'when ' ~ text ~ ' is not null and ' ~ column ~ ' is null then '
            ~ dbt.concat(["'" ~ column ~ ': ' ~ kind.problem ~ "'"] + value)
        ) -%}
    {%- endif -%}
    {%- if rule.min is defined -%}
        {%- set bounds = rule_bounds(rule) -%}
        {%- do problems.append(
            'when ' ~ column ~ ' < ' ~ bounds.low ~ ' then '
            ~ dbt.concat(["'" ~ column ~ ': ' ~ bounds.below ~ "'"] + value)
        ) -%}
        {%- do problems.append(
            'when ' ~ column ~ ' > ' ~ bounds.high ~ ' then '
            ~ dbt.concat(["'" ~ column ~ ': ' ~ bounds.above ~ "'"] + value)
        ) -%}
    {%- endif -%}
    {%- do return('case ' ~ problems | join(' ') ~ ' end' if problems else none) -%}
{% endmacro %}

{#- The bounds of a rule as SQL, and the words for a value beyond them. Loads are dated in UTC
    and the source in local time: a day between them covers any offset. -#}
{% macro rule_bounds(rule) %}
    {%- if rule.kind in ('moment', 'day') -%}
        {%- set latest = "cast('" ~ var('latest_plausible_date') ~ "' as "
            ~ dbt.type_timestamp() ~ ')' -%}
        {%- set is_past = rule.max == 'load' -%}
        {%- do return({
            'low': "cast('" ~ rule.min ~ "' as " ~ dbt.type_timestamp() ~ ')',
            'high': 'coalesce(' ~ dbt.dateadd('day', 1, '_loaded_at') ~ ', ' ~ latest ~ ')'
                if is_past else latest,
            'below': 'before ' ~ rule.min,
            'above': 'after the day it was loaded' if is_past else 'after ' ~ rule.max,
        }) -%}
    {%- endif -%}
    {%- do return({
        'low': rule.min,
        'high': rule.max,
        'below': 'negative' if rule.min == 0 else 'below ' ~ rule.min,
        'above': 'above ' ~ rule.max,
    }) -%}
{% endmacro %}

{#- The rows of a raw table that cannot be used, in the columns of ops.quarantined_rows. -#}
{% macro quarantined_from(table, relation) %}
    {%- set rules = raw_rules()[table] -%}
    {%- set kinds = column_kinds() -%}
    {%- set reasons = [
        "case when _has_conflict then 'key: repeated with other contents in the same file' end"
    ] -%}
    {%- for column, rule in rules.columns.items() -%}
        {%- set reason = column_rejection(column, rule, kinds[rule.kind]) -%}
        {%- if reason %}{% do reasons.append(reason) %}{% endif -%}
    {%- endfor -%}
    {#- Rows of a table without a key go by the hash of their contents. -#}
    {%- set key_parts = [] if rules.key else ["'_row_hash='", '_row_hash'] -%}
    {%- for column in rules.key -%}
        {%- do key_parts.append("'" ~ (', ' if not loop.first else '') ~ column ~ "='") -%}
        {%- do key_parts.append('coalesce(' ~ column ~ "_text, '(missing)')") -%}
    {%- endfor -%}
    select
        '{{ table }}' as table_name,
        {{ dbt.concat(key_parts) }} as row_key,
        {{ 'order_id' if 'order_id' in rules.columns
            else dbt.cast('null', dbt.type_string()) }} as order_id,
        {{ rules.key[0] if rules.key | length == 1
            else dbt.cast('null', dbt.type_string()) }} as entity_id,
        concat_ws(
            '; ',
            {{ reasons | join(',\n            ') }}
        ) as reason,
        {{ json_object_text(rules.columns, '_text') }} as source_text,
        _source_file as source_file,
        _batch_id as batch_id,
        _loaded_at as loaded_at
    from (
        {{ parse_raw(table, relation) | indent(8) }}
    ) as parsed
    where not is_usable
{% endmacro %}

{#- The text of a column cast by its kind; null where it has not the form or will not cast.
    Forms and casts bear spaces around the value, which saves trimming before them. -#}
{% macro cast_text(column, kind) %}
    {%- if kind in ('text', 'comment') -%}
        {%- do return(trimmed_text(column, kind)) -%}
    {%- elif kind == 'zip_prefix' -%}
        {%- set value = 'lpad(trim(' ~ column ~ "), 5, '0')" -%}
    {%- elif kind == 'whole_number' -%}
        {%- set value = try_cast(dbt.split_part(column, "'.'", 1), dbt.type_int()) -%}
    {%- elif kind == 'amount' -%}
        {%- set value = try_cast(column, 'decimal(18, 2)') -%}
    {%- elif kind == 'coordinate' -%}
        {%- set value = try_cast(column, type_double()) -%}
    {%- elif kind == 'moment' -%}
        {%- set value = try_cast(column, dbt.type_timestamp()) -%}
    {%- else -%}
        {%- set value = dbt.cast(try_cast(column, dbt.type_timestamp()), 'date') -%}
    {%- endif -%}
    {%- set form = column_kinds()[kind].form -%}
    {%- do return(
        'case when ' ~ matches_pattern(column, '^ *' ~ form ~ ' *$') ~ ' then ' ~ value ~ ' end'
        if form else value
    ) -%}
{% endmacro %}

{#- A text without the space around it; null where nothing is left, or one of the marks that
    other systems write for no value. Comments lose line ends too (27 reviews hold nothing else);
    elsewhere spaces are enough and cost half the time. -#}
{% macro trimmed_text(column, kind) %}
    {%- set text = trim_whitespace(column) if kind == 'comment' else 'trim(' ~ column ~ ')' -%}
    {%- set markers = var('null_markers_of_comments' if kind == 'comment' else 'null_markers') -%}
    {%- do return(
        'case when ' ~ text ~ " not in ('', " ~ text_list(markers) ~ ') then ' ~ text ~ ' end'
    ) -%}
{% endmacro %}
