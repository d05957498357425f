-- Every raw row is staged or quarantined, never both, never neither. One row per table in which
-- the two do not add up.
with

quarantined as (
    select table_name, count(*) as num_quarantined
    from {{ ref('quarantined_rows') }}
    group by table_name
),

counted as (
    {%- for table, model in staging_models().items() %}
    select
        '{{ table }}' as table_name,
        (select count(*) from {{ source('raw', table) }}) as num_raw,
        (select count(*) from {{ ref(model) }}) as num_staged
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    counted.table_name,
    counted.num_raw,
    counted.num_staged,
    coalesce(quarantined.num_quarantined, 0) as num_quarantined
from counted
left join quarantined on counted.table_name = quarantined.table_name
where counted.num_raw <> counted.num_staged + coalesce(quarantined.num_quarantined, 0)
