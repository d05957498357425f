"""Free SQL for analysts: one query, read-only, within a number of rows and of seconds.

The query runs in a process of its own (``dashboards.lib.ask.sandbox``) that is killed when it
does not end in time. This module starts it and puts what went wrong into words.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.lib.queries.warehouse import DashboardDataError
from orchestration.settings import PROJECT_ROOT

MAX_ROWS = 10_000
MAX_SECONDS = 10.0
# Beyond its time a query gets this long to notice the interrupt, and its process to start.
_GRACE = 3.0
# More readers wait for their turn: a query may take a core and a gigabyte.
_AT_ONCE = threading.BoundedSemaphore(2)


class FreeSqlError(Exception):
    """A query was not run or not finished; the text says why and what to do."""


@dataclass(frozen=True)
class FreeResult:
    """What a query gave; ``is_cut`` where there were more rows than are shown."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool

    def records(self) -> list[dict[str, Any]]:
        """One dict a row, for the page; columns of one name are told apart by a number."""
        names: list[str] = []
        for name in self.columns:
            same = sum(other == name or other.startswith(f"{name} (") for other in names)
            names.append(name if not same else f"{name} ({same + 1})")
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def csv(self) -> bytes:
        """The rows as CSV in UTF-8."""
        buffer = io.StringIO()
        lines = csv.writer(buffer, lineterminator="\n")
        lines.writerow(self.columns)
        lines.writerows(self.rows)
        return buffer.getvalue().encode("utf-8")


def run_free_sql(
    published_path: Path,
    sql: str,
    *,
    max_rows: int = MAX_ROWS,
    max_seconds: float = MAX_SECONDS,
) -> FreeResult:
    """Run one query on the published version.

    Args:
        published_path: The published warehouse.
        sql: One query that reads.
        max_rows: Rows that are handed back; further ones are left out.
        max_seconds: Time after which the query is stopped, seconds.

    Raises:
        DashboardDataError: Nothing is published.
        FreeSqlError: The query is not allowed, is wrong, or took too long or too much.
    """
    database = published_path.resolve()
    if not database.is_file():
        message = (
            f"No warehouse is published yet: {published_path} does not exist. Run "
            "`make pipeline`, then reload this page."
        )
        raise DashboardDataError(message)
    if not _AT_ONCE.acquire(timeout=max_seconds):
        message = "Others are running queries. Try again in a moment."
        raise FreeSqlError(message)
    try:
        answer = _in_a_process(
            {
                "database": str(database),
                "sql": sql,
                "max_rows": max_rows,
                "max_seconds": max_seconds,
            },
            max_seconds + _GRACE,
        )
    finally:
        _AT_ONCE.release()
    if answer is None or answer.get("kind") == "time":
        message = (
            f"The query was stopped after {max_seconds:g} seconds. Read less: filter by month "
            "or state, join on keys, or start from a mart, which has the sums already."
        )
        raise FreeSqlError(message)
    if answer.get("kind") == "memory":
        message = (
            "The query needs more memory than a query may take here, so it was stopped. Sum or "
            "filter before joining, and leave long lists out."
        )
        raise FreeSqlError(message)
    if "error" in answer:
        raise FreeSqlError(_words(answer["error"]))
    rows = tuple(tuple(row) for row in answer["rows"])
    return FreeResult(tuple(answer["columns"]), rows, answer["is_cut"])


def _in_a_process(job: dict[str, Any], seconds: float) -> dict[str, Any] | None:
    """The answer to a job, or None where the process had to be killed."""
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "dashboards.lib.ask.sandbox"],
            cwd=PROJECT_ROOT,
            env={},  # no setting and no secret of this process
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if finished.returncode != 0:
        # The system ended it: of what a query asks for, only memory does that.
        return {"error": finished.stderr, "kind": "memory"}
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def _words(error: str) -> str:
    """DuckDB's words, for a person: what it says of files and settings in plain words."""
    if "file system operations are disabled" in error:
        return (
            "Files and the network cannot be reached from here: a query reads the tables of "
            "the warehouse alone."
        )
    if "configuration has been locked" in error:
        return "Settings cannot be changed here."
    return error.partition("Stack Trace:")[0].strip()
