"""The log of all runs, read back: what each came to, and how well they keep their objectives.

The summaries are written by ``orchestration.runs.records``. The service level objectives and
the data quality score are defined here once; the dashboard, /metrics and ``olist
status`` all show these figures.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from orchestration.errors import EXIT_DONE
from orchestration.runs.records import (
    INTERRUPTED,
    LOG_NAME,
    SUMMARY_NAME,
    is_of_the_future,
    run_directories,
    write_summary,
)
from orchestration.runs.summary import RunSummary
from orchestration.settings import Settings
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.lock_owner import read_holder
from orchestration.warehouse.versions import version_path

# What runs are validated over.
WINDOW = timedelta(days=30)
SUCCESS_RATE_GOAL = 0.95
QUALITY_SCORE_GOAL = 0.98

# The name of the error of a run that was killed, so that it could not write one itself.
ENDED_WITHOUT_A_WORD = "EndedWithoutAWord"
_MAX_LAST_WORDS = 160

_SUMMARY = TypeAdapter(RunSummary)


@dataclass(frozen=True, slots=True)
class RunningRun:
    """A run that is at work."""

    run_id: str
    since: datetime
    pid: int


@dataclass(frozen=True, slots=True)
class History:
    """All runs on record.

    Attributes:
        runs: Those that have ended, newest first; killed ones count as failed.
        running: The one at work, or None.
        damaged: The ids of runs whose summary cannot be read.
        future: Runs that say they will end, by a clock that was wrong; none of ``runs``.
    """

    runs: tuple[RunSummary, ...] = ()
    running: RunningRun | None = None
    damaged: tuple[str, ...] = ()
    future: tuple[RunSummary, ...] = ()

    @property
    def last(self) -> RunSummary | None:
        """The newest run that ended by itself or failed; interrupted ones are passed over."""
        return next((run for run in self.runs if not is_interrupted(run)), None)

    @property
    def pipeline_runs(self) -> tuple[RunSummary, ...]:
        """The runs that were to publish, newest first, interrupted ones left out."""
        return tuple(
            run for run in self.runs if run.kind == "pipeline" and not is_interrupted(run)
        )

    @property
    def last_success(self) -> RunSummary | None:
        """The newest run that published."""
        return next((run for run in self.pipeline_runs if run.status == "done"), None)

    def before(self, summary: RunSummary) -> RunSummary | None:
        """The run of the same kind that ended last before another one."""
        return next(
            (
                run
                for run in self.runs
                if run.kind == summary.kind
                and run.finished_at < summary.finished_at
                and not is_interrupted(run)
            ),
            None,
        )


def is_interrupted(summary: RunSummary) -> bool:
    """Whether somebody ended the run by Ctrl-C: it counts neither as good nor as failed."""
    return summary.error_type == INTERRUPTED


def read_history(runs_dir: Path, now: datetime | None = None) -> History:
    """Read the summaries of all runs of a warehouse; what is damaged is named and left out.

    Args:
        runs_dir: The directory of the runs.
        now: The moment, with its zone; the clock's where it is None.
    """
    runs: list[RunSummary] = []
    damaged: list[str] = []
    running: RunningRun | None = None
    holder = read_holder(runs_dir.parent)
    for directory in run_directories(runs_dir):
        path = directory / SUMMARY_NAME
        if not path.is_file() and holder is not None and holder.run_id == directory.name:
            running = RunningRun(holder.run_id, holder.since, holder.pid)
            continue
        try:
            runs.append(_read(path))
        except FileNotFoundError:
            runs.append(_abandoned(directory))
        except (OSError, ValueError):
            damaged.append(directory.name)
    future = tuple(run for run in runs if is_of_the_future(run.finished_at, now))
    # By their ends: an id is of a start, and the clock may have been set right in between.
    past = [run for run in runs if run not in future]
    past.sort(key=lambda run: (run.finished_at, run.run_id), reverse=True)
    return History(tuple(past), running, tuple(damaged), future)


def settle_abandoned(runs_dir: Path) -> tuple[RunSummary, ...]:
    """Write the summaries that killed runs could not write. Needs the lock of the warehouse.

    Returns:
        What is known of them, newest first.
    """
    settled = []
    for directory in run_directories(runs_dir):
        if not (directory / SUMMARY_NAME).exists():
            summary = _abandoned(directory)
            settled.append(summary)
            with contextlib.suppress(OSError):  # a full disk: the next run tries again
                write_summary(directory, summary)
    return tuple(settled)


def _read(path: Path) -> RunSummary:
    try:
        found = _SUMMARY.validate_json(path.read_bytes())
    except ValidationError as error:
        message = f"{path} is no summary of a run"
        raise ValueError(message) from error
    # A file that was edited by hand may lack the zone; all times are UTC.
    return replace(
        found,
        started_at=found.started_at.replace(tzinfo=found.started_at.tzinfo or UTC),
        finished_at=found.finished_at.replace(tzinfo=found.finished_at.tzinfo or UTC),
    )


def _abandoned(directory: Path) -> RunSummary:
    """What is known of a run that was killed: when it began, and its last sign of life."""
    # What follows the second distinguishes runs, and in old names is no part of the time.
    second = directory.name.partition("_")[0]
    started_at = datetime.strptime(second, "%Y%m%dt%H%M%Sz").replace(tzinfo=UTC)
    finished_at, words = started_at, ""
    log = directory / LOG_NAME
    try:
        finished_at = min(datetime.fromtimestamp(log.stat().st_mtime, UTC), datetime.now(UTC))
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        words = f" The last line of its log: {lines[-1][:_MAX_LAST_WORDS]}" if lines else ""
    except OSError:
        pass  # killed before it could open its log
    version = version_path(directory.parents[1] / "versions", directory.name)
    what = "It had published by then" if version.exists() else "Nothing was published"
    return RunSummary(
        run_id=directory.name,
        status="failed",
        started_at=started_at,
        finished_at=max(started_at, finished_at),
        error="The run ended without a word: it was killed, ran out of memory, or the machine "
        f"went down. {what}; the next run starts afresh.{words}",
        error_type=ENDED_WITHOUT_A_WORD,
    )


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the data of a run are: checks that passed, rows that can be used.

    Attributes:
        passed: Checks of both gates and tests of dbt that passed.
        made: All that were made; skipped ones were not.
        usable: Rows and lines that the models use.
        received: All rows and lines of the run's tables.
    """

    passed: int
    made: int
    usable: int
    received: int

    @property
    def score(self) -> float | None:
        """Share of checks passed times share of rows usable; None where nothing was checked.

        A product, so that neither many good rows nor many good checks hide the other.
        """
        if not self.made:
            return None
        usable_share = self.usable / self.received if self.received else 1.0
        return self.passed / self.made * usable_share


