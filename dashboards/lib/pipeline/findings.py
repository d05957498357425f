"""The titles of the pipeline page's charts: findings made from the figures they show."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.pipeline.data import PipelineData, unusable_rows
from orchestration.run_history import QUALITY_SCORE_GOAL, quality


def seconds(value: float | None) -> str:
    """A duration in words: ``26.9 s``, ``12.5 min``."""
    if value is None:
        return fmt.NOT_AVAILABLE
    if value < 120:  # noqa: PLR2004 - two minutes
        return f"{fmt.number(value, 1)} s"
    return f"{fmt.number(value / 60, 1)} min"


def plural(count: int, noun: str) -> str:
    """A count with its noun: ``1 run``, ``3 runs``."""
    return f"{fmt.count(count)} {noun if count == 1 else f'{noun}s'}"


def durations(data: PipelineData) -> str:
    """How the newest published run compares with those before it."""
    if not data.published_runs:
        return "No run has published yet"
    newest, usual = data.published_runs[-1].seconds, data.earlier_seconds
    if usual is None:
        return f"The first run took {seconds(newest)}"
    return f"The last run that published took {seconds(newest)}; {seconds(usual)} is usual"


def volume(data: PipelineData) -> str:
    """How the rows of the newest published run compare with the one before."""
    runs = [run for run in data.published_runs if run.tables]
    if not runs:
        return "No rows are on record yet"
    totals = [sum(table.rows for table in run.tables) for run in runs[-2:]]
    if len(totals) == 1:
        return f"The first version holds {fmt.count(totals[0])} rows"
    change = totals[1] - totals[0]
    moved = "as many as" if not change else f"{fmt.count(abs(change))} {_more(change)}"
    return f"{fmt.count(totals[1])} rows, {moved} the version before"


def _more(change: int) -> str:
    return "more than" if change > 0 else "fewer than"


def score(data: PipelineData) -> str:
    """Whether the data quality score keeps its objective."""
    objective = next(one for one in data.objectives if one.key == "quality_score")
    if objective.value is None:
        return "Nothing has been checked yet"
    word = "keeps" if objective.is_met else "misses"
    goal = fmt.percent(QUALITY_SCORE_GOAL, 0)
    return (
        f"The data quality score of {fmt.percent(objective.value, 2)} {word} its goal of {goal}"
    )


def checks(data: PipelineData) -> str:
    """How many checks of the newest run did not pass."""
    runs = [run for run in data.timeline if quality(run).made]
    if not runs:
        return "Nothing has been checked yet"
    found = quality(runs[-1])
    if found.passed == found.made:
        return f"All {fmt.count(found.made)} checks of the last run passed"
    failed = found.made - found.passed
    return f"{fmt.count(failed)} of {fmt.count(found.made)} checks of the last run did not pass"


def unusable(data: PipelineData) -> str:
    """What is left out of the published version."""
    if data.info is None:
        return "Nothing is published, so nothing is left out"
    if not data.unusable:
        return "Every row that arrived can be used"
    count = sum(one.num_rows for one in data.unusable)
    tables = len({one.table for one in data.unusable})
    return f"{plural(count, 'row')} of {plural(tables, 'table')} cannot be used"


def unusable_trend(data: PipelineData) -> str:
    """Whether more rows cannot be used than before."""
    runs = [run for run in data.timeline if run.accounts]
    if not runs:
        return "No rows have been counted yet"
    now, total = unusable_rows(runs[-1])
    return (
        f"{fmt.percent(now / total if total else 0.0, 3)} of the last run's rows are unusable"
    )


def slowest(data: PipelineData, *, tests: bool) -> str:
    """The slowest test or model."""
    found = data.slowest(tests=tests)
    what = "test" if tests else "model"
    if not found:
        return f"No {what} has been timed yet"
    total = sum(node.seconds for node in found)
    return (
        f"The slowest {what} takes {seconds(found[0].seconds)} of {seconds(total)} "
        f"that all {fmt.count(len(found))} take"
    )
