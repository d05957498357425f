"""Whether two warehouse files hold the same: structure and rows, all of it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

_STRUCTURE = (
    (
        "select schema_name, table_name, column_name, data_type, is_nullable, column_default,"
        " comment from duckdb_columns() where database_name = ? order by all"
    ),
    (
        "select schema_name, table_name, sql, comment from duckdb_tables()"
        " where database_name = ? order by all"
    ),
    (
        "select schema_name, view_name, sql, comment from duckdb_views()"
        " where database_name = ? and not internal order by all"
    ),
    (
        "select schema_name, table_name, constraint_text from duckdb_constraints()"
        " where database_name = ? order by all"
    ),
)


def assert_same_warehouse(left: Path, right: Path, *, without: Collection[str] = ()) -> None:
    """Two files have the same tables, views, comments, constraints and rows.

    Args:
        left: A DuckDB file.
        right: Another.
        without: Schemas whose rows may differ.

    Raises:
        AssertionError: Names the first table that differs, with up to three rows.
    """
    with duckdb.connect() as connection:
        for name, path in (("l", left), ("r", right)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        for query in _STRUCTURE:
            found = [connection.execute(query, [name]).fetchall() for name in ("l", "r")]
            assert found[0] == found[1]
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'l'"
        ).fetchall()
        assert names
        for schema, table in names:
            if schema in without:
                continue
            name = f'"{schema}"."{table.replace(chr(34), chr(34) * 2)}"'
            for one, other in (("l", "r"), ("r", "l")):
                query = f"from {one}.{name} except all from {other}.{name} limit 3"
                assert connection.execute(query).fetchall() == [], (one, name)
