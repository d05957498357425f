"""Reading drops back and loading them one after the other, for tests of the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from extract.load import LoadMode, load
from extract.replay import Drop
from extract.sources import SourceFiles, open_source
from extract.tables import TABLES, TABLES_BY_NAME, SourceTable

Row = tuple[str | None, ...]

LIVING = tuple(
    table
    for table in TABLES
    if table.name not in ("geolocation", "product_category_name_translation")
)
_FIRST_LOAD = datetime(2026, 1, 1)  # noqa: DTZ001 - the load takes naive UTC


def csv_text(table_name: str, rows: Iterable[Mapping[str, str | None]]) -> str:
    """Write rows as CSV: None as nothing, everything else quoted; absent columns are None."""
    table = TABLES_BY_NAME[table_name]

    def field(value: str | None) -> str:
        return "" if value is None else '"' + value.replace('"', '""') + '"'

    lines = [",".join(table.columns)]
    lines += [",".join(field(row.get(column)) for column in table.columns) for row in rows]
    return "\n".join(lines) + "\n"


def rows_of(path: Path, table: SourceTable) -> list[Row]:
    """Read a CSV as text in file order; NULL and the empty text are told apart."""
    types = ", ".join(f"'{column}': 'varchar'" for column in table.columns)
    return (
        _scratch()
        .execute(
            f"""
            from read_csv(
                $path, auto_detect = false, header = true, delim = ',', quote = '"',
                escape = '"', columns = {{{types}}}, allow_quoted_nulls = false
            )
            """,
            {"path": str(path)},
        )
        .fetchall()
    )


@cache
def _scratch() -> duckdb.DuckDBPyConnection:
    """One for all files: to make a database takes longer than to read a small file."""
    return duckdb.connect()


def rows_in(drop: Drop, table_name: str) -> list[Row]:
    """Read one table of a drop."""
    table = TABLES_BY_NAME[table_name]
    return rows_of(drop.directory / table.file_name, table)


def dicts_in(drop: Drop, table_name: str) -> list[dict[str, str | None]]:
    """Read one table of a drop, each row by column name."""
    columns = TABLES_BY_NAME[table_name].columns
    return [dict(zip(columns, row, strict=True)) for row in rows_in(drop, table_name)]


def by_key(drop: Drop, table: SourceTable) -> dict[Row, Counter[Row]]:
    """Read one table of a drop as the rows of each key, as the load sees them."""
    positions = [table.columns.index(column) for column in table.key]
    found: dict[Row, Counter[Row]] = {}
    for row in rows_in(drop, table.name):
        found.setdefault(tuple(row[at] for at in positions), Counter())[row] += 1
    return found


def keys_in(drop: Drop, table: SourceTable) -> set[Row]:
    """Give the keys one table of a drop has."""
    return set(by_key(drop, table))


def raw_rows(con: duckdb.DuckDBPyConnection, table: SourceTable) -> Counter[Any]:
    """Give what raw holds of a table, source columns and conflict mark."""
    columns = ", ".join((*table.columns, "_has_conflict"))
    return Counter(con.execute(f"select {columns} from raw.{table.name}").fetchall())


def load_drops(
    con: duckdb.DuckDBPyConnection, directories: Iterable[Path], mode: LoadMode
) -> None:
    """Load drops in the order given, a day apart."""
    for number, directory in enumerate(directories):
        with open_source(directory) as source:
            load_source(con, source, number=number, mode=mode)


def load_source(
    con: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    *,
    number: int = 0,
    mode: LoadMode = "snapshot",
) -> None:
    """Load one source as the batch of that number."""
    load(
        con,
        source,
        batch_id=f"batch-{number}",
        loaded_at=_FIRST_LOAD + timedelta(days=number),
        mode=mode,
    )
