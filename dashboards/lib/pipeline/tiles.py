"""The answer: the tiles of the pipeline page and its opening sentence."""

from __future__ import annotations

from datetime import timedelta

from dashboards.lib import format as fmt
from dashboards.lib.pipeline.data import PipelineData, unusable_rows
from dashboards.lib.pipeline.findings import plural, seconds
from dashboards.lib.tiles import Delta, Tile
from orchestration.run_history import Objective, ended_words, last_checked, quality
from orchestration.run_summary import RunSummary

_FLAT_SECONDS = 0.05


def tiles(data: PipelineData) -> tuple[Tile, ...]:
    """The tiles, in the order of the questions."""
    return (
        _last_run(data),
        *(_objective(one) for one in data.objectives),
        _as_of(data),
        _duration(data),
        _rows(data),
        _unusable(data),
        _checks(data),
        _now(data),
    )


def _last_run(data: PipelineData) -> Tile:
    last = data.last
    if last is None:
        return Tile("last_run", "Last run", fmt.NOT_AVAILABLE, "none has ended yet")
    word = {"done": "Done", "failed": "Failed"}[last.status]
    return Tile(
        "last_run",
        "Last run",
        word,
        f"{fmt.moment(last.finished_at)}, {age(data.now - last.finished_at)} ago",
        note=ended_words(last),
    )


def _objective(one: Objective) -> Tile:
    is_age = one.key == "freshness"
    value = fmt.NOT_AVAILABLE
    if one.value is not None:
        value = age(timedelta(seconds=one.value)) if is_age else fmt.percent(one.value, 1)
    goal = (
        f"below {fmt.number(one.goal / 3600)} hours"
        if is_age
        else f"above {fmt.percent(one.goal, 0)}"
    )
    if one.is_met is None:
        delta = Delta(f"objective {goal}", reason="nothing to tell from")
    else:
        word = "kept" if one.is_met else "missed"
        delta = Delta(f"objective {goal}", word, "none", is_good=one.is_met)
    return Tile(one.key, one.name, value, one.basis, (delta,))


def _as_of(data: PipelineData) -> Tile:
    if data.info is None:
        return Tile("as_of", "Data as of", fmt.NOT_AVAILABLE, "nothing is published")
    return Tile(
        "as_of",
        "Data as of",
        fmt.day(data.info.as_of_date),
        f"version of {fmt.moment(data.info.built_at)}",
    )


def _duration(data: PipelineData) -> Tile:
    runs = data.published_runs
    if not runs:
        return Tile("duration", "Duration", fmt.NOT_AVAILABLE, "no run has published yet")
    newest, usual = runs[-1], data.earlier_seconds
    against = "the median of the runs before"
    if usual is None:
        delta = Delta(against, reason="the first run")
    else:
        change = newest.seconds - usual
        is_flat = abs(change) < _FLAT_SECONDS
        delta = Delta(
            against,
            seconds(abs(change)),
            "flat" if is_flat else "up" if change > 0 else "down",
            None if is_flat or newest.is_unchanged else change < 0,
        )
    return Tile("duration", "Duration", seconds(newest.seconds), _of(newest), (delta,))


def _rows(data: PipelineData) -> Tile:
    runs = [run for run in data.published_runs if run.tables]
    if not runs:
        return Tile("rows", "Rows published", fmt.NOT_AVAILABLE, "no run has published yet")
    now = _total(runs[-1])
    against = "the version before"
    if len(runs) == 1:
        delta = Delta(against, reason="the first version")
    else:
        change = now - _total(runs[-2])
        direction = "up" if change > 0 else "down" if change < 0 else "flat"
        delta = Delta(against, fmt.count(abs(change)), direction)  # type: ignore[arg-type]
    unit = f"in {plural(len(runs[-1].tables), 'table')}, all layers"
    return Tile("rows", "Rows published", fmt.count(now), unit, (delta,))


def _total(run: RunSummary) -> int:
    return sum(table.rows for table in run.tables)


def _unusable(data: PipelineData) -> Tile:
    runs = [run for run in data.published_runs if run.accounts]
    if not runs:
        return Tile("unusable", "Rows unusable", fmt.NOT_AVAILABLE, "none counted yet")
    count, total = unusable_rows(runs[-1])
    return Tile(
        "unusable",
        "Rows unusable",
        fmt.count(count),
        f"quarantined or rejected, of {fmt.count(total)}",
    )


def _checks(data: PipelineData) -> Tile:
    run = last_checked(data.history)
    if run is None:
        return Tile("checks", "Checks passed", fmt.NOT_AVAILABLE, "none made yet")
    found = quality(run)
    return Tile(
        "checks",
        "Checks passed",
        f"{fmt.count(found.passed)} of {fmt.count(found.made)}",
        f"gates and dbt's tests, {_of(run)}",
    )


def _now(data: PipelineData) -> Tile:
    running = data.history.running
    if running is None:
        return Tile("now", "Now", "Idle", "no run is at work")
    return Tile(
        "now",
        "Now",
        "At work",
        f"since {fmt.moment(running.since)}, {age(data.now - running.since)}",
    )


def _of(run: RunSummary) -> str:
    return f"run of {fmt.moment(run.started_at)}"


def age(value: timedelta) -> str:
    """A duration in words: ``40 minutes``, ``5.2 hours``, ``3 days``."""
    hours = max(value.total_seconds(), 0) / 3600
    if hours < 1:
        return plural(int(hours * 60), "minute")
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{fmt.number(hours, 1)} hours"
    return plural(int(hours / 24), "day")


def lead(data: PipelineData) -> str:
    """The answer in a few sentences."""
    if data.last is None:
        return "No run has ended yet."
    kept = [one for one in data.objectives if one.is_met]
    known = [one for one in data.objectives if one.is_met is not None]
    missed = [one.name.lower() for one in known if not one.is_met]
    words = f"{len(kept)} of {plural(len(known), 'objective')} are kept"
    if missed:
        words += f"; missed: {', '.join(missed)}"
    run = data.last
    verb = "failed" if run.status == "failed" else "was done"
    return f"The last run {verb} {age(data.now - run.finished_at)} ago. {words}."
