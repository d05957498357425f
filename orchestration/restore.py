"""Restoring: a version made anew from a backup, compared with it, and published.

The backup's own layout is in ``orchestration.backup``.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.backup import (
    SCHEMA_SCRIPT,
    VIEWS_SCRIPT,
    Backup,
    Manifest,
    parquet,
)
from orchestration.errors import BackupError
from orchestration.files import in_words
from orchestration.table_content import content, literal, quoted, tables, views
from orchestration.versions import Version, fetch_info
from orchestration.warehouse import Warehouse


def restore(
    backup: Backup, warehouse: Warehouse, *, memory_limit: str | None = None
) -> Version:
    """Publish the version that a backup holds. Needs the lock of the warehouse.

    It keeps the id of the run that built it. Should that version still be there, the restored
    one takes its place; readers who have it open are not disturbed.

    Args:
        backup: With all its files checked.
        warehouse: Where to; may be empty.
        memory_limit: Memory DuckDB may use.

    Raises:
        BackupError: What was restored is not what was backed up; nothing is published.
        NotAWarehouseError: The published path is no link that a run made.
        WarehouseError: The disk is full or not writable.
    """
    warehouse.refuse_foreign_file()
    build = warehouse.begin_build(backup.manifest.info.run_id, None)
    try:
        with (
            in_words("The restored version", build.path),
            duckdb.connect(str(build.path)) as connection,
        ):
            if memory_limit is not None:
                connection.execute(f"set memory_limit = {literal(memory_limit)}")
            _fill(connection, backup.path)
            _compare(connection, backup)
        return warehouse.publish(build)
    except BaseException:
        warehouse.discard(build)
        raise


def _fill(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    connection.execute((directory / SCHEMA_SCRIPT).read_text(encoding="utf-8"))
    for table in tables(connection):
        names = ", ".join(quoted(column.name) for column in table.columns)
        values = ", ".join(
            quoted(column.name)
            if column.is_kept_by_parquet
            else f"cast({quoted(column.name)} as {column.type})"
            for column in table.columns
        )
        path = directory / f"{table.schema}.{table.name}.parquet"
        connection.execute(
            f"insert into {table.full_name} ({names}) select {values} from {parquet(path)}"
        )
    connection.execute((directory / VIEWS_SCRIPT).read_text(encoding="utf-8"))


def _compare(connection: duckdb.DuckDBPyConnection, backup: Backup) -> None:
    """Compare what was restored with the manifest, table by table."""
    manifest = backup.manifest
    problems = _missing(connection, manifest)
    expected = {(table.schema, table.name): table for table in manifest.tables}
    for table in tables(connection):
        stored = expected.get((table.schema, table.name))
        if stored is None:
            continue
        held = content(connection, table.columns, table.full_name)
        if held.rows != stored.rows:
            text = f"{table.schema}.{table.name} has {held.rows:,} rows, not {stored.rows:,}"
            problems.append(text)
        elif held.fingerprint != stored.fingerprint:
            problems.append(f"{table.schema}.{table.name} has other values")
    for schema, name in views(connection):  # a view that cannot be opened is no view
        connection.execute(f"select * from {quoted(schema)}.{quoted(name)} limit 0")
    if fetch_info(connection) != manifest.info:
        problems.append("ops.warehouse_info names another version")
    if problems:
        message = (
            f"What was restored is not what the backup {backup.path} says: "
            f"{'; '.join(problems)}. Nothing was published. Use another backup."
        )
        raise BackupError(message)


def _missing(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> list[str]:
    expected = {f"{table.schema}.{table.name}" for table in manifest.tables}
    expected |= set(manifest.views)
    found = {f"{table.schema}.{table.name}" for table in tables(connection)}
    found |= {f"{schema}.{name}" for schema, name in views(connection)}
    problems = [f"{name} is missing" for name in sorted(expected - found)]
    return problems + [f"{name} should not be there" for name in sorted(found - expected)]
