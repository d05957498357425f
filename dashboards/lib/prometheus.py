"""What a monitoring server may ask at /metrics: the log of runs in Prometheus' own form.

Every figure is one of the log of runs and its objectives (``orchestration.runs.history``); none
is computed here. No run id is a label: each would be a time series of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from orchestration.runs.history import History, last_checked, objectives, read_history
from orchestration.runs.summary import RunSummary
from orchestration.warehouse.backup_age import NewestBackup, newest_backup

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "olist_dw_"


def metrics(
    runs_dir: Path,
    fresh_for: timedelta,
    now: datetime | None = None,
    *,
    backups_dir: Path | None = None,
) -> bytes:
    """All metrics of a warehouse as text.

    Args:
        runs_dir: The log of runs.
        fresh_for: How old the newest version may be.
        now: The moment, UTC; the clock's where it is None.
        backups_dir: The backups, if their age is of interest.
    """
    moment = now or datetime.now(UTC)
    registry = CollectorRegistry()
    registry.register(_Runs(read_history(runs_dir, moment), fresh_for, moment))
    if backups_dir is not None:
        registry.register(_Backups(newest_backup(backups_dir, moment), moment))
    return generate_latest(registry)


class _Backups(Collector):
    """The newest backup at one moment."""

    def __init__(self, newest: NewestBackup | None, now: datetime) -> None:
        self._newest = newest
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Its age; nothing where there is no backup."""
        if self._newest is not None:
            made = self._newest.created_at
            yield _one("last_backup_timestamp_seconds", "When it was made", made.timestamp())
            age = (self._now - made).total_seconds()
            yield _one("backup_age_seconds", "Age of the newest backup", age)


class _Runs(Collector):
    """The log of runs at one moment."""

    def __init__(self, history: History, fresh_for: timedelta, now: datetime) -> None:
        self._history = history
        self._fresh_for = fresh_for
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All metrics; one that nothing is known of is left out."""
        history = self._history
        running = 0.0 if history.running is None else 1.0
        yield _one("run_in_progress", "1 while a run is at work", running)
        if history.last is not None:
            yield from _last_run(history.last)
        if history.last_success is not None:
            yield from _last_success(history.last_success)
        checked = last_checked(history)
        if checked is not None:
            yield _checks(checked)
        yield from self._objectives()

    def _objectives(self) -> Iterator[GaugeMetricFamily]:
        names = {
            "success_rate": ("run_success_ratio", "Runs of the last 30 days that published"),
            "freshness": ("freshness_seconds", "Age of the newest version"),
            "quality_score": ("quality_score", "Share of checks passed times of rows usable"),
        }
        kept = GaugeMetricFamily(
            f"{_PREFIX}objective_met", "1 where an objective is kept", labels=["objective"]
        )
        for one in objectives(self._history, self._now, self._fresh_for):
            if one.value is None:
                continue
            yield _one(*names[one.key], one.value)
            kept.add_metric([one.key], float(bool(one.is_met)))
        yield kept


def _last_run(run: RunSummary) -> Iterable[GaugeMetricFamily]:
    yield _one("last_run_success", "1 if the last run was done", float(run.status == "done"))
    yield _one(
        "last_run_timestamp_seconds", "When the last run ended", run.finished_at.timestamp()
    )
    yield _one("last_run_duration_seconds", "How long the last run took", run.seconds)
    stages = GaugeMetricFamily(
        f"{_PREFIX}last_run_stage_duration_seconds",
        "How long each stage of the last run took",
        labels=["stage"],
    )
    seconds: dict[str, float] = {}
    for stage in run.stages:  # one may have been tried twice
        seconds[stage.name] = seconds.get(stage.name, 0.0) + stage.seconds
    for name, value in seconds.items():
        stages.add_metric([name], value)
    yield stages


def _last_success(run: RunSummary) -> Iterable[GaugeMetricFamily]:
    yield _one(
        "last_success_timestamp_seconds",
        "When the last run that published ended",
        run.finished_at.timestamp(),
    )
    rows = GaugeMetricFamily(
        f"{_PREFIX}table_rows", "Rows that were published", labels=["schema", "table"]
    )
    for table in run.tables:
        rows.add_metric([table.schema, table.name], table.rows)
    yield rows
    quarantined = GaugeMetricFamily(
        f"{_PREFIX}quarantined_rows", "Rows that cannot be used", labels=["table"]
    )
    rejected = GaugeMetricFamily(
        f"{_PREFIX}rejected_lines", "Lines that could not be read", labels=["table"]
    )
    for account in run.accounts:
        quarantined.add_metric([account.name], account.quarantined)
        rejected.add_metric([account.name], account.rejected)
    yield quarantined
    yield rejected
    if run.as_of_date is not None:
        day = datetime.combine(run.as_of_date, time(), UTC)
        text = "The day the figures look back from, at midnight UTC"
        yield _one("as_of_date_timestamp_seconds", text, day.timestamp())


def _checks(run: RunSummary) -> GaugeMetricFamily:
    checks = GaugeMetricFamily(
        f"{_PREFIX}checks",
        "Checks of the newest published run that tested, by how they ended",
        labels=["gate", "status"],
    )
    counts = {
        gate.gate: {"passed": gate.passed, "warned": gate.warned, "failed": gate.failed}
        for gate in run.gates
    }
    dbt = run.checks
    counts["dbt"] = {
        "passed": dbt.passed,
        "warned": dbt.warned,
        "failed": dbt.failed,
        "skipped": dbt.skipped,
    }
    for gate, by_status in counts.items():
        for status, count in by_status.items():
            checks.add_metric([gate, status], count)
    return checks


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}{name}", text, value=value)
