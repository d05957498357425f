"""The command that prints the profile of the sources: what raw holds, and what changed.

``extract.profiling`` makes the profile in each run; here it is read from the published version
and put into words. Nothing is measured here.
"""

from __future__ import annotations

import sys
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from orchestration.errors import EXIT_DONE, EXIT_WRONG_USE, WarehouseError
from orchestration.settings import Settings
from orchestration.terminal.entry import print_error
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.versions import open_reader

_PIPE_WIDTH = 200

_TABLES = """
select profiled.*, coalesce(sum(num_inserted + num_updated), 0) as num_changed
from (
    select
        table_name,
        max(num_rows),
        max(previous_num_rows),
        count(*),
        sum(num_nulls),
        sum(previous_num_nulls),
        sum(num_unreadable),
        max(batch_id) as profiled_by,
        max(profiled_at) as profiled_at
    from ops.source_profile group by table_name
) as profiled
left join ops.load_audit as later
    on profiled.table_name = later.table_name and later.loaded_at > profiled.profiled_at
group by all order by profiled.table_name
"""
_COLUMNS = """
select
    column_name, meaning, num_nulls, previous_num_nulls, num_distinct, previous_num_distinct,
    is_distinct_approximate, min_value, p25_value, median_value, p75_value, max_value
from ops.source_profile where table_name = ? order by column_position
"""
_VALUES = """
select
    values_of.column_name,
    string_agg(value || ' ' || format('{:,}', values_of.num_rows), ', ' order by value_rank)
from ops.source_top_values as values_of
join ops.source_profile using (table_name, column_name)
where table_name = ? and value_rank <= 5
group by values_of.column_name, column_position order by column_position
"""
_QUIRKS = """
select quirk, num_found, previous_num_found, description from ops.source_quirks
where ? is null or list_contains(string_split(source_tables, ', '), ?)
order by num_found desc, quirk
"""


def show(settings: Settings, table: str | None = None) -> int:
    """Print the profile of all tables or of one; returns the exit code."""
    # What goes into a file or a pipe is not cut to the width of a terminal.
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Terminal(highlight=False, markup=False, width=width)
    with open_reader(settings.published_path) as connection:
        tables = _read_tables(connection)
        names = [row[0] for row in tables]
        if table is None:
            _print_tables(console, tables)
        elif table in names:
            _print_columns(console, connection, table)
        else:
            print_error(f"There is no table {table}, but {', '.join(names)}.")
            return EXIT_WRONG_USE
        _print_quirks(console, connection, table)
    return EXIT_DONE


def _read_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(_TABLES).fetchall()
    except duckdb.CatalogException as error:
        message = (
            "This version has no profile of its sources: an older program made it. "
            "Run `make pipeline`."
        )
        raise WarehouseError(message) from error


def _print_tables(console: Console, tables: list[tuple[Any, ...]]) -> None:
    heads = (">rows", ">columns", ">nulls", ">unreadable", "profiled by run", ">changed since")
    shown = _table("table", *heads)
    for name, rows, rows_before, columns, nulls, nulls_before, *profiled in tables:
        unreadable, run, _, since = profiled
        shown.add_row(
            name,
            _change(rows, rows_before),
            str(columns),
            _change(nulls, nulls_before),
            f"{unreadable:,}",
            run,
            f"{since:,}",
        )
    console.print(shown)
    console.print()


def _print_columns(console: Console, connection: duckdb.DuckDBPyConnection, table: str) -> None:
    heads = ("column", "meaning", ">nulls", ">distinct", "lowest", "25 %", "median", "75 %")
    shown = _table(*heads, "highest")
    for row in connection.execute(_COLUMNS, [table]).fetchall():
        name, meaning, nulls, nulls_before, distinct, distinct_before, is_rough = row[:7]
        about = "about " if is_rough else ""
        unit = " characters" if meaning == "free_text" else ""
        shown.add_row(
            name,
            meaning,
            _change(nulls, nulls_before),
            about + _change(distinct, distinct_before),
            *("" if value is None else f"{value}{unit}" for value in row[7:]),
        )
    console.print(shown)
    console.print()
    frequent = _table("column", "most frequent values, rows")
    for name, values in connection.execute(_VALUES, [table]).fetchall():
        frequent.add_row(name, values)
    console.print(frequent)
    console.print()


def _print_quirks(
    console: Console, connection: duckdb.DuckDBPyConnection, table: str | None
) -> None:
    shown = _table("known quirk", ">found", "what it counts")
    for name, found, before, words in connection.execute(_QUIRKS, [table, table]).fetchall():
        shown.add_row(name, _change(found, before), words)
    console.print(shown)


def _change(now: int, before: int | None) -> str:
    if before is None or before == now:
        return f"{now:,}"
    return f"{now:,} ({now - before:+,})"


def _table(*heads: str) -> Table:
    """A table without lines; a head that starts with > is of numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head.removeprefix(">"), justify="right" if head[0] == ">" else "left")
    return table
