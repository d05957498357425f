"""What the pipeline page shows of the log of runs: its figures, words and tiles.

The page is about runs, not about metrics, and reads for itself: the log also holds runs that
published nothing. Charts and tables are in ``runs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from dashboards.lib.tiles import Delta, Tile
from orchestration.runs import history as run_history
from orchestration.runs.history import History, Objective
from orchestration.runs.summary import CheckResult, RunSummary

Row = Mapping[str, Any]
# What a tile shows below its label: value, unit, changes, note.
Figure = tuple[str, str] | tuple[str, str, tuple[Delta, ...]] | tuple[str, str, tuple[()], str]

_MOST_ALARMS = 6
_FLAT_SECONDS = 0.05
# Rows of the data in the letters of a terminal, broken where the screen ends.
_ROWS = (
    "white-space:pre-wrap;overflow-wrap:anywhere;font-size:0.8rem;margin:0.25rem 0 0.5rem;"
    "padding:0.5rem 0.7rem;background:#fff;border:1px solid #e1e6ea;border-radius:6px"
)
# A reason is counted without the value in its brackets. Of rejected lines those of the last
# load of their table: earlier files are gone.
_UNUSABLE = """
    with unusable as (
        select
            table_name,
            'quarantined' as unusable_kind,
            reason,
            coalesce(row_key, '') as place,
            source_text as found
        from ops.quarantined_rows
        union all
        select table_name, 'rejected', reason, source_file || ' line ' || line_number, line_text
        from ops.rejected_lines
        where (table_name, batch_id) in (
            select (table_name, max(batch_id))
            from ops.load_audit
            where not is_skipped
            group by table_name
        )
    ),
    reasoned as (
        select * replace (regexp_replace(reason, ' \\([^()]*\\)', '', 'g') as reason)
        from unusable
    )
    select
        table_name as "table",
        unusable_kind,
        reason,
        count(*) as num_rows,
        min_by(place || ': ' || coalesce(found, ''), place) as example
    from reasoned
    group by table_name, unusable_kind, reason
    order by num_rows desc, table_name, unusable_kind, reason
