"""What a source that knows its changes says besides its files: deletions, and its position.

Both are kept in the same transaction as the rows, so that a load that fails leaves neither. The
position belongs to the file: a version that is rolled back goes on from where it was.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from extract.raw.reader import Batch
from extract.raw.schema import make_table
from extract.sources.files import SourceFiles
from extract.tables import TABLES, SourceTable

_POSITION = "ops.source_position"
_DELETED = "ops.deleted_rows"
_POSITION_COLUMNS = (
    ("origin", "varchar not null", "The source that the rows of raw follow."),
    ("position", "varchar not null", "Where its next extraction goes on."),
    ("loaded_at", "timestamp not null", "The _loaded_at of the load, UTC."),
)
_DELETED_COLUMNS = (
    ("batch_id", "varchar not null", "The load that deleted the rows."),
    ("table_name", "varchar not null", "Table in schema raw."),
    ("row_key", "varchar not null", "Key of the row, its parts separated by commas."),
    ("loaded_at", "timestamp not null", "The _loaded_at of the load, UTC."),
)


def apply_deletions(con: duckdb.DuckDBPyConnection, source: SourceFiles, batch: Batch) -> int:
    """Delete from ``raw`` what the source has deleted, and note the keys.

    Returns:
        The number of rows of ``raw`` that went.
    """
    if source.changes is None:
        return 0
    _make(con, _DELETED, _DELETED_COLUMNS, "One row per row of raw that its source deleted.")
    files = source.changes.deleted
    tables = [table for table in TABLES if table.name in files]
    return sum(_delete(con, table, files[table.name], batch) for table in tables)


def keep_position(con: duckdb.DuckDBPyConnection, source: SourceFiles, batch: Batch) -> None:
    """Note how far the source was read; after other files raw does not follow it any more."""
    words = "One row where raw follows a source that knows its changes: how far it was read."
    _make(con, _POSITION, _POSITION_COLUMNS, words)
    con.execute(f"delete from {_POSITION}")
    if source.changes is not None:
        con.execute(
            f"insert into {_POSITION} values (?, ?, ?)",
            [source.changes.origin, source.changes.position, batch.loaded_at],
        )


def read_position(path: Path, origin: str) -> str | None:
    """How far a source was read into a version; None where its raw does not follow it."""
    with duckdb.connect(str(path), read_only=True) as con:
        known = con.execute(
            "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?",
            [_POSITION],
        ).fetchone()
        if known is None:
            return None
        row = con.execute(
            f"select position from {_POSITION} where origin = ?", [origin]
        ).fetchone()
        return str(row[0]) if row else None


def _delete(
    con: duckdb.DuckDBPyConnection, table: SourceTable, path: Path, batch: Batch
) -> int:
    keys = ", ".join(table.key)
    columns = ", ".join(f"'{name}': 'varchar'" for name in table.key)
    gone = (
        f"raw.{table.name} as gone semi join read_csv($path, header = true, delim = ',',"
        f" quote = '\"', escape = '\"', columns = {{{columns}}}, auto_detect = false,"
        f" hive_partitioning = false) using ({keys})"
    )
    values = {"path": str(path)}
    row = con.execute(f"select count(*) from {gone}", values).fetchone()
    num_deleted = int(row[0]) if row else 0
    if num_deleted:  # see extract.raw.merge on inserts of nothing
        about = {"batch": batch.batch_id, "table": table.name, "moment": batch.loaded_at}
        con.execute(
            f"insert into {_DELETED} select $batch, $table, concat_ws(',', {keys}), $moment"
            f" from {gone}",
            values | about,
        )
        con.execute(
            f"delete from raw.{table.name} where rowid in (select gone.rowid from {gone})",
            values,
        )
    return num_deleted


def _make(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[tuple[str, str, str], ...],
    words: str,
) -> None:
    schema, _, table = name.partition(".")
    found = con.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?"
        " and database_name = current_database()",
        [schema, table],
    ).fetchone()
    if found is None:
        make_table(con, name, columns, words)
