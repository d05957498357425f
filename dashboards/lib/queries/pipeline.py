"""The queries on what a run left out: quarantined rows and rejected lines, from schema ops.

The pipeline page is the only one that reads ``ops``; what is known of runs it reads from their
log, which also holds those that published nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

# A reason without the value in brackets, so that equal ones are counted together.
_REASON = "regexp_replace(reason, ' \\([^()]*\\)', '', 'g')"


@dataclass(frozen=True)
class Unusable:
    """Rows or lines of one table that cannot be used for one reason.

    ``kind`` is quarantined (read, but wrong) or rejected (could not be read); ``example`` names
    one of them, with what stood in the file.
    """

    table: str
    kind: str
    reason: str
    num_rows: int
    example: str


def read_unusable(connection: duckdb.DuckDBPyConnection) -> tuple[Unusable, ...]:
    """What the published version leaves out, the most rows first.

    Of rejected lines those of the last load of their table: earlier files are gone.
    """
    rows = connection.execute(
        f"""
        with last_loads as (
            select
                table_name,
                max(batch_id) as batch_id
            from ops.load_audit
            where not is_skipped
            group by table_name
        ),
        unusable as (
            select
                table_name,
                'quarantined' as kind,
                {_REASON} as reason,
                coalesce(row_key, '') as place,
                source_text as example
            from ops.quarantined_rows
            union all
            select
                rejected_lines.table_name,
                'rejected' as kind,
                {_REASON} as reason,
                source_file || ' line ' || line_number as place,
                line_text as example
            from ops.rejected_lines
            inner join last_loads
                on rejected_lines.table_name = last_loads.table_name
                and rejected_lines.batch_id = last_loads.batch_id
        )
        select
            table_name,
            kind,
            reason,
            count(*) as num_rows,
            min_by(place || ': ' || coalesce(example, ''), place) as example
        from unusable
        group by table_name, kind, reason
        order by num_rows desc, table_name, kind, reason
        """
    ).fetchall()
    return tuple(Unusable(*row) for row in rows)
