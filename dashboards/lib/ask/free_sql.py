"""Free SQL for analysts: one query, read-only, within a number of rows and of seconds.

The query runs in a process of its own (``dashboards.lib.ask.sandbox``) that is killed when it
does not end in time. This module starts it and puts what went wrong into words.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dashboards.lib.ask import sandbox
from dashboards.lib.queries.warehouse import DashboardDataError, no_file_words, version_now
from dashboards.lib.results import ResultSet
from orchestration.settings import PROJECT_ROOT

logger = logging.getLogger(__name__)

MAX_ROWS = 10_000
MAX_SECONDS = 10.0
MOST_MB = sandbox.ANSWER_BYTES // 1_000_000
# Beyond its time a query gets this long to notice the interrupt, and its process to start.
_GRACE = 5.0
# Each may take a core and half a gigabyte. A page runs one at a time, so that one reader does
# not keep the others waiting; those who wait do so for as long as a query may take.
_PLACES = 3
_AT_ONCE = threading.BoundedSemaphore(_PLACES)
_LOOK_AGAIN = 0.1
# All that the process is given of this one's environment: where its libraries are. No setting
# and no secret.
_NEEDED_TO_START = (
    "DYLD_LIBRARY_PATH",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPYCACHEPREFIX",
)

Unwanted = Callable[[], bool]


class FreeSqlError(Exception):
    """A query was not run or not finished; the text says why and what to do."""


class FreeSqlCancelled(FreeSqlError):  # noqa: N818 - nothing went wrong
    """Nobody wants the answer any more."""


@dataclass(frozen=True)
class FreeResult(ResultSet):
    """What a query gave; ``cut`` says what limit left further rows out."""

    cut: Literal["rows", "size"] | None = None


def run_free_sql(
    published_path: Path,
    sql: str,
    *,
    max_rows: int = MAX_ROWS,
    max_seconds: float = MAX_SECONDS,
    is_unwanted: Unwanted = lambda: False,
) -> FreeResult:
    """Run one query on the published version.

    Args:
        published_path: The published warehouse, or a version of it.
        sql: One query that reads.
        max_rows: Rows that are handed back; further ones are left out.
        max_seconds: Time after which the query is stopped, seconds.
        is_unwanted: Asked while the query waits or runs; it is stopped once this is true.

    Raises:
        DashboardDataError: There is no such version.
        FreeSqlError: The query is not allowed, is wrong, or took too long or too much.
        FreeSqlCancelled: It became unwanted.
    """
    database = version_now(published_path)
    if not database.is_file():
        raise DashboardDataError(no_file_words(published_path))
    job = {
        "database": str(database),
        "sql": sql,
        "max_rows": max_rows,
        "max_seconds": max_seconds,
        "grace": _GRACE,
        "parent": os.getpid(),
    }
    _wait_for_a_place(time.monotonic() + max_seconds + _GRACE, is_unwanted)
    try:
        answer = _in_a_process(job, max_seconds + _GRACE, is_unwanted)
    finally:
        _AT_ONCE.release()
    if "error" in answer:
        raise FreeSqlError(_words(answer["kind"], answer["error"], max_seconds))
    if answer["cut"] == "size" and not answer["rows"]:
        message = (
            f"The first row alone is larger than the {MOST_MB} MB that an answer may have. "
            "Shorten long text, as by left(column, 1000), or choose fewer columns."
        )
        raise FreeSqlError(message)
    rows = tuple(tuple(row) for row in answer["rows"])
    return FreeResult(tuple(answer["columns"]), rows, cut=answer["cut"])


def _wait_for_a_place(until: float, is_unwanted: Unwanted) -> None:
    while not _AT_ONCE.acquire(timeout=_LOOK_AGAIN):
        if is_unwanted():
            raise FreeSqlCancelled("The query was cancelled.")
        if time.monotonic() > until:
            message = (
                f"{_PLACES} queries run at a time, and others had them all while this one "
                "waited. Try again in a moment."
            )
            raise FreeSqlError(message)


def _in_a_process(job: dict[str, Any], seconds: float, is_unwanted: Unwanted) -> dict[str, Any]:
    """The answer to a job: rows, or an ``error`` of some ``kind``."""
    given = {name: os.environ[name] for name in _NEEDED_TO_START if name in os.environ}
    until = time.monotonic() + seconds
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboards.lib.ask.sandbox"],
            cwd=PROJECT_ROOT,
            env=given,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:  # no process, no memory, no file descriptor is left
        return {"error": str(error), "kind": "start"}
    unsent: str | None = json.dumps(job)
    with process:
        try:
            while True:
                try:
                    answer, complaint = process.communicate(unsent, _LOOK_AGAIN)
                    break
                except subprocess.TimeoutExpired:
                    unsent = None  # communicate goes on where it was
                if is_unwanted():
                    raise FreeSqlCancelled("The query was cancelled.")
                if time.monotonic() > until:
                    return {"error": "", "kind": "time"}
        finally:
            process.kill()  # nothing where it has ended
    if complaint:
        logger.warning("The process of free SQL: %s", complaint.strip())
    if process.returncode != 0:
        return _ended(process.returncode, complaint)
    found: dict[str, Any] = json.loads(answer)
    return found


def _ended(code: int, complaint: str) -> dict[str, Any]:
    """Why a process ended without an answer."""
    last = (complaint.strip().splitlines() or [f"it ended with exit code {code}"])[-1]
    if code == sandbox.EXIT_MEMORY or "bad_alloc" in complaint or "MemoryError" in last:
        return {"error": "", "kind": "memory"}
    if code > 0:
        return {"error": last, "kind": "start"}
    if -code == signal.SIGXCPU:
        return {"error": "", "kind": "time"}
    name = signal.Signals(-code).name
    return {"error": name, "kind": "killed" if name == "SIGKILL" else "crashed"}


_WORDS = {
    "time": "The query was stopped after {seconds:g} seconds. Read less: filter by month or "
    "state, join on keys, or start from a mart, which has the sums already.",
    "memory": "The query needs more memory than a query may take here ({memory}), so it was "
    "stopped. Sum or filter before joining, and leave long lists out.",
    "killed": "The system ended the query (SIGKILL), as it does when the machine runs out of "
    "memory. Try again later; if it ends the same way, read less.",
    "crashed": "The process of the query crashed ({error}; it may take {memory}). A query that "
    "takes much memory can end so: sum or filter first.",
    "start": "The process that runs queries did not work: {error} (it may take {memory}). The "
    "query is not at fault; show this to the person who runs the dashboards.",
}


def _words(kind: str, error: str, max_seconds: float) -> str:
    """What went wrong in words, and what to do."""
    if kind in _WORDS:
        return _WORDS[kind].format(seconds=max_seconds, error=error, memory=_memory_words())
    if "file system operations are disabled" in error:
        return (
            "Files and the network cannot be reached from here: a query reads the tables of "
            "the warehouse alone."
        )
    if "configuration has been locked" in error:
        return "Settings cannot be changed here."
    return error.partition("Stack Trace:")[0].strip()


def _memory_words() -> str:
    """The memory a query has, and what leaves it less."""
    words = f"{sandbox.MEMORY_MB} MB"
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or hard >= sandbox.ADDRESS_SPACE_MB * 1024**2:
        return words
    return (
        f"{words}, and of its address space of {sandbox.ADDRESS_SPACE_MB:,} MB the limit of "
        f"this server, ulimit -v, leaves {hard // 1024**2:,} MB"
    )
