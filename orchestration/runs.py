"""The record of runs: run ids, one directory a run with its log and its summary, retention.

What a run does is in ``orchestration.pipeline``; what people see while it runs is in
``orchestration.console``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

LOG_NAME = "run.log"
SUMMARY_NAME = "summary.json"

# A run id sorts by time and is part of file names, of which DuckDB makes catalogue names.
_RUN_ID = re.compile(r"\d{8}t\d{6}z_[0-9a-f]{6}")

# The packages whose log records belong to a run.
_LOGGERS = ("extract", "orchestration")

RunStatus = Literal["done", "failed"]
RunKind = Literal["pipeline", "validation"]
GateName = Literal["raw", "dbt", "marts"]


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one table after the run."""

    schema: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class TableAccount:
    """One table of one run.

    The file: ``records = inserted + updated + unchanged + exact_duplicates + rejected``.
    The warehouse: ``rows = staged + quarantined``.

    Attributes:
        name: Table in schema ``raw``.
        records: Records in the file.
        inserted: Of these, rows of new keys.
        updated: Rows that replaced others of their key.
        unchanged: Rows that raw held already.
        exact_duplicates: Rows that repeat another one of the file and were left out.
        rejected: Lines that could not be read; in ``ops.rejected_lines``.
        rows: Rows in raw after the run.
        staged: Of these, rows the models use.
        quarantined: Rows that cannot be used; in ``ops.quarantined_rows``.
    """

    name: str
    records: int
    inserted: int
    updated: int
    unchanged: int
    exact_duplicates: int
    rejected: int
    rows: int
    staged: int
    quarantined: int

    @property
    def unusable(self) -> int:
        """Quarantined rows and rejected lines."""
        return self.quarantined + self.rejected

    @property
    def unusable_share(self) -> float:
        """Unusable rows and lines per row and line; 0 for a table without any."""
        total = self.rows + self.rejected
        return self.unusable / total if total else 0.0


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many tests passed, warned, failed and were skipped."""

    passed: int = 0
    warned: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a quality gate, or one dbt test, and what it found.

    Attributes:
        gate: raw (after the load), dbt (its tests) or marts (before publish).
        table: What was checked, as ``schema.table``.
        name: The check, as its suite names it.
        severity: critical stops a run before it publishes; warning is published with.
        status: passed, failed, or error where the check itself could not be made.
        expected: What should hold, in words.
        observed: What was found, in words.
        num_unexpected: Rows that break the check; None where it is not about rows.
        sample: Up to five of these rows or values, as text.
        advice: What to do, in words; empty where nothing is wrong.
    """

    gate: GateName
    table: str
    name: str
    severity: Literal["critical", "warning"]
    status: Literal["passed", "failed", "error"]
    expected: str
    observed: str
    num_unexpected: int | None = None
    sample: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class GateSummary:
    """What a quality gate said.

    Attributes:
        gate: raw or marts.
        passed: Checks that passed.
        warned: Checks of severity warning that did not.
        failed: Critical checks that did not.
        seconds: How long it took.
        report: The HTML report.
    """

    gate: GateName
    passed: int
    warned: int
    failed: int
    seconds: float
    report: Path | None = None


