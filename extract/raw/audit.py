"""The audit: what each load did to each table, written and read back.

One row per table and load in ``ops.load_audit``. The table itself is defined in
``extract.raw.schema``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from extract.raw.reader import Batch
from extract.raw.schema import AUDIT_COLUMNS, LOAD_AUDIT
from extract.results import LoadMode, TableLoad
from extract.sources.files import SourceFiles
from extract.tables import TABLES


def latest_loaded_at(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Give the highest ``_loaded_at`` of all raw tables and loads, or None without any."""
    moments = [f"select max(_loaded_at) as moment from raw.{table.name}" for table in TABLES]
    moments.append(f"select max(loaded_at) from {LOAD_AUDIT}")
    row = con.execute(f"select max(moment) from ({' union all '.join(moments)})").fetchone()
    return row[0] if row else None


def last_loads(
    con: duckdb.DuckDBPyConnection,
) -> dict[str, tuple[TableLoad, LoadMode]]:
    """Give what the audit says of the last load of each table, by table name."""
    names = [name for name, _, _ in AUDIT_COLUMNS]
    rows = con.execute(
        f"""
        select {", ".join(names)} from (
            select
                *,
                row_number() over (partition by table_name order by loaded_at desc) as age
            from {LOAD_AUDIT}
        )
        where age = 1
        """
    ).fetchall()
    return {
        values["table_name"]: (_as_load(values), values["mode"])
        for values in (dict(zip(names, row, strict=True)) for row in rows)
    }


def _as_load(values: dict[str, Any]) -> TableLoad:
    extra_columns = tuple(filter(None, (values["extra_columns"] or "").split(", ")))
    figures = {name: values[name] for name in TableLoad.__dataclass_fields__ if name in values}
    return TableLoad(**(figures | {"extra_columns": extra_columns, "notices": ()}))


def write_audit(
    con: duckdb.DuckDBPyConnection,
    load: TableLoad,
    *,
    source: SourceFiles,
    batch: Batch,
    mode: LoadMode,
) -> None:
    """Add the audit row of one table."""
    about_load: dict[str, object] = {
        "batch_id": batch.batch_id,
        "source_kind": source.kind,
        "source_label": source.label,
        "mode": mode,
        "extra_columns": ", ".join(load.extra_columns) or None,
        "loaded_at": batch.loaded_at,
    }
    values = [
        about_load[name] if name in about_load else getattr(load, name)
        for name, _, _ in AUDIT_COLUMNS
    ]
    marks = ", ".join("?" for _ in values)
    con.execute(f"insert into {LOAD_AUDIT} values ({marks})", values)
