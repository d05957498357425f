"""The record of runs: run ids, one directory a run with its log and its summary, retention.

What a run does is in ``orchestration.pipeline.stages``; what people see while it runs is in
``orchestration.pipeline.console``. The data classes of a summary are in
``orchestration.runs.summary``; their names can be imported from here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.runs.summary import (
    CheckCounts,
    CheckResult,
    GateName,
    GateSummary,
    NodeTime,
    RunKind,
    RunStatus,
    RunSummary,
    StageTime,
    TableAccount,
    TableRows,
)
from orchestration.terminal.printable import printable
from orchestration.warehouse.versions import RUN_ID

__all__ = [
    "INTERRUPTED",
    "LOG_NAME",
    "SUMMARY_NAME",
    "CheckCounts",
    "CheckResult",
    "GateName",
    "GateSummary",
    "LastRun",
    "NodeTime",
    "RunKind",
    "RunStatus",
    "RunSummary",
    "StageTime",
    "TableAccount",
    "TableRows",
    "create_run_directory",
    "is_of_the_future",
    "last_run",
    "new_run_id",
    "run_directories",
    "run_log",
    "write_summary",
]

LOG_NAME = "run.log"
# The clocks of machines that write to one directory may differ by so much.
CLOCKS_DIFFER = timedelta(minutes=5)
SUMMARY_NAME = "summary.json"
# The name of the error of a run that somebody ended by Ctrl-C.
INTERRUPTED = "KeyboardInterrupt"

# The packages whose log records belong to a run.
_LOGGERS = ("extract", "orchestration")


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


def last_run(runs_dir: Path, now: datetime | None = None) -> LastRun | None:
    """The newest run that has ended, or None; one that is still going has no summary yet.

    A run that somebody ended by Ctrl-C is passed over: that person knows. So is one of the
    future: the clock was wrong then, and it would stay the newest until that day.
    """
    for directory in run_directories(runs_dir):
        try:
            content = json.loads((directory / SUMMARY_NAME).read_text(encoding="utf-8"))
            if content.get("error_type") == INTERRUPTED:
                continue
            finished_at = datetime.fromisoformat(content["finished_at"])
            finished_at = finished_at.replace(tzinfo=finished_at.tzinfo or UTC)
            if is_of_the_future(finished_at, now):
                continue
            return LastRun(
                run_id=directory.name,
                status="failed" if content["status"] == "failed" else "done",
                finished_at=finished_at,
                error_type=content.get("error_type"),
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def is_of_the_future(moment: datetime, now: datetime | None = None) -> bool:
    """Whether a moment lies so far ahead that a clock must have been wrong, then or now."""
    return moment > (now or datetime.now(UTC)) + CLOCKS_DIFFER


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
    """The directories of all runs, newest first; what is not of a run is left out.

    Those of the future come last, so that retention does not keep them in the place of others.
    """
    if not runs_dir.is_dir():
        return []
    latest = new_run_id(datetime.now(UTC) + CLOCKS_DIFFER)
    found = [path for path in runs_dir.iterdir() if RUN_ID.fullmatch(path.name)]
    return sorted(
        (path for path in found if path.is_dir()),
        key=lambda path: (path.name <= latest, path.name),
        reverse=True,
    )


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
        return "\n".join(f"{stamp} {record.levelname:<7} {printable(line)}" for line in lines)