@dataclass(frozen=True, slots=True)
class NodeTime:
    """How one model, seed, snapshot or dbt test ended, and how long it took."""

    name: str
    kind: str
    status: str
    seconds: float
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A finished or failed run, as written to its ``summary.json``.

    Attributes:
        run_id: The run.
        status: done or failed.
        started_at: UTC.
        finished_at: UTC.
        source: The source in words, once it was opened.
        is_synthetic: Whether its rows are generated, once it was opened.
        as_of_date: The day the figures look back from.
        stages: The stages that ran, in order; the last one is the one that failed.
        tables: Rows per table of the published file; empty when the run failed.
        checks: The outcomes of dbt's tests.
        gates: What the quality gates said.
        problems: Every check and dbt test that did not pass.
        nodes: Every model and test of dbt, in the order they ended.
        accounts: Where the records of each file have gone, once the models were built.
        is_unchanged: Neither rows nor models differ from those of the version before, so that
            nothing was built or tested again.
        notices: What the user should know, such as extra columns in a file.
        published: The path that readers open, if the run came so far.
        version: The version it points to since then.
        kind: pipeline, or validation for a run that only judged what is published.
        error: Why it failed, in words.
        error_type: The name of the error.
    """

    run_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    source: str | None = None
    is_synthetic: bool | None = None
    as_of_date: date | None = None
    stages: Sequence[StageTime] = ()
    tables: Sequence[TableRows] = ()
    checks: CheckCounts = field(default_factory=CheckCounts)
    gates: Sequence[GateSummary] = ()
    problems: Sequence[CheckResult] = ()
    nodes: Sequence[NodeTime] = ()
    accounts: Sequence[TableAccount] = ()
    is_unchanged: bool = False
    notices: Sequence[str] = ()
    published: Path | None = None
    version: Path | None = None
    kind: RunKind = "pipeline"
    error: str | None = None
    error_type: str | None = None

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished_at - self.started_at).total_seconds()

    def rows_by_schema(self) -> dict[str, int]:
        """Rows per layer, in the order the tables are listed."""
        totals: dict[str, int] = {}
        for table in self.tables:
            totals[table.schema] = totals.get(table.schema, 0) + table.rows
        return totals


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a finished run ended, as far as readers need to know.

    Attributes:
        run_id: The run.
        status: done or failed.
        finished_at: UTC.
        error_type: The name of the error, if it failed.
    """

    run_id: str
    status: RunStatus
    finished_at: datetime
    error_type: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it published nothing."""
        return self.status == "failed"


def last_run(runs_dir: Path) -> LastRun | None:
    """The newest run that has ended, or None; one that is still going has no summary yet."""
    for directory in run_directories(runs_dir):
        try:
            content = json.loads((directory / SUMMARY_NAME).read_text(encoding="utf-8"))
            finished_at = datetime.fromisoformat(content["finished_at"])
            return LastRun(
                run_id=directory.name,
                status="failed" if content["status"] == "failed" else "done",
                finished_at=finished_at.replace(tzinfo=finished_at.tzinfo or UTC),
                error_type=content.get("error_type"),
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def new_run_id(now: datetime | None = None) -> str:
    """A name for a run: its UTC start to the microsecond, so that names sort as runs started.

    Lower case and without hyphens, so that it is a plain SQL name after ``olist_``. Runs of one
    warehouse cannot start at once: each holds its lock.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return f"{moment:%Y%m%dt%H%M%Sz_%f}"


def create_run_directory(runs_dir: Path, run_id: str, *, keep: int) -> Path:
    """Make the directory of a run and remove those of runs older than the ``keep`` newest."""
    directory = runs_dir / run_id
    directory.mkdir(parents=True)
    # The new one stays whatever its name: a clock may have been set back.
    others = [other for other in run_directories(runs_dir) if other != directory]
    for old in others[keep - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    return directory


def run_directories(runs_dir: Path) -> list[Path]:
    """The directories of all runs, newest first; what is not of a run is left out."""
    if not runs_dir.is_dir():
        return []
    found = [path for path in runs_dir.iterdir() if _RUN_ID.fullmatch(path.name)]
    return sorted((path for path in found if path.is_dir()), reverse=True)


@contextlib.contextmanager
def run_log(directory: Path, level: str) -> Iterator[None]:
    """Write the log records of this project to the run's log while the block runs."""
    handler = logging.FileHandler(directory / LOG_NAME, encoding="utf-8")
    handler.setFormatter(_EveryLineStamped())
    handler.setLevel(level)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(handler.level)
        # Packages that dbt imports give the root logger a handler that writes to the terminal.
        logger.propagate = False
    try:
        yield
    finally:
        for logger, level_before, propagate_before in before:
            logger.removeHandler(handler)
            logger.setLevel(level_before)
            logger.propagate = propagate_before
        handler.close()


def write_summary(directory: Path, summary: RunSummary) -> Path:
    """Write a run's summary, whole or not at all."""
    path = directory / SUMMARY_NAME
    content = asdict(summary) | {
        "seconds": round(summary.seconds, 3),
        "rows_by_schema": summary.rows_by_schema(),
    }
    fresh = path.with_suffix(".new")
    text = json.dumps(content, default=_plain, indent=2, ensure_ascii=False)
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(path)
    return path


def _plain(value: object) -> Any:  # noqa: ANN401 - json's own hook
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return str(value)


class _EveryLineStamped(logging.Formatter):
    """One stamped line for each line of a message, so that a log can be cut and sorted."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.gmtime(record.created)
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', moment)}.{record.msecs:03.0f}Z"
        lines = record.getMessage().splitlines() or [""]
        if record.exc_info:
            lines += self.formatException(record.exc_info).splitlines()
        return "\n".join(f"{stamp} {record.levelname:<7} {line}" for line in lines)
