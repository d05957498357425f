"""The process that runs free SQL: started for one query, and killed if it does not end.

    python -m dashboards.lib.ask.sandbox < job.json > answer.json

It opens the warehouse read-only, shuts the way to files, extensions and settings, and runs one
query. A process of its own, because an interrupt does not end everything: DuckDB works out
``range(1000000000)`` for a minute before it looks up. It imports only DuckDB, to start quickly.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from datetime import datetime
from typing import Any

import duckdb

# What the query may take of the machine: of DuckDB's own count, of address space in all (what
# DuckDB does not count ends here), of the answer.
_MEMORY = "1GB"
_ADDRESS_SPACE = 4 * 1024**3
_MOST_CHARACTERS = 20_000_000
_INF = float("inf")
_CHUNK = 200  # rows that are fetched at a time

_LOCKED = {
    "access_mode": "READ_ONLY",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Names of Python's variables are no tables.
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": _MEMORY,
    "threads": "1",
    "lock_configuration": "true",
}


class _NotOneQueryError(Exception):
    """What was asked is not one query that reads."""


def main() -> int:
    """Read the job, run its query, write the answer."""
    job = json.load(sys.stdin)
    _hold_back()
    try:
        answer = _answer(job["database"], job["sql"], job["max_rows"], job["max_seconds"])
    except _NotOneQueryError as error:
        answer = {"error": str(error), "kind": "statement"}
    except duckdb.InterruptException:
        answer = {"error": "", "kind": "time"}
    except (duckdb.OutOfMemoryException, MemoryError):
        answer = {"error": "", "kind": "memory"}
    except duckdb.Error as error:
        answer = {"error": str(error), "kind": "sql"}
    json.dump(answer, sys.stdout)
    return 0


def _answer(database: str, sql: str, max_rows: int, max_seconds: float) -> dict[str, Any]:
    with duckdb.connect(database, read_only=True, config=dict(_LOCKED)) as connection:
        alarm = threading.Timer(max_seconds, connection.interrupt)
        alarm.daemon = True
        alarm.start()
        try:
            cursor = connection.execute(_only_query(connection, sql))
            columns = [column[0] for column in cursor.description or ()]
            rows: list[list[Any]] = []
            characters, is_cut = 0, False
            while not is_cut and (chunk := cursor.fetchmany(_CHUNK)):
                for row in chunk:
                    cells = [_plain(value) for value in row]
                    characters += sum(len(str(cell)) for cell in cells)
                    is_cut = len(rows) == max_rows or characters > _MOST_CHARACTERS
                    if is_cut:
                        break
                    rows.append(cells)
        finally:
            alarm.cancel()
    return {"columns": columns, "rows": rows, "is_cut": is_cut}


def _only_query(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    statements = connection.extract_statements(sql)
    if not statements:
        message = "There is no query yet. Write one that begins with select, with or from."
        raise _NotOneQueryError(message)
    if len(statements) > 1:
        message = (
            f"These are {len(statements)} statements. Only one is run at a time: leave one."
        )
        raise _NotOneQueryError(message)
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name.replace("_", " ").lower()
        message = (
            f"This is a statement of the kind {kind!r}. Only one query that reads is run here: "
            "it begins with select, with, from, describe or summarize."
        )
        raise _NotOneQueryError(message)
    return statements[0]


def _hold_back() -> None:
    """Have the system refuse more memory than this, and any file that grows."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(value: Any) -> str | int | float | bool | None:
    """A value as JSON has it; money and dates as text, so that no digit is lost."""
    if value is None or isinstance(value, (bool, str)):
        return value
    # A browser's JSON holds whole numbers up to here exactly; it knows no infinity.
    largest = 2**53 if isinstance(value, int) else _INF
    if isinstance(value, (int, float)) and abs(value) < largest:
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    sys.exit(main())