def quality(summary: RunSummary) -> Quality:
    """The quality of one run's data; a check that warned has not passed."""
    gates = [gate for gate in summary.gates if gate.gate != "dbt"]
    dbt = summary.checks
    passed = dbt.passed + sum(gate.passed for gate in gates)
    not_passed = dbt.warned + dbt.failed + sum(gate.warned + gate.failed for gate in gates)
    received = sum(account.rows + account.rejected for account in summary.accounts)
    unusable = sum(account.unusable for account in summary.accounts)
    return Quality(passed, passed + not_passed, received - unusable, received)


@dataclass(frozen=True, slots=True)
class Objective:
    """A service level objective and how it is kept.

    Attributes:
        key: success_rate, freshness or quality_score.
        name: What people call it.
        goal: What it should be: a share, or for freshness a number of seconds.
        value: What it is, in the same unit; None where there is nothing to compute it from.
        is_met: Whether it is kept; None where ``value`` is.
        basis: What the value is computed from, in words.
    """

    key: Literal["success_rate", "freshness", "quality_score"]
    name: str
    goal: float
    value: float | None
    is_met: bool | None
    basis: str


def objectives(history: History, now: datetime, fresh_for: timedelta) -> tuple[Objective, ...]:
    """The three objectives at a moment.

    Args:
        history: The log of runs.
        now: The moment, with its zone.
        fresh_for: How old the newest version may be.
    """
    return (_success_rate(history, now), _freshness(history, now, fresh_for), _score(history))


def _success_rate(history: History, now: datetime) -> Objective:
    recent = [run for run in history.pipeline_runs if now - run.finished_at <= WINDOW]
    done = sum(run.status == "done" for run in recent)
    value = done / len(recent) if recent else None
    return Objective(
        "success_rate",
        "Runs that publish",
        SUCCESS_RATE_GOAL,
        value,
        None if value is None else value > SUCCESS_RATE_GOAL,
        f"{done} of {len(recent)} runs of the last {WINDOW.days} days",
    )


