-- One row per table of raw: how much arrived against the loads before.
with

loads as (
    select
        table_name,
        mode,
        num_rows_after,
        row_number() over (partition by table_name order by loaded_at desc) as age
    from ops.load_audit
),

volumes as (
    select
        table_name,
        coalesce(max(mode) filter (where age = 1) = 'snapshot', false) as is_snapshot,
        max(num_rows_after) filter (where age = 1) as num_rows_after,
        max(num_rows_after) filter (where age = 2) as num_rows_before
    from loads
    group by table_name
),

snapshots as (
    select
        table_name,
        num_records,
        num_missing,
        row_number() over (partition by table_name order by loaded_at desc) as age
    from ops.load_audit
    where mode = 'snapshot'
),

deliveries as (
    select
        table_name,
        max(num_records) filter (where age = 1) as num_records,
        max(num_records) filter (where age = 2) as num_records_before,
        max(num_missing) filter (where age = 1) as num_missing,
        coalesce(max(num_missing) filter (where age = 2), 0) as num_missing_before
    from snapshots
    group by table_name
),

tables as (
    {% for table in tables %}
    select '{{ table }}' as table_name, count(*) as num_rows from raw.{{ table }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

orders as (
    select coalesce(
        max(num_rows) filter (where table_name in ('orders', 'customers')), 0
    ) as num_orders
    from tables
)

select
    tables.table_name,
    -- A first night of a few orders may have no review yet.
    case
        when num_rows > 0 or num_orders >= {{ enough_rows }} then num_rows
    end as holds_rows,
    case
        when is_snapshot and num_records_before >= {{ enough_rows }}
            then num_records / num_records_before
    end as file_keeps_its_size,
    case
        when is_snapshot and num_rows_before >= {{ enough_rows }}
            then (num_missing - num_missing_before) / num_rows_before
    end as keys_keep_their_spelling,
    -- New rows against old ones; an old warehouse of a few rows is no measure.
    case
        when num_rows_after - num_rows_before > 5000
            then num_rows_after / greatest(num_rows_before, 1)
    end as growth,
    -- Two years of Olist in one load on top of what is there.
    case
        when num_rows_after - num_rows_before > 200000
            then num_rows_after / greatest(num_rows_before, 1)
    end as growth_is_possible
from tables
cross join orders
left join volumes on tables.table_name = volumes.table_name
left join deliveries on tables.table_name = deliveries.table_name
