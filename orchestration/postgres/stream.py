"""Rows out of DuckDB into PostgreSQL, in chunks: neither side ever holds a table in memory.

DuckDB writes CSV into a pipe in a thread of its own, and PostgreSQL reads it by COPY. Bytes are
passed on as they are, so line ends within texts stay; an unquoted nothing is null, ``""`` is an
empty text.
"""

from __future__ import annotations

import os
import threading

import duckdb

from orchestration.errors import PostgresError
from orchestration.postgres.server import Connection
from orchestration.warehouse.table_content import literal, quoted

_CHUNK = 256 * 1024


def copy_rows(
    source: duckdb.DuckDBPyConnection, relation: str, server: Connection, target: str
) -> None:
    """Append all rows of a table of DuckDB to one of PostgreSQL with the same columns.

    The target must have been made in the transaction that is open: its rows are written frozen,
    which spares the server to visit them again.

    Args:
        source: Open on the version.
        relation: The table to read, as SQL.
        server: Within a transaction.
        target: The table to fill, as SQL.

    Raises:
        PostgresError: The table could not be read.
        psycopg.Error: The server did not take it.
    """
    reader, writer = os.pipe()
    problems: list[duckdb.Error] = []

    def write() -> None:
        try:
            source.cursor().execute(
                f"copy {relation} to '/dev/fd/{writer}' (format csv, header false, nullstr '')"
            )
        except duckdb.Error as error:
            problems.append(error)
        finally:
            os.close(writer)

    thread = threading.Thread(target=write, name="copy")
    command = f"copy {target} from stdin (format csv, freeze)"
    with server.cursor() as cursor, cursor.copy(command.encode()) as sink:
        thread.start()
        try:
            while chunk := os.read(reader, _CHUNK):
                sink.write(chunk)
        finally:
            os.close(reader)  # DuckDB stops, where it has more
            thread.join()
        if problems:
            message = f"{relation} of the version cannot be read: {problems[0]}"
            raise PostgresError(message) from problems[0]


def fetch_rows(
    server: Connection, relation: str, target: duckdb.DuckDBPyConnection, table: str
) -> int:
    """Replace the rows of a table of DuckDB by those of one of PostgreSQL, column by name.

    Args:
        server: Holds the rows.
        relation: The table to read, as SQL; it has the columns of the target.
        target: Open for writing.
        table: The table to fill, as SQL.

    Returns:
        How many rows.

    Raises:
        PostgresError: DuckDB did not take the rows.
        psycopg.Error: The server did not give them.
    """
    columns = target.execute(f"describe {table}").fetchall()
    names = ", ".join(quoted(name) for name, *_ in columns)
    types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind, *_ in columns)
    reader, writer = os.pipe()
    problems: list[BaseException] = []

    def read() -> None:
        try:
            command = (
                f"copy (select {names} from {relation}) to stdout (format csv, force_quote *)"
            )
            with server.cursor() as cursor, cursor.copy(command.encode()) as rows:
                for chunk in rows:
                    _write(writer, chunk)
        except BaseException as error:  # noqa: BLE001 - raised again below
            problems.append(error)
        finally:
            os.close(writer)

    thread = threading.Thread(target=read, name="fetch")
    thread.start()
    try:
        target.execute(f"delete from {table}")
        target.execute(
            f"insert into {table} ({names}) select * from read_csv('/dev/fd/{reader}', "
            f"columns = {{{types}}}, auto_detect = false, header = false, delim = ',', "
            "quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
            "new_line = '\\n', strict_mode = true, parallel = false)"
        )
    except duckdb.Error as error:
        message = f"{relation} cannot be read back from PostgreSQL: {error}"
        raise PostgresError(message) from error
    finally:
        os.close(reader)
        thread.join()
    if problems:
        raise problems[0]
    row = target.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _write(file: int, chunk: bytes | bytearray | memoryview) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(file, view) :]
