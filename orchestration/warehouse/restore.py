"""Restoring: a version made again from a backup, compared with it, and published.

A backup may come from anywhere. Of its SQL only statements that make schemas, tables, views and
comments are run, on a connection that can read nothing but the backup and write nothing but the
new version. The backup's own layout is in ``orchestration.warehouse.backup``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.errors import BackupError
from orchestration.warehouse.backup import (
    SCHEMA_SCRIPT,
    VIEWS_SCRIPT,
    Backup,
    Manifest,
    parquet,
    pattern,
)
from orchestration.warehouse.files import first_line, in_words
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.table_content import content, literal, quoted, tables, views
from orchestration.warehouse.versions import Version, fetch_info

# Names may hold what they like but what a path or a terminal would take for something else.
_NAME = r'(?:"(?:[^"/\\\x00-\x1f]|"")+"|[A-Za-z_]\w*)'
_FULL_NAME = rf"{_NAME}(?:\.{_NAME}){{0,3}}"
_IN_SCHEMA = re.compile(
    rf"create schema if not exists {_NAME}\s*;?$"
    rf"|create table {_FULL_NAME}\s*\("
    rf"|comment on (?:table|column) {_FULL_NAME} is '",
    re.IGNORECASE | re.DOTALL,
)
_IN_VIEWS = re.compile(
    rf"create view {_FULL_NAME}\s*(?:\([^()]*\)\s*)?as\b"
    rf"|comment on (?:view|column) {_FULL_NAME} is '",
    re.IGNORECASE | re.DOTALL,
)


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
        with in_words("The restored version", build.path):
            with _confined(build.path, memory_limit, backup.path) as connection:
                _run(connection, backup.path / SCHEMA_SCRIPT, _IN_SCHEMA)
                _fill(connection, backup.path)
            # Whatever a view reads is in the warehouse: not even the backup is open to it.
            with _confined(build.path, memory_limit) as connection:
                _run(connection, backup.path / VIEWS_SCRIPT, _IN_VIEWS)
                _compare(connection, backup)
        return warehouse.publish(build)
    except BaseException:
        warehouse.discard(build)
        raise


@contextmanager
def _confined(
    path: Path, memory_limit: str | None, *readable: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reaches no file but its own and those in ``readable``."""
    with duckdb.connect(str(path)) as connection:
        if memory_limit is not None:
            connection.execute(f"set memory_limit = {literal(memory_limit)}")
        # DuckDB compares the pattern of a path, and then the path that it found.
        names = [name for path in readable for name in (str(path), pattern(path))]
        allowed = ", ".join(literal(name) for name in names)
        connection.execute(f"set allowed_directories = [{allowed}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


def _run(connection: duckdb.DuckDBPyConnection, script: Path, allowed: re.Pattern[str]) -> None:
    """Run a script of a backup, if each of its statements is of a kind that we write there.

    Raises:
        BackupError: Quotes the statement that is of another kind, or does not run.
    """
    text = script.read_text(encoding="utf-8")
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        message = f"{script} is no SQL: {first_line(error)}. Nothing was restored."
        raise BackupError(message) from error
    for statement in statements:
        if not allowed.match(statement.query.strip()):
            message = (
                f"{script} holds a statement that no backup has: "
                f"{first_line(ValueError(statement.query))[:100]}. Nothing was restored: "
                "somebody changed it. Use another backup."
            )
            raise BackupError(message)
    for statement in statements:
        try:
            connection.execute(statement)
        except duckdb.Error as error:
            message = f"{script} cannot be run: {first_line(error)}. Nothing was restored."
            raise BackupError(message) from error


def _fill(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
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
