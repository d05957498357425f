"""The charts and tables of the pipeline page, from the rows of its log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

import marimo as mo
import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import render, theme
from dashboards.lib.cards import Chart, Panel, chart_cards, table_tabs
from dashboards.lib.charts import Axis, Rank, ranked_rows
from dashboards.lib.parts.pipeline import Log, Row, lead, plural, row_of, seconds, tiles
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, heading, message, tile_grid
from orchestration.runs.history import QUALITY_SCORE_GOAL
from orchestration.runs.summary import NodeTime

_TICKS = 4
_FEW = 4
_RANKED = 10
_LONGEST_NAME = 24
_COUNT = Axis(tick_format="~s", from_zero=True)
_SECONDS = Axis(suffix=" s", tick_format="~f", from_zero=True)


def charts(log: Log) -> tuple[Chart, ...]:
    """The cards, in the order of the questions."""
    *by_run, trend = (_by_run(log, spec) for spec in _BY_RUN)
    slowest = (_slowest(log, tests=tests) for tests in (False, True))
    return (*by_run, _left_out(log), trend, *slowest)


# By run


@dataclass(frozen=True)
class _ByRun:
    """A card of bars by run, stacked of parts, or of a line.

    Attributes:
        key: Stable name.
        subtitle: What is drawn.
        finding: What it shows, from the runs that are drawn.
        parts: Columns of a run, each with its legend.
        having: A run without it is left out.
        words: How a value is written.
        axis: The unit; of a few counts none but whole numbers.
        goal: A line to keep above.
    """

    key: str
    subtitle: str
    finding: Callable[[Log, Sequence[Row]], str]
    parts: Mapping[str, Key]
    having: str
    words: Callable[[Any], str] = fmt.count
    axis: Axis = _COUNT
    goal: float | None = None


def _durations(log: Log, _: Sequence[Row]) -> str:
    if not (rows := log.published()):
        return "No run has published yet"
    newest, usual = seconds(rows[-1]["seconds"]), log.usual_seconds
    if usual is None:
        return f"The first run took {newest}"
    return f"The last run that published took {newest}; {seconds(usual)} is usual"


def _volume(_: Log, rows: Sequence[Row]) -> str:
    if not rows:
        return "No rows are on record yet"
    total = rows[-1]["num_rows"]
    if len(rows) == 1:
        return f"The first version holds {fmt.count(total)} rows"
    change = total - rows[-2]["num_rows"]
    moved = f"{fmt.count(abs(change))} {'more' if change > 0 else 'fewer'} than"
    return f"{fmt.count(total)} rows, {moved if change else 'as many as'} the version before"


def _score(log: Log, _: Sequence[Row]) -> str:
    found = next(one for one in log.objectives if one.key == "quality_score")
    if found.value is None:
        return "Nothing has been checked yet"
    verb, goal = "keeps" if found.is_met else "misses", fmt.percent(found.goal, 0)
    return f"The data quality score of {fmt.percent(found.value, 2)} {verb} its goal of {goal}"


def _checks(_: Log, rows: Sequence[Row]) -> str:
    if not rows:
        return "Nothing has been checked yet"
    made, passed = rows[-1]["checks_made"], rows[-1]["checks_passed"]
    if passed == made:
        return f"All {fmt.count(made)} checks of the last run passed"
    failed = fmt.count(made - passed)
    return f"{failed} of {fmt.count(made)} checks of the last run did not pass"


def _trend(_: Log, rows: Sequence[Row]) -> str:
    if not rows:
        return "No rows have been counted yet"
    share = rows[-1]["num_unusable"] / rows[-1]["num_received"]
    return f"{fmt.percent(share, 3)} of the last run's rows are unusable"


_STAGES = {
    "prepare": theme.MUTED, "extract": theme.BLUE, "check_raw": theme.PURPLE,
    "transform": theme.ORANGE, "check_marts": theme.SKY, "publish": theme.GREEN,
}  # fmt: skip
_LAYERS = {
    "raw": theme.BLUE, "staging": theme.SKY, "intermediate": theme.INCOMPLETE,
    "history": theme.PURPLE, "core": theme.GREEN, "marts": theme.ORANGE, "ops": theme.MUTED,
}  # fmt: skip
_BY_RUN = (
    _ByRun(
        "durations",
        "Seconds of each run by stage; a run without any change builds nothing",
        _durations,
        {name: Key(fmt.name(name), colour) for name, colour in _STAGES.items()},
        "run_id",
        seconds,
        _SECONDS,
    ),
    _ByRun(
        "volume",
        "Rows of the tables of each published version, by layer; views hold none",
        _volume,
        {name: Key(name, colour) for name, colour in _LAYERS.items()},
        "num_rows",
    ),
    _ByRun(
        "score",
        "Share of checks passed times share of rows usable, by run that tested; the axis does "
        "not start at 0",
        _score,
        {"quality_score": Key("Score", theme.BLUE, "line")},
        "checks_made",
        lambda value: fmt.percent(value, 2),
        Axis(tick_format=".1%"),
        goal=QUALITY_SCORE_GOAL,
    ),
    _ByRun(
        "checks",
        "Checks of the gates and of dbt that did not pass, by run that tested",
        _checks,
        {
            "checks_warned": Key("Warned, published", theme.ORANGE),
            "checks_failed": Key("Failed, stopped", theme.VERMILION),
        },
        "checks_made",
    ),
    _ByRun(
        "unusable_trend",
        "Rows in quarantine and lines rejected, by run",
        _trend,
        {
            "num_quarantined": Key("Quarantined", theme.ORANGE),
            "num_rejected": Key("Rejected", theme.VERMILION),
        },
        "num_received",
    ),
)


def _by_run(log: Log, spec: _ByRun) -> Chart:
    rows = [row for row in log.timeline if row[spec.having]]
    parts = {name: key for name, key in spec.parts.items() if any(r.get(name) for r in rows)}
    if not parts:  # the finding says it all
        return Chart(spec.key, spec.finding(log, rows), spec.subtitle, ())
    runs, figure = [row["run_id"] for row in rows], go.Figure()
    for name, key in parts.items():
        values = [row.get(name, 0) for row in rows]
        shown = {
            "x": runs,
            "y": values,
            "name": key.label,
            "marker": {"color": key.colour} | ({"size": 8} if key.shape == "line" else {}),
            "customdata": [spec.words(value) for value in values],
            "hovertemplate": "%{fullData.name}: %{customdata}<extra></extra>",
        }
        (figure.add_scatter if key.shape == "line" else figure.add_bar)(**shown)
    heights = [sum(row.get(name, 0) for name in parts) for row in rows]
    keys = tuple(parts.values())
    failed = [n for n, row in enumerate(rows) if row["is_failed"]]
    if failed and spec.axis is not _COUNT:
        figure.add_scatter(
            x=[runs[n] for n in failed],
            y=[heights[n] for n in failed],
            mode="markers",
            marker={"symbol": "x", "size": 11, "color": theme.VERMILION},
            customdata=[rows[n]["ended"] for n in failed],
            hovertemplate="%{customdata}<extra></extra>",
        )
        keys += (Key("Failed run", theme.VERMILION),)
    _dress(figure, rows, spec.axis, is_few=spec.axis is _COUNT and max(heights) <= _FEW)
    if spec.goal is not None:
        figure.add_hline(spec.goal, line={"color": theme.ORANGE, "dash": "dot", "width": 2})
        figure.update_yaxes(range=[min(*heights, spec.goal) - 0.004, 1.002])
        keys += (Key("Goal", theme.ORANGE, "line"),)
    return Chart(spec.key, spec.finding(log, rows), spec.subtitle, (Panel(figure),), keys)


def _dress(figure: go.Figure, rows: Sequence[Row], axis: Axis, *, is_few: bool) -> None:
    """Runs as x, oldest first: a few of them get their day and time."""
    ticked = rows[::-1][:: max(1, -(-len(rows) // _TICKS))]
    figure.update_layout(
        template=theme.template(), barmode="stack", height=300, margin={"r": 24}
    )
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=[row["run_id"] for row in rows],
        tickmode="array",
        tickvals=[row["run_id"] for row in ticked],
        ticktext=[f"{row['started']:%d %b}<br>{row['started']:%H:%M}" for row in ticked],
        tickangle=0,
        range=[-0.6, max(len(rows), _FEW) - 0.4],
    )
    figure.update_yaxes(
        ticksuffix=axis.suffix,
        tickformat="d" if is_few else axis.tick_format,
        nticks=6,
        dtick=1 if is_few else None,
        rangemode="tozero" if axis.from_zero else "normal",
    )


# Rankings


def _left_out(log: Log) -> Chart:
    colours = {"quarantined": theme.ORANGE, "rejected": theme.VERMILION}
    ranks = [
        Rank(
            f"{row['table']}: {row['reason']}",
            row["num_rows"],
            fmt.count(row["num_rows"]),
            f"{row['table']}, {row['unusable_kind']}: {row['reason']}",
            colours[row["unusable_kind"]],
        )
        for row in log.unusable
    ]
    finding = "Every row that arrived can be used"
    if log.info is None:
        finding = "Nothing is published, so nothing is left out"
    elif ranks:
        count = plural(sum(row["num_rows"] for row in log.unusable), "row")
        tables = plural(len({row["table"] for row in log.unusable}), "table")
        finding = f"{count} of {tables} cannot be used"
    subtitle = (
        f"Rows of the published version by table and reason, the {_RANKED} most frequent; the "
        "table below has an example of each. Orange: quarantined, read but wrong; red: "
        "rejected, could not be read"
    )
    return _ranking(
        "unusable", finding, subtitle, ranks, Axis(tick_format="~s", from_zero=True)
    )


def _nodes(log: Log, *, tests: bool) -> list[NodeTime]:
    """The tests, or models and the like, of the newest run that had some, the slowest first."""
    nodes = next((run.nodes for run in log.shown if run.nodes), ())
    found = [node for node in nodes if (node.kind in ("test", "unit_test")) == tests]
    return sorted(found, key=lambda node: (-node.seconds, node.name))


def _slowest(log: Log, *, tests: bool) -> Chart:
    nodes, what = _nodes(log, tests=tests), "test" if tests else "model"
    ranks = [
        Rank(
            node.name,
            node.seconds,
            f"{fmt.number(node.seconds, 2)} s",
            f"{node.name}: {node.kind}, {node.status}, {fmt.number(node.seconds, 2)} s",
            theme.VERMILION if node.status == "failed" else theme.BLUE,
        )
        for node in nodes
    ]
    finding = f"No {what} has been timed yet"
    if nodes:
        finding = (
            f"The slowest {what} takes {seconds(nodes[0].seconds)} of "
            f"{seconds(sum(node.seconds for node in nodes))} that all "
            f"{fmt.count(len(nodes))} take"
        )
    of = next((f", run {run.run_id}" for run in log.shown if run.nodes), "")
    kinds = "tests" if tests else "models, seeds and snapshots"
    subtitle = f"Seconds of the {_RANKED} slowest {kinds}{of}"
    return _ranking(f"slowest_{what}s", finding, subtitle, ranks, _SECONDS)


def _ranking(key: str, finding: str, subtitle: str, ranks: list[Rank], axis: Axis) -> Chart:
    """Bars with names cut in their middle; the end distinguishes the tests of one model."""
    seen: Counter[str] = Counter()
    shown = []
    for rank in ranks[:_RANKED]:
        name, head = rank.name, _LONGEST_NAME * 3 // 5
        if len(name) > _LONGEST_NAME:
            name = f"{name[:head]}\N{HORIZONTAL ELLIPSIS}{name[head + 1 - _LONGEST_NAME :]}"
        # Bars of one name would be drawn as one.
        shown.append(replace(rank, name=name + "\N{ZERO WIDTH SPACE}" * seen[name]))
        seen[name] += 1
    figure = ranked_rows(shown, axis, 30, name_margin=190, label_room=0.35)
    return Chart(key, finding, subtitle, (Panel(figure),) if ranks else ())


# Tables


def tables(log: Log) -> tuple[Table, ...]:
    """Runs, what did not pass, what cannot be used, the version's tables, models and tests."""
    problems = [
        asdict(one)
        | {"run_id": run.run_id, "check": one.name, "num_rows": one.num_unexpected}
        | {"sample": "\n".join(one.sample)}
        for run in log.shown
        for one in run.problems
    ]
    nodes = [asdict(node) for tests in (False, True) for node in _nodes(log, tests=tests)]
    versions = [row["tables"] for row in log.published("tables")[-2:]]
    before = versions[0] if len(versions) > 1 else {}
    of_version = [
        {"schema": schema, "table": table, "num_rows": count, "rows_before": earlier}
        | {"rows_change": None if earlier is None else count - earlier}
        for (schema, table), count in (versions[-1] if versions else {}).items()
        for earlier in (before.get((schema, table)),)
    ]
    return (
        render.listed("runs", "Runs", _RUN, [row_of(run) for run in log.shown]),
        render.listed("checks_not_passed", "Checks that did not pass", _CHECK, problems),
        render.listed("unusable_rows", "Rows that cannot be used", _UNUSABLE, log.unusable),
        render.listed("tables", "Tables of the version", _TABLE, of_version),
        render.listed("models_and_tests", "Models and tests", _NODE, nodes),
    )