def _freshness(history: History, now: datetime, fresh_for: timedelta) -> Objective:
    newest = history.last_success
    goal = fresh_for.total_seconds()
    if newest is None:
        return Objective(
            "freshness", "Age of the data", goal, None, None, "no run has published yet"
        )
    # The data are as old as the start of the run that read them.
    age = max((now - min(newest.started_at, newest.finished_at)).total_seconds(), 0.0)
    return Objective(
        "freshness",
        "Age of the data",
        goal,
        age,
        age < goal,
        f"since the run of {newest.started_at:%d %b %Y, %H:%M} UTC started",
    )


def _score(history: History) -> Objective:
    checked = last_checked(history)
    found = None if checked is None else quality(checked)
    value = None if found is None else found.score
    if checked is None or found is None:
        basis = "no published run has made a check yet"
    else:
        basis = (
            f"{found.passed:,} of {found.made:,} checks, {found.usable:,} of "
            f"{found.received:,} rows, run of {checked.started_at:%d %b %Y, %H:%M} UTC"
        )
    return Objective(
        "quality_score",
        "Data quality score",
        QUALITY_SCORE_GOAL,
        value,
        None if value is None else value > QUALITY_SCORE_GOAL,
        basis,
    )


def last_checked(history: History) -> RunSummary | None:
    """The newest published run that tested; one without any change publishes what was."""
    return next(
        (
            run
            for run in history.pipeline_runs
            if run.status == "done" and not run.is_unchanged and quality(run).made
        ),
        None,
    )


def show(settings: Settings, most: int) -> int:
    """Print the last runs and the objectives; returns the exit code."""
    history = read_history(settings.runs_dir)
    fresh_for = timedelta(hours=settings.dashboards_fresh_hours)
    console = Terminal(width=None if sys.stdout.isatty() else 140)
    console.print(_runs_table(history, most))
    console.print(_objectives_table(objectives(history, datetime.now(UTC), fresh_for)))
    if history.future:
        ids = ", ".join(run.run_id for run in history.future)
        console.print(f"Left out, they are dated in the future, so a clock was wrong: {ids}")
    if history.damaged:
        console.print(f"Left out, their summaries are damaged: {', '.join(history.damaged)}")
    return EXIT_DONE


def _runs_table(history: History, most: int) -> Table:
    table = Table("Run", "Kind", "How it ended", title="The last runs, newest first")
    for name in ("Seconds", "Rows", "Checks passed", "Quality"):
        table.add_column(name, justify="right")
    if history.running is not None:
        since = f"{history.running.since:%Y-%m-%d %H:%M} UTC"
        table.add_row(history.running.run_id, "", f"at work since {since}", *("",) * 4)
    for run in history.runs[:most]:
        found = quality(run)
        table.add_row(
            run.run_id,
            run.kind,
            ended_words(run),
            f"{run.seconds:,.1f}",
            f"{sum(entry.rows for entry in run.tables):,}",
            f"{found.passed:,} of {found.made:,}",
            "" if found.score is None else f"{found.score:.2%}",
        )
    if not history.runs and history.running is None:
        table.add_row("There is no run yet: `make pipeline` makes one.", *("",) * 6)
    return table


def ended_words(run: RunSummary) -> str:
    """How a run ended, in a few words."""
    if is_interrupted(run):
        return "interrupted"
    if run.status == "failed":
        return f"failed: {run.error_type or 'unknown error'}"
    if run.kind == "validation":
        return "done"
    return "published, nothing had changed" if run.is_unchanged else "published"


def _objectives_table(found: Sequence[Objective]) -> Table:
    table = Table("Objective", "Goal", "Is", "Kept", "From", title="Objectives")
    for one in found:
        table.add_row(
            one.name,
            _goal_words(one),
            "n/a" if one.value is None else _value_words(one, one.value),
            {True: "yes", False: "NO", None: "n/a"}[one.is_met],
            one.basis,
        )
    return table


def _goal_words(one: Objective) -> str:
    sign = "<" if one.key == "freshness" else ">"
    return f"{sign} {_value_words(one, one.goal)}"


def _value_words(one: Objective, value: float) -> str:
    return f"{value / 3600:.1f} h" if one.key == "freshness" else f"{value:.1%}"
