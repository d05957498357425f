{#- Fails with one row per key that is repeated or lacks a column: one scan for what `unique`
    and `not_null` read a view twice for. -#}
{% test primary_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as num_rows
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
