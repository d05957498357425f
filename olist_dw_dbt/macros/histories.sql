{#- What was known of a group (a seller, a route) on the morning of a day: sums of its events of
    earlier days, as the body of a CTE. A day that nothing is asked of and without an event has no
    row.

    Args:
        events: Relation with one row an event, its day as `day_number` (an integer that counts
            days), and the measures, exact numbers of which an event has some, else null.
        key: The column that names the group.
        sums: Which measures over which days: mappings of `measure` to a list of windows in days;
            `all` is the whole past. They give columns `<measure>_<window>`. -#}
{% macro history_until_the_day_before(events, key, sums) -%}
    select
        {{ key }},
        day_number
        {%- for measure, windows in sums.items() %}
        {%- for window in windows -%}
        ,
        coalesce(sum({{ measure }}) over (
            partition by {{ key }}
            order by day_number
            range between
            {{ 'unbounded' if window == 'all' else window }} preceding and 1 preceding
        ), 0) as {{ measure }}_{{ window }}
        {%- endfor %}
        {%- endfor %}
    from (
        select
            {{ key }},
            day_number
            {%- for measure in sums -%}
            ,
            sum({{ measure }}) as {{ measure }}
            {%- endfor %}
        from {{ events }}
        group by {{ key }}, day_number
    ) as sums_by_day
{%- endmacro %}
