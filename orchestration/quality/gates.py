"""The gates as a run sees them: a process to ask, what follows from its answer, the record.

What is asked is in ``bounds`` and ``measures``, how it is found out in ``runner``, how it looks
in ``report``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import PipelineError
from orchestration.runs.summary import CheckResult, GateName, GateSummary
from orchestration.settings import PROJECT_ROOT

logger = logging.getLogger(__name__)

_LOG_NAME = "quality_worker.log"
_SECONDS_TO_END = 5

# Of failed checks, what a message shows.
_MAX_SHOWN = 8

_RESULTS = "ops.check_results"
_TABLE_WORDS = "One row per check of a quality gate and run that led to this version."
_COLUMNS = (
    ("run_id", "varchar not null", "The run that asked."),
    ("gate", "varchar not null", "raw (after the load) or marts (before publish)."),
    ("table_name", "varchar not null", "What was checked, as schema.table."),
    ("check_name", "varchar not null", "The check, as its bounds name it."),
    ("severity", "varchar not null", "critical (stops a run) or warning."),
    ("status", "varchar not null", "passed, failed, or error: it could not be made."),
    ("expected", "varchar not null", "What should hold, in words."),
    ("observed", "varchar not null", "What was found, in words."),
    ("num_unexpected", "bigint", "Rows that break the check; null where it is not about rows."),
    ("checked_at", "timestamp not null", "Start of the run, UTC."),
)


class GateError(PipelineError):
    """Critical checks of a gate did not pass; nothing is published.

    Attributes:
        results: All results of the gate.
    """

    def __init__(self, message: str, results: Sequence[CheckResult] = ()) -> None:
        """Say which, and keep what the gate found."""
        super().__init__(message)
        self.results = tuple(results)


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What a gate shall validate.

    Attributes:
        gate: raw or marts.
        database: The file; no writer may have it open.
        previous: The version before, for comparisons; None where there is none.
        is_partial: Only selected models were built: some are older, or missing.
        memory_limit: Memory for DuckDB, or None for its default.
        threads: Threads for DuckDB.
    """

    gate: GateName
    database: Path
    previous: Path | None = None
    is_partial: bool = False
    memory_limit: str | None = None
    threads: int = 2


class GateProcess:
    """The process that validates; costs nothing before :meth:`start`."""

    def __init__(self, directory: Path) -> None:
        """Name the directory for what it complains about."""
        self._log_path = directory / _LOG_NAME
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to import Great Expectations, in a process of its own.

        A system that lets it start none is of no concern before a gate is asked.
        """
        with contextlib.suppress(OSError):
            self._process = self._process or self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log_path.open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "orchestration.quality.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=PROJECT_ROOT,
                env=os.environ | {"GX_ANALYTICS_ENABLED": "false"},
                # A Ctrl-C is the run's to handle; it then closes this.
                start_new_session=True,
            )

    def ask(self, request: GateRequest) -> tuple[CheckResult, ...]:
        """The results of one gate.

        Raises:
            GateError: The process could not validate.
        """
        try:
            process = self._process = self._process or self._spawn()
            assert process.stdin and process.stdout  # noqa: S101, PT018 - for the type checker
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            answer: tuple[CheckResult, ...] | str = pickle.load(process.stdout)  # noqa: S301 - ours
        except EOFError:
            answer = "its process has ended"
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            answer = str(error)
        if isinstance(answer, str):
            message = (
                f"The {request.gate} gate could not validate: {answer}. Nothing was published. "
                f"{self._log_path} may say more; OLIST_QUALITY_GATES=false runs without gates."
            )
            raise GateError(message)
        return answer

    def close(self) -> None:
        """End the process, whatever it is at."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # it only reads
        process.wait(timeout=_SECONDS_TO_END)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(OSError):
            if not self._log_path.stat().st_size:
                self._log_path.unlink()


def summarize(
    gate: GateName, results: Sequence[CheckResult], seconds: float, report: Path | None
) -> GateSummary:
    """Results in numbers."""
    bad = [result for result in results if result.status != "passed"]
    failed = sum(result.severity == "critical" for result in bad)
    return GateSummary(
        gate=gate,
        passed=len(results) - len(bad),
        warned=len(bad) - failed,
        failed=failed,
        seconds=round(seconds, 3),
        report=report,
    )


def raise_if_critical(
    gate: GateName, results: Sequence[CheckResult], report: Path | None
) -> None:
    """Stop a run that must not go on.

    Raises:
        GateError: Names each critical check that did not pass, what was expected and found.
    """
    failed = [
        result
        for result in results
        if result.severity == "critical" and result.status != "passed"
    ]
    if not failed:
        return
    checks = "1 critical check" if len(failed) == 1 else f"{len(failed)} critical checks"
    lines = [f"The {gate} gate found {checks} that did not pass:"]
    for result in failed[:_MAX_SHOWN]:
        lines.append(f"  {result.table}, {in_words(result)}")
        lines += [f"    e.g. {row}" for row in result.sample[:2]]
        lines.append(f"    {result.advice}")
    if len(failed) > _MAX_SHOWN:
        lines.append(f"  ... and {len(failed) - _MAX_SHOWN} more.")
    skipped = "No model was built and nothing" if gate == "raw" else "Nothing"
    where = f" All checks: {report}" if report else ""
    lines.append(f"{skipped} was published.{where}")
    raise GateError("\n".join(lines), results)


def in_words(result: CheckResult) -> str:
    """A check that did not pass, in one sentence."""
    rows = "" if result.num_unexpected is None else f" ({result.num_unexpected:,} rows)"
    return f"{result.name}: expected {result.expected}; found {result.observed}{rows}."


def write_results(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    results: Sequence[CheckResult],
    checked_at: object,
) -> None:
    """Add results to the record in the warehouse."""
    columns = ", ".join(f"{name} {kind}" for name, kind, _ in _COLUMNS)
    comments = (
        f"comment on column {_RESULTS}.{name} is '{words}'" for name, _, words in _COLUMNS
    )
    script = (
        "create schema if not exists ops",
        f"create table if not exists {_RESULTS} ({columns})",
        f"comment on table {_RESULTS} is '{_TABLE_WORDS}'",
        *comments,
    )
    connection.execute("; ".join(script))
    rows = [
        (
            *(run_id, one.gate, one.table, one.name, one.severity, one.status),
            *(one.expected, one.observed, one.num_unexpected, checked_at),
        )
        for one in results
    ]
    if rows:  # in one statement: a statement a row would take longer than the checks
        lists = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join("unnest(?)" for _ in lists)
        connection.execute(f"insert into {_RESULTS} select {marks}", lists)