_RUN = (
    *("run_id", "started_utc", "run_kind", "ended", "seconds", "last_stage", "source"),
    *("num_rows", "checks_passed", "checks_made", "quality_score", "num_unusable", "error"),
)
_CHECK = (
    *("run_id", "gate", "table", "check", "severity", "expected", "observed", "num_rows"),
    *("sample", "advice"),
)
_UNUSABLE = ("table", "unusable_kind", "reason", "num_rows", "example")
_TABLE = ("schema", "table", "num_rows", "rows_before", "rows_change")
_NODE = ("name", "kind", "status", "seconds", "failures")


# Sections


def summary(log: Log) -> mo.Html:
    """The tiles, under the answer in words; a calm word where no run was made yet."""
    if not log.history.runs and log.history.running is None:
        words = (
            "Run `make pipeline`, then reload this page: it shows how runs end, how long they "
            "take, and how good their data are."
        )
        return mo.Html(message("There is no run yet", words))
    damaged = ", ".join(log.history.damaged)
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(log))}</p>'
        + heading(
            "Summary",
            f"{plural(len(log.shown), 'run')} of {plural(len(log.history.runs), 'run')} on "
            "record. Runs that somebody ended by Ctrl-C count neither as good nor as failed."
            + (f" Left out, their summaries are damaged: {damaged}." if damaged else ""),
        )
        + tile_grid(tiles(log))
    )


def trends(log: Log) -> mo.Html | None:
    """The charts, or nothing where there is no run."""
    if not log.history.runs:
        return None
    words = "Runs from left to right, by the UTC time they started."
    return mo.Html(heading("Trends and breakdowns", words) + chart_cards(charts(log)))


def data(log: Log) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no run."""
    if not log.history.runs:
        return None
    found = tables(log)
    words = (
        "Of the shown runs; unusable rows of the published version. Click a heading to sort."
    )
    if empty := [table.title.lower() for table in found if not table.rows]:
        words += f" Nothing to show: {', '.join(empty)}."
    full = [table for table in found if table.rows]
    return mo.vstack(
        [mo.Html(heading("Data", words)), table_tabs(full, "pipeline", log.period)]
    )
