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
