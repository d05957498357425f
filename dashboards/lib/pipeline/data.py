"""What the pipeline page shows: the log of runs, and what the published version leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from dashboards.lib.periods import Period
from dashboards.lib.queries.pipeline import Unusable, read_unusable
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from orchestration.run_history import (
    History,
    Objective,
    is_interrupted,
    objectives,
    read_history,
)
from orchestration.run_summary import NodeTime, RunSummary

# How many runs the page can look back on; the first is what it opens with.
RUNS_SHOWN = (30, 10, 50)
_TESTS = ("test", "unit_test")


@dataclass(frozen=True)
class PipelineData:
    """The pipeline at one moment.

    Attributes:
        now: The moment, UTC.
        history: All runs on record.
        shown: Of these the newest, newest first; validations and interrupted ones included.
        objectives: Success rate, freshness, quality score.
        info: The published version, or None for ``problem``.
        problem: Why nothing can be read.
        unusable: What the published version leaves out.
    """

    now: datetime
    history: History
    shown: tuple[RunSummary, ...]
    objectives: tuple[Objective, ...]
    info: PublishedInfo | None
    problem: str | None
    unusable: tuple[Unusable, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there was no run yet."""
        return not self.history.runs

    @property
    def last(self) -> RunSummary | None:
        """The newest run that ended by itself."""
        return self.history.last

    @property
    def timeline(self) -> tuple[RunSummary, ...]:
        """The shown runs that were to publish, oldest first."""
        runs = [r for r in self.shown if r.kind == "pipeline" and not is_interrupted(r)]
        return tuple(reversed(runs))

    @property
    def published_runs(self) -> tuple[RunSummary, ...]:
        """Those of the timeline that published."""
        return tuple(run for run in self.timeline if run.status == "done")

    @property
    def earlier_seconds(self) -> float | None:
        """The usual duration: the median of the published runs before the newest."""
        seconds = [run.seconds for run in self.published_runs[:-1] if not run.is_unchanged]
        return median(seconds) if seconds else None

    @property
    def timed(self) -> RunSummary | None:
        """The newest run that built or tested something."""
        return next((run for run in self.shown if run.nodes), None)

    def slowest(self, *, tests: bool) -> tuple[NodeTime, ...]:
        """The tests, or the other nodes, of that run, the slowest first."""
        nodes = [] if self.timed is None else self.timed.nodes
        found = [node for node in nodes if (node.kind in _TESTS) == tests]
        return tuple(sorted(found, key=lambda node: (-node.seconds, node.name)))

    @property
    def period(self) -> Period:
        """The days of the shown runs."""
        days = [run.started_at.date() for run in self.shown]
        return Period(min(days), max(days)) if days else Period(self._today, self._today)

    @property
    def _today(self) -> date:
        return self.now.date()


def load(
    published_path: Path,
    runs_dir: Path,
    fresh_for: timedelta,
    num_runs: int = RUNS_SHOWN[0],
    now: datetime | None = None,
) -> PipelineData:
    """Read the log of runs, and the published version where there is one.

    Args:
        published_path: The published warehouse.
        runs_dir: The log of runs.
        fresh_for: How old the newest version may be.
        num_runs: How many runs are shown.
        now: The moment, UTC; the clock's where it is None.
    """
    moment = now or datetime.now(UTC)
    history = read_history(runs_dir)
    info: PublishedInfo | None = None
    problem: str | None = None
    unusable: tuple[Unusable, ...] = ()
    try:
        with published(published_path) as connection:
            info = read_info(connection)
            unusable = read_unusable(connection)
    except DashboardDataError as error:  # the runs are told of all the same
        problem = str(error)
    return PipelineData(
        now=moment,
        history=history,
        shown=history.runs[:num_runs],
        objectives=objectives(history, moment, fresh_for),
        info=info,
        problem=problem,
        unusable=unusable,
    )


def rows_by_layer(run: RunSummary, layers: tuple[str, ...]) -> tuple[int, ...]:
    """Rows that a run published, by schema."""
    found = run.rows_by_schema()
    return tuple(found.get(layer, 0) for layer in layers)


def unusable_rows(run: RunSummary) -> tuple[int, int]:
    """Rows and lines of a run that cannot be used, and all of them."""
    unusable = sum(account.unusable for account in run.accounts)
    return unusable, sum(account.rows + account.rejected for account in run.accounts)
