"""The audit: what each load did to each table, written and read back.

One row per table and load in ``ops.load_audit``. The table itself is defined in
``extract.schema``.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from extract.reader import Batch
from extract.results import LoadMode, TableLoad
from extract.schema import AUDIT_COLUMNS, LOAD_AUDIT
from extract.sources.files import SourceFiles
from extract.tables import TABLES, SourceTable


def latest_loaded_at(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Give the highest ``_loaded_at`` of all raw tables and loads, or None without any."""
    moments = [f"select max(_loaded_at) as moment from raw.{table.name}" for table in TABLES]
    moments.append(f"select max(loaded_at) from {LOAD_AUDIT}")
    row = con.execute(f"select max(moment) from ({' union all '.join(moments)})").fetchone()
    return row[0] if row else None


def last_load(
    con: duckdb.DuckDBPyConnection, table: SourceTable
) -> tuple[TableLoad, LoadMode] | None:
    """Give what the audit says of the last load of a table, or None."""
    names = [name for name, _, _ in AUDIT_COLUMNS]
    row = con.execute(
        f"""
        select {", ".join(names)} from {LOAD_AUDIT}
        where table_name = ? order by loaded_at desc limit 1
        """,
        [table.name],
    ).fetchone()
    if row is None:
        return None
    values = dict(zip(names, row, strict=True))
    load = TableLoad(
        notices=(),
        extra_columns=tuple(filter(None, (values["extra_columns"] or "").split(", "))),
        **{
            name: values[name]
            for name in TableLoad.__dataclass_fields__
            if name not in ("notices", "extra_columns")
        },
    )
    return load, values["mode"]


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
