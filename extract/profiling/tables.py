"""The three tables of the profile: columns, types, descriptions, keys.

They hold what ``raw`` held when its tables were last profiled and, beside it, what the profile
before said. They are small
and rewritten as a whole, so a warehouse of an older version needs no migration: a table that
is missing or has other columns is simply made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from extract.raw.schema import make_table


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """One table of the profile.

    Attributes:
        name: With its schema.
        description: Its grain first.
        key: Columns of the primary key.
        columns: Name, type, description.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(name for name, _, _ in self.columns)


_MADE_BY = (
    (
        "batch_id",
        "varchar not null",
        "The run that made this row: the last after which its table was profiled.",
    ),
    ("profiled_at", "timestamp not null", "The _loaded_at of that run, UTC."),
)

PROFILE = ProfileTable(
    name="ops.source_profile",
    description=(
        "One row per raw table and source column: what it held when its table was last "
        "profiled, at most one changed row in a hundred ago, and beside it what the profile "
        "before said."
    ),
    key=("table_name", "column_name"),
    columns=(
        ("table_name", "varchar not null", "Table in schema raw."),
        ("column_name", "varchar not null", "Column as the file spells it."),
        ("column_position", "integer not null", "Place of the column in the file, from 1."),
        (
            "meaning",
            "varchar not null",
            "How values are read: id, text, integer, amount, coordinate, timestamp, free_text.",
        ),
        ("num_rows", "bigint not null", "Rows of the table when it was profiled."),
        ("num_nulls", "bigint not null", "Rows without a value."),
        (
            "num_empty",
            "bigint not null",
            "Rows with a text of no characters, which is not null.",
        ),
        ("num_unreadable", "bigint not null", "Values that are not of the column's meaning."),
        ("num_distinct", "bigint not null", "Distinct values, as text."),
        (
            "is_distinct_approximate",
            "boolean not null",
            "Whether num_distinct is an estimate, some percent off: coordinates, free text.",
        ),
        (
            "min_value",
            "varchar",
            "Lowest value; of free text the length in characters; null for identifiers.",
        ),
        (
            "p05_value",
            "varchar",
            "Value that 5 % of the values do not exceed; numbers, moments.",
        ),
        ("p25_value", "varchar", "Lower quartile, an observed value."),
        ("median_value", "varchar", "Median, an observed value."),
        ("p75_value", "varchar", "Upper quartile, an observed value."),
        ("p95_value", "varchar", "Value that 95 % of the values do not exceed."),
        ("max_value", "varchar", "Highest value, as min_value."),
        *_MADE_BY,
        ("previous_batch_id", "varchar", "The run that made the profile before; null if none."),
        ("previous_num_rows", "bigint", "num_rows of the profile before."),
        ("previous_num_nulls", "bigint", "num_nulls of the profile before."),
        ("previous_num_distinct", "bigint", "num_distinct of the profile before."),
        ("previous_min_value", "varchar", "min_value of the profile before."),
        ("previous_median_value", "varchar", "median_value of the profile before."),
        ("previous_max_value", "varchar", "max_value of the profile before."),
    ),
)

TOP_VALUES = ProfileTable(
    name="ops.source_top_values",
    description=(
        "One row per raw table, source column and rank: the ten most frequent values, of those "
        "that stand more than once. Identifiers, coordinates and free text are left out; of "
        "moments it is the day."
    ),
    key=("table_name", "column_name", "value_rank"),
    columns=(
        ("table_name", "varchar not null", "Table in schema raw."),
        ("column_name", "varchar not null", "Column as the file spells it."),
        ("value_rank", "integer not null", "1 for the most frequent value; ties by value."),
        ("value", "varchar not null", "The value as delivered; of a moment the day."),
        ("num_rows", "bigint not null", "Rows with the value."),
        *_MADE_BY,
        (
            "previous_num_rows",
            "bigint",
            "Rows with it in the profile before; null where it was not among the ten.",
        ),
    ),
)

QUIRKS = ProfileTable(
    name="ops.source_quirks",
    description=(
        "One row per known quirk of the source: how often it occurred when one of its tables "
        "was last profiled and did before, and the query that counts it. Quirks are data, not "
        "errors: the models keep such rows."
    ),
    key=("quirk",),
    columns=(
        ("quirk", "varchar not null", "Name of the quirk."),
        ("description", "varchar not null", "What is odd, and what num_found counts."),
        ("source_tables", "varchar not null", "Raw tables it is counted on, with commas."),
        ("num_found", "bigint not null", "How often it occurs."),
        *_MADE_BY,
        ("previous_num_found", "bigint", "How often it occurred in the profile before."),
        ("count_sql", "varchar not null", "The query that gives num_found."),
    ),
)


def read_rows(
    con: duckdb.DuckDBPyConnection, table: ProfileTable
) -> list[dict[str, object]] | None:
    """Give the rows of a table, or None if it is not there in this version's shape."""
    schema, _, name = table.name.partition(".")
    found = con.execute(
        "select column_name from duckdb_columns() where database_name = current_database() "
        "and schema_name = ? and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    if tuple(column for (column,) in found) != table.column_names:
        return None
    rows = con.execute(f"select {', '.join(table.column_names)} from {table.name}").fetchall()
    return [dict(zip(table.column_names, row, strict=True)) for row in rows]


def write_rows(
    con: duckdb.DuckDBPyConnection, table: ProfileTable, rows: Sequence[dict[str, object]]
) -> None:
    """Put a table with these rows in the place of the one that is there."""
    con.execute(f"drop table if exists {table.name}")
    make_table(con, table.name, table.columns, table.description, key=table.key)
    # One column a parameter: some hundred rows in one statement, without a data frame.
    parts = ", ".join(
        f"unnest(${number}::{kind.removesuffix(' not null')}[])"
        for number, (_, kind, _) in enumerate(table.columns, 1)
    )
    values = [[row[name] for row in rows] for name in table.column_names]
    con.execute(f"insert into {table.name} select {parts}", values)