"""


@dataclass(frozen=True)
class Log:
    """The pipeline at one moment.

    Attributes:
        now: The moment, UTC.
        history: All runs on record.
        shown: Of these the newest, newest first; validations and interrupted ones included.
        timeline: Of these the ones that were to publish, as rows, oldest first.
        objectives: Success rate, freshness, quality score.
        info: The published version, or None for ``problem``.
        problem: Why nothing can be read.
        unusable: What the published version leaves out, by table and reason, the most first.
    """

    now: datetime
    history: History
    shown: tuple[RunSummary, ...]
    timeline: tuple[Row, ...]
    objectives: tuple[Objective, ...]
    info: PublishedInfo | None
    problem: str | None
    unusable: tuple[Row, ...]

    def published(self, having: str = "run_id") -> list[Row]:
        """The rows of the timeline that published, and have something."""
        return [row for row in self.timeline if not row["is_failed"] and row[having]]

    @property
    def usual_seconds(self) -> float | None:
        """The median duration of the published runs before the newest."""
        earlier = [row["seconds"] for row in self.published()[:-1] if not row["is_unchanged"]]
        return median(earlier) if earlier else None

    @property
    def period(self) -> Period:
        """The days of the shown runs."""
        days = [run.started_at.date() for run in self.shown] or [self.now.date()]
        return Period(min(days), max(days))


def load(
    published_path: Path,
    runs_dir: Path,
    fresh_for: timedelta,
    num_runs: int = 30,
    now: datetime | None = None,
) -> Log:
    """Read the log of runs, and the published version where there is one.

    Args:
        published_path: The published warehouse.
        runs_dir: The log of runs.
        fresh_for: How old the newest version may be.
        num_runs: How many runs are shown.
        now: The moment, UTC; the clock's where it is None.
    """
    moment, history = now or datetime.now(UTC), run_history.read_history(runs_dir)
    shown = history.runs[:num_runs]
    info: PublishedInfo | None = None
    problem: str | None = None
    unusable: tuple[Row, ...] = ()
    try:
        with published(published_path) as connection:
            info = read_info(connection)
            cursor = connection.execute(_UNUSABLE)
            names = [column[0] for column in cursor.description or ()]
            unusable = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    except DashboardDataError as error:  # the runs are shown all the same
        problem = str(error)
    timeline = (
        row_of(run)
        for run in reversed(shown)
        if run.kind == "pipeline" and not run_history.is_interrupted(run)
    )
    found = run_history.objectives(history, moment, fresh_for)
    return Log(moment, history, shown, tuple(timeline), found, info, problem, unusable)


def row_of(run: RunSummary) -> dict[str, Any]:
    """A run as a row: its end, checks and rows, the seconds of stages, the rows of layers."""
    found = run_history.quality(run)
    return {
        **{stage.name: stage.seconds for stage in run.stages},
        **run.rows_by_schema(),
        "run_id": run.run_id,
        "started": run.started_at,
        "started_utc": f"{run.started_at:%Y-%m-%d %H:%M:%S}",
        "run_kind": run.kind,
        "ended": run_history.ended_words(run),
        "seconds": run.seconds,
        "last_stage": run.stages[-1].name if run.stages else None,
        "source": run.source,
        "tables": {(table.schema, table.name): table.rows for table in run.tables},
        "num_rows": sum(table.rows for table in run.tables) or None,
        "checks_passed": found.passed,
        "checks_made": found.made,
        "checks_warned": run.checks.warned + sum(gate.warned for gate in run.gates),
        "checks_failed": run.checks.failed + sum(gate.failed for gate in run.gates),
        "quality_score": found.score,
        "num_received": found.received,
        "num_unusable": found.received - found.usable,
        "num_quarantined": sum(account.quarantined for account in run.accounts),
        "num_rejected": sum(account.rejected for account in run.accounts),
        "error": (run.error or "").strip() or None,
        "is_failed": run.status == "failed",
        "is_unchanged": run.is_unchanged,
    }


# Words


def seconds(value: float) -> str:
    """A duration in words: ``26.9 s``, ``12.5 min``."""
    is_short = value < 120  # noqa: PLR2004 - two minutes
    return f"{fmt.number(value, 1)} s" if is_short else f"{fmt.number(value / 60, 1)} min"


def plural(count: int, noun: str) -> str:
    """A count with its noun: ``1 run``, ``3 runs``."""
    return f"{fmt.count(count)} {noun if count == 1 else f'{noun}s'}"


def age(value: timedelta) -> str:
    """A duration in words: ``40 minutes``, ``5.2 hours``, ``3 days``."""
    hours = max(value.total_seconds(), 0) / 3600
    if hours < 1:
        return plural(int(hours * 60), "minute")
    is_short = hours < 48  # noqa: PLR2004 - two days
    return f"{fmt.number(hours, 1)} hours" if is_short else plural(int(hours / 24), "day")


def lead(log: Log) -> str:
    """How the last run ended and which objectives are kept, in a few sentences."""
    run = log.history.last
    if run is None:
        return "No run has ended yet."
    known = [one for one in log.objectives if one.is_met is not None]
    missed = [one.name.lower() for one in known if not one.is_met]
    kept = f"{len(known) - len(missed)} of {plural(len(known), 'objective')} are kept"
    verb = "failed" if run.status == "failed" else "was done"
    tail = f"; missed: {', '.join(missed)}" if missed else ""
    return f"The last run {verb} {age(log.now - run.finished_at)} ago. {kept}{tail}."


def alarm(log: Log) -> str | None:
    """What went wrong in the last run, as HTML; None where it was done."""
    last = log.history.last
    if last is None or last.status != "failed":
        return None
    stage = fmt.name(last.stages[-1].name).lower() if last.stages else "its start"
    critical = [one for one in last.problems if one.severity == "critical"]
    error = (last.error or "").strip()
    if critical:  # they say it, one by one
        error = error.partition("\n")[0]
    seen = f"version {log.info.run_id}." if log.info else "nothing: no version is published."
    more = len(critical) - _MOST_ALARMS
    reports = ", ".join(gate.report.name for gate in last.gates if gate.report)
    parts = (
        '<div class="dw-message dw-warn" role="alert" data-alarm="failed">',
        f"<h2>The last run failed at {escape(stage)}</h2>",
        f"<p>{escape(last.error_type or 'Unknown error')}, run {escape(last.run_id)}. ",
        f"Readers see {escape(seen)}</p>",
        f'<pre style="{_ROWS}">{escape(error)}</pre>' if error else "",
        *(_problem(one) for one in critical[:_MOST_ALARMS]),
        f"<p>And {more} more; the table of checks below has all.</p>" if more > 0 else "",
        f"<p>Its log: runs/{escape(last.run_id)}/run.log of the warehouse directory.",
        f" Beside it: {escape(reports)}." if reports else "",
        " What to do: docs/runbook.md, <i>The run failed</i>.</p></div>",
    )
    return "".join(parts)


def _problem(one: CheckResult) -> str:
    rows = "" if one.num_unexpected is None else f" ({plural(one.num_unexpected, 'row')})"
    sample = f'<pre style="{_ROWS}">{escape(chr(10).join(one.sample))}</pre>'
    return (
        f"<p><b>{escape(one.name)}</b> on {escape(one.table or 'several tables')}{rows}. "
        f"Expected: {escape(one.expected)}. Found: {escape(one.observed)}. "
        f"{escape(one.advice)}</p>{sample if one.sample else ''}"
    )


# Tiles


def tiles(log: Log) -> tuple[Tile, ...]:
    """The tiles, in the order of the questions; one without a figure says why."""
    not_published, missing = "no run has published yet", fmt.NOT_AVAILABLE
    return (
        Tile("last_run", "Last run", *(_last_run(log) or (missing, "none has ended yet"))),
        *(_objective(one) for one in log.objectives),
        Tile("as_of", "Data as of", *(_as_of(log) or (missing, "nothing is published"))),
        Tile("duration", "Duration", *(_duration(log) or (missing, not_published))),
        Tile("rows", "Rows published", *(_rows(log) or (missing, not_published))),
        Tile("unusable", "Rows unusable", *(_unusable(log) or (missing, "none counted yet"))),
        Tile("checks", "Checks passed", *(_checks(log) or (missing, "none made yet"))),
        Tile("now", "Now", *(_at_work(log) or ("Idle", "no run is at work"))),
    )


def _last_run(log: Log) -> Figure | None:
    if (last := log.history.last) is None:
        return None
    ended = f"{fmt.moment(last.finished_at)}, {age(log.now - last.finished_at)} ago"
    word = "Failed" if last.status == "failed" else "Done"
    return word, ended, (), run_history.ended_words(last)


def _objective(one: Objective) -> Tile:
    value, goal = fmt.NOT_AVAILABLE, f"above {fmt.percent(one.goal, 0)}"
    if one.key == "freshness":
        goal = f"below {fmt.number(one.goal / 3600)} hours"
    if one.value is not None and one.key == "freshness":
        value = age(timedelta(seconds=one.value))
    elif one.value is not None:
        value = fmt.percent(one.value)
    delta = Delta(f"objective {goal}", reason="nothing to compute it from")
    if one.is_met is not None:
        word = "kept" if one.is_met else "missed"
        delta = Delta(f"objective {goal}", word, "none", is_good=one.is_met)
    return Tile(one.key, one.name, value, one.basis, (delta,))


def _as_of(log: Log) -> Figure | None:
    if log.info is None:
        return None
    return fmt.day(log.info.as_of_date), f"version of {fmt.moment(log.info.built_at)}"


def _duration(log: Log) -> Figure | None:
    if not (rows := log.published()):
        return None
    newest, usual = rows[-1], log.usual_seconds
    delta = Delta("the median of the runs before", reason="the first run")
    if usual is not None:
        change = newest["seconds"] - usual
        change = 0.0 if abs(change) < _FLAT_SECONDS else change
        delta = _delta(delta.against, change, seconds(abs(change)))
        if change and not newest["is_unchanged"]:
            delta = replace(delta, is_good=change < 0)
    return seconds(newest["seconds"]), f"run of {fmt.moment(newest['started'])}", (delta,)


def _rows(log: Log) -> Figure | None:
    if not (rows := log.published("num_rows")):
        return None
    delta = Delta("the version before", reason="the first version")
    if len(rows) > 1:
        change = rows[-1]["num_rows"] - rows[-2]["num_rows"]
        delta = _delta(delta.against, change, fmt.count(abs(change)))
    unit = f"in {plural(len(rows[-1]['tables']), 'table')}, all layers"
    return fmt.count(rows[-1]["num_rows"]), unit, (delta,)


def _delta(against: str, change: float, words: str) -> Delta:
    if not change:
        return Delta(against, words)
    return Delta(against, words, "up" if change > 0 else "down")


def _unusable(log: Log) -> Figure | None:
    if not (rows := log.published("num_received")):
        return None
    of = f"quarantined or rejected, of {fmt.count(rows[-1]['num_received'])}"
    return fmt.count(rows[-1]["num_unusable"]), of


def _checks(log: Log) -> Figure | None:
    if (run := run_history.last_checked(log.history)) is None:
        return None
    found = run_history.quality(run)
    value = f"{fmt.count(found.passed)} of {fmt.count(found.made)}"
    return value, f"gates and dbt's tests, run of {fmt.moment(run.started_at)}"


def _at_work(log: Log) -> Figure | None:
    if (running := log.history.running) is None:
        return None
    return "At work", f"since {fmt.moment(running.since)}, {age(log.now - running.since)}"
