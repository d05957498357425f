"""The process that runs free SQL: started for one query, and killed if it does not end.

    python -m dashboards.lib.ask.sandbox < job.json > answer.json

It opens the warehouse read-only, shuts the way to files, extensions and settings, and runs one
query. A process of its own, because an interrupt does not end everything: DuckDB works out
``range(1000000000)`` for a minute before it looks up, and takes 20 GB for it unless the system
refuses them. It imports only DuckDB, to start quickly.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

# What a query may take of the machine. DuckDB counts most of its memory itself; the system
# refuses the rest by the address space, of which 700 MB are taken before a query begins.
# Measured: a process at both limits holds 460 MB.
MEMORY_MB = 400
ADDRESS_SPACE_MB = 1_152
# The server holds an answer several times over, as text, as rows and as a table of the page.
ANSWER_BYTES = 6_000_000
EXIT_MEMORY = 3  # the exit code where the system refused nothing and the process ended itself
_CHUNK = 50  # rows that are fetched at a time
_LOOK_AGAIN = 0.1  # seconds
_STATUS = Path("/proc/self/status")
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_INF = float("inf")

_LOCKED = {
    "access_mode": "READ_ONLY",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Names of Python's variables are no tables.
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": f"{MEMORY_MB}MB",
    "threads": "1",
    "lock_configuration": "true",
}


class _NotOneQueryError(Exception):
    """What was asked is not one query that reads."""


def main() -> None:
    """Read the job, run its query, write the answer."""
    job = json.load(sys.stdin)
    limit_process(job["max_seconds"] + job["grace"])
    try:
        answer = _answer(job)
    except _NotOneQueryError as error:
        answer = _error("statement", str(error))
    except duckdb.InterruptException:
        answer = _error("time")
    except (duckdb.OutOfMemoryException, MemoryError):
        answer = _error("memory")
    except duckdb.Error as error:
        answer = _error("sql", str(error))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(answer)
    sys.stdout.flush()
    # Nothing is left to do but to free memory, which the end of the process does at once.
    os._exit(0)


def _error(kind: str, text: str = "") -> str:
    return json.dumps({"error": text, "kind": kind})


def _answer(job: dict[str, Any]) -> str:
    """The answer as JSON, of no more rows and bytes than an answer may have."""
    with duckdb.connect(job["database"], read_only=True, config=dict(_LOCKED)) as connection:
        watch = threading.Thread(target=_watch, args=(connection, job), daemon=True)
        watch.start()
        cursor = connection.execute(_only_query(connection, job["sql"]))
        columns = json.dumps([column[0] for column in cursor.description or ()])
        rows: list[str] = []
        size, cut = len(columns), None
        while cut is None and (chunk := cursor.fetchmany(_CHUNK)):
            for row in chunk:
                text = json.dumps([_plain(value) for value in row], ensure_ascii=False)
                size += len(text.encode())
                if len(rows) == job["max_rows"] or size > ANSWER_BYTES:
                    cut = "rows" if len(rows) == job["max_rows"] else "size"
                    break
                rows.append(text)
    return f'{{"columns": {columns}, "rows": [{", ".join(rows)}], "cut": {json.dumps(cut)}}}'


def _watch(connection: duckdb.DuckDBPyConnection, job: dict[str, Any]) -> None:
    """Interrupt the query when its time is over; end with the server that asked for it."""
    end = time.monotonic() + job["max_seconds"]
    while os.getppid() == job["parent"]:
        if time.monotonic() >= end:
            connection.interrupt()
        # Where the system cannot refuse memory, as macOS, this is what ends the query.
        if _peak_mb() > ADDRESS_SPACE_MB:
            os._exit(EXIT_MEMORY)
        time.sleep(_LOOK_AGAIN)
    os._exit(1)


def _peak_mb() -> float:
    """The most memory this program has held.

    Linux counts into ru_maxrss what the process held before it became this program: that of
    the server, which may be more than a query is allowed.
    """
    with suppress(OSError, ValueError, StopIteration):
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    unit = 1024 if sys.platform == "darwin" else 1  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / 1024


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


def limit_process(seconds: float) -> None:
    """Have the system refuse more memory and more time than this, and any file that grows.

    What the system does not allow to be limited stays as it is, and is said on stderr: the
    query still has DuckDB's own limits, the watch, and the server that kills it in the end.
    """
    with suppress(OSError):  # only Linux has it: short of memory, it ends this process first
        _OOM_SCORE.write_text("1000", encoding="ascii")
    limits = (
        ("address space", resource.RLIMIT_AS, ADDRESS_SPACE_MB * 1024**2),
        ("processor time", resource.RLIMIT_CPU, math.ceil(seconds)),
        ("size of files", resource.RLIMIT_FSIZE, 0),
        ("core files", resource.RLIMIT_CORE, 0),
    )
    for name, kind, wanted in limits:
        hard = resource.getrlimit(kind)[1]
        try:
            resource.setrlimit(kind, (_lower(wanted, hard), hard))
        except (OSError, ValueError) as error:
            sys.stderr.write(f"Free SQL runs without a limit of its {name}: {error}\n")


def _lower(wanted: int, hard: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


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
    main()
