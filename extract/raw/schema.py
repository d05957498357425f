"""The tables the load writes: columns, types and descriptions, and how they are made.

``raw`` tables, ``ops.load_audit`` and ``ops.rejected_lines``. What goes into them is the
handled by ``extract.raw.reader``, ``extract.raw.merge`` and ``extract.raw.audit``.
"""

from __future__ import annotations

import duckdb

from extract.errors import ExtractError
from extract.tables import TABLES, SourceTable

LOAD_AUDIT = "ops.load_audit"
REJECTED_LINES = "ops.rejected_lines"
# What is read from a file before it is compared; of the shape of its raw table.
INCOMING = "olist_incoming"

# Name, type, description.
_Column = tuple[str, str, str]

RAW_COLUMNS: tuple[_Column, ...] = (
    ("_source_file", "varchar", "Name of the file the row came from."),
    ("_loaded_at", "timestamp", "When the row arrived or last changed, UTC; grows each load."),
    ("_batch_id", "varchar", "The load that brought the row."),
    ("_row_hash", "varchar", "md5 over the source columns; NULL and empty text differ."),
    ("_has_conflict", "boolean", "Whether the key stood in one file with other contents too."),
)

AUDIT_COLUMNS: tuple[_Column, ...] = (
    ("batch_id", "varchar not null", "The load; its rows carry it as _batch_id."),
    ("table_name", "varchar not null", "Table in schema raw."),
    ("source_kind", "varchar not null", "directory, archive, kaggle, synthetic or postgres."),
    ("source_label", "varchar not null", "The source in words."),
    ("source_file", "varchar not null", "Base name of the file."),
    ("file_bytes", "bigint not null", "Size of the file in bytes."),
    ("file_sha256", "varchar not null", "Checksum of the file, hexadecimal."),
    ("mode", "varchar not null", "snapshot (the whole) or delta (changes only)."),
    ("is_skipped", "boolean not null", "The file was the one loaded last: not read again."),
    ("num_records", "bigint not null", "Records in the file, header and blank lines aside."),
    ("num_inserted", "bigint not null", "Rows whose key was new (or further copies of a row)."),
    ("num_updated", "bigint not null", "Rows of known keys with other contents than before."),
    ("num_unchanged", "bigint not null", "Rows that raw held already."),
    ("num_missing", "bigint not null", "Rows in raw that the snapshot lacks; kept."),
    ("num_exact_duplicates", "bigint not null", "Repeated rows of the file, left out."),
    (
        "num_conflicting",
        "bigint not null",
        "Rows whose key has differing contents in the file.",
    ),
    ("num_rejected_lines", "bigint not null", "Records that could not be read as CSV text."),
    ("num_rows_after", "bigint not null", "Rows in the raw table after the load."),
    ("extra_columns", "varchar", "Columns of the file outside the contract, with commas."),
    ("duration_seconds", "double not null", "Time spent on the file, in seconds."),
    ("loaded_at", "timestamp not null", "The _loaded_at of the load, UTC."),
)

_REJECT_COLUMNS: tuple[_Column, ...] = (
    ("batch_id", "varchar not null", "The load that met the line."),
    ("table_name", "varchar not null", "Table in schema raw it was meant for."),
    ("source_file", "varchar not null", "Base name of the file."),
    ("line_number", "bigint not null", "Line the record starts on; the header is line 1."),
    ("column_name", "varchar", "Column the trouble is in, if it is in one."),
    ("reason", "varchar not null", "What is wrong with it."),
    ("line_text", "varchar", "Its text, shortened; bytes that are not text as \\xNN."),
    ("loaded_at", "timestamp not null", "The _loaded_at of the load, UTC."),
)

_AUDIT_WORDS = (
    "One row per table and load: the file and what became of its records. num_records = "
    "num_inserted + num_updated + num_unchanged + num_exact_duplicates + num_rejected_lines."
)
_REJECT_WORDS = "One row per record that is not CSV or not text and so is in no raw table."


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create schemas and tables that are not there yet.

    Raises:
        ExtractError: A table is there with other columns than this version writes.
    """
    con.execute("create schema if not exists raw; create schema if not exists ops")
    rows = con.execute(
        """
        select schema_name || '.' || table_name, list(column_name order by column_index)
        from duckdb_columns()
        where database_name = current_database() and schema_name in ('raw', 'ops')
        group by all
        """
    ).fetchall()
    found: dict[str, list[str]] = dict(rows)
    wanted = {
        LOAD_AUDIT: (AUDIT_COLUMNS, _AUDIT_WORDS),
        REJECTED_LINES: (_REJECT_COLUMNS, _REJECT_WORDS),
        **{f"raw.{table.name}": (_raw_columns(table), _raw_words(table)) for table in TABLES},
    }
    for name, (columns, words) in wanted.items():
        if name not in found:
            make_table(con, name, columns, words)
        elif found[name] != [column for column, _, _ in columns]:
            raise ExtractError(
                f"The table {name} of this warehouse has other columns than this version "
                f"writes: it was made by another version. Run once with --full-refresh to "
                f"build it again."
            )


def remake_raw(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    """Put a new empty table in the place of a raw table."""
    con.execute(f"drop table raw.{table.name}")
    make_table(con, f"raw.{table.name}", _raw_columns(table), _raw_words(table))


def remake_incoming(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    """Make the temporary table ``INCOMING`` again, empty, in the shape of a raw table.

    Not by `create table as` without rows: see ``extract.raw.merge`` on inserts of nothing.
    """
    parts = ", ".join(f"{name} {kind}" for name, kind, _ in _raw_columns(table))
    con.execute(f"create or replace temp table {INCOMING} ({parts})")


def _raw_columns(table: SourceTable) -> tuple[_Column, ...]:
    source = tuple((name, "varchar", "As in the file.") for name in table.columns)
    return source + RAW_COLUMNS


def _raw_words(table: SourceTable) -> str:
    return f"{table.file_name} as text, one row per record."


def make_table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[_Column, ...],
    words: str,
    *,
    key: tuple[str, ...] = (),
) -> None:
    """Create a table with its comments.

    Args:
        con: A writing connection.
        name: With its schema.
        columns: Name, type and description of each.
        words: What the table is.
        key: Columns of the primary key, if it is to have one.
    """
    parts = ", ".join(f"{column} {kind}" for column, kind, _ in columns)
    parts += f", primary key ({', '.join(key)})" if key else ""
    statements = [
        f"create table {name} ({parts})",
        f"comment on table {name} is {_quoted(words)}",
        *(
            f"comment on column {name}.{column} is {_quoted(description)}"
            for column, _, description in columns
        ),
    ]
    con.execute("; ".join(statements))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
