{#- Fails with one row per repeated key: which key of the model, its value, how often. A key of
    one column may be missing; a combination may not repeat even where parts of it are missing.
    All keys of a model in one test: to start a test costs dbt more than to run it. -#}
{% test keys_are_unique(model, keys) %}
{% for columns in keys %}
{% set parts = [] %}
{% for column in columns %}
{% do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), 'null')") %}
{% if not loop.last %}{% do parts.append("', '") %}{% endif %}
{% endfor %}
select
    '{{ columns | join(", ") }}' as repeated_key,
    {{ dbt.concat(parts) if parts | length > 1 else parts[0] }} as key_value,
    count(*) as num_rows
from {{ model }}
{% if columns | length == 1 %}where {{ columns[0] }} is not null{% endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}
