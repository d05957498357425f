{#- Fails with one row per key that no row of the other model has: which column, its value, on
    how many rows. Each entry of keys is a column and where it leads: {to: ref(...)}, with field
    where the other column has another name, and where for the rows it must hold on. -#}
{% test keys_resolve(model, keys) %}
{% for column, parent in keys.items() %}
select
    '{{ column }}' as unresolved_key,
    cast(child.{{ column }} as {{ dbt.type_string() }}) as key_value,
    count(*) as num_rows
from (
    select {{ column }}
    from {{ model }}
    where {{ column }} is not null{% if parent.where %} and ({{ parent.where }}){% endif %}

) as child
where not exists (
    select 1
    from {{ parent.to }} as parent
    where parent.{{ parent.field or column }} = child.{{ column }}
)
group by child.{{ column }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}
