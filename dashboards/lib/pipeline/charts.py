"""The why: the charts of the pipeline page, each with its finding as title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import COUNT_AXIS, Axis, Rank, Words, ranked_rows
from dashboards.lib.pipeline import findings
from dashboards.lib.pipeline.data import PipelineData, rows_by_layer, unusable_rows
from dashboards.lib.pipeline.findings import seconds
from dashboards.lib.queries.pipeline import Unusable
from dashboards.lib.tiles import Key
from orchestration.run_history import QUALITY_SCORE_GOAL, ended_words, quality
from orchestration.run_summary import NodeTime, RunSummary

_HEIGHT = 300
_TICKS = 4
_FEW = 4
_RANKED = 10
_NAME_MARGIN = 190
_LONGEST_NAME = 24
_LAYERS = ("raw", "staging", "intermediate", "history", "core", "marts", "ops")
_LAYER_COLOURS = (
    *(theme.BLUE, theme.SKY, theme.INCOMPLETE, theme.PURPLE, theme.GREEN, theme.ORANGE),
    theme.MUTED,
)
_STAGE_COLOURS = {
    "prepare": theme.MUTED,
    "extract": theme.BLUE,
    "check_raw": theme.PURPLE,
    "transform": theme.ORANGE,
    "check_marts": theme.SKY,
    "publish": theme.GREEN,
}
_SECONDS = Axis(suffix=" s", tick_format="~f", from_zero=True)


def charts(data: PipelineData) -> tuple[Chart, ...]:
    """The cards, in the order of the questions."""
    return (
        _durations(data),
        _volume(data),
        _score(data),
        _checks(data),
        _unusable(data),
        _unusable_trend(data),
        _slowest(data, tests=False),
        _slowest(data, tests=True),
    )


def _durations(data: PipelineData) -> Chart:
    runs = data.timeline
    names = [
        name
        for name in _STAGE_COLOURS
        if any(stage.name == name for run in runs for stage in run.stages)
    ]
    figure = go.Figure()
    for name in names:
        values = [sum(s.seconds for s in run.stages if s.name == name) for run in runs]
        _bars(figure, runs, fmt.name(name), values, _STAGE_COLOURS[name], seconds)
    failed = [run for run in runs if run.status == "failed"]
    figure.add_scatter(
        x=[run.run_id for run in failed],
        y=[sum(stage.seconds for stage in run.stages) for run in failed],
        name="Failed",
        mode="markers",
        marker={"symbol": "x", "size": 11, "color": theme.VERMILION},
        customdata=[ended_words(run) for run in failed],
        hovertemplate="%{customdata}<extra></extra>",
    )
    return Chart(
        "durations",
        findings.durations(data),
        "Seconds of each run by stage; a run without any change builds nothing",
        (Panel(_by_run(figure, runs, _SECONDS)),) if names else (),
        (
            *(Key(fmt.name(name), _STAGE_COLOURS[name]) for name in names),
            Key("Failed there", theme.VERMILION),
        ),
    )


def _volume(data: PipelineData) -> Chart:
    runs = [run for run in data.published_runs if run.tables]
    figure = go.Figure()
    counts = [rows_by_layer(run, _LAYERS) for run in runs]
    layers = [
        (index, name) for index, name in enumerate(_LAYERS) if any(c[index] for c in counts)
    ]
    for index, name in layers:
        values = [count[index] for count in counts]
        _bars(figure, runs, name, values, _LAYER_COLOURS[index], fmt.count)
    return Chart(
        "volume",
        findings.volume(data),
        "Rows of the tables of each published version, by layer; views hold none",
        (Panel(_by_run(figure, runs, COUNT_AXIS)),) if runs else (),
        tuple(Key(name, _LAYER_COLOURS[index]) for index, name in layers),
    )


def _score(data: PipelineData) -> Chart:
    runs = [run for run in data.timeline if quality(run).score is not None]
    figure = go.Figure()
    values = [quality(run).score for run in runs]
    figure.add_scatter(
        x=[run.run_id for run in runs],
        y=values,
        mode="lines+markers",
        line={"color": theme.BLUE, "width": 2.5},
        marker={
            "size": 8,
            "color": [
                theme.VERMILION if run.status == "failed" else theme.BLUE for run in runs
            ],
        },
        customdata=[fmt.percent(value, 2) for value in values],
        hovertemplate="Score: %{customdata}<extra></extra>",
    )
    figure.add_hline(
        y=QUALITY_SCORE_GOAL, line={"color": theme.ORANGE, "dash": "dot", "width": 2}
    )
    _by_run(figure, runs, Axis(tick_format=".1%"))
    lowest = min((value for value in values if value is not None), default=1.0)
    figure.update_yaxes(range=[min(lowest, QUALITY_SCORE_GOAL) - 0.004, 1.002])
    return Chart(
        "score",
        findings.score(data),
        "Share of checks passed times share of rows usable, by run that tested; the axis does "
        "not start at 0",
        (Panel(figure),) if runs else (),
        (
            Key("Score", theme.BLUE, "line"),
            Key("of a failed run", theme.VERMILION),
            Key("Goal", theme.ORANGE, "line"),
        ),
    )


def _checks(data: PipelineData) -> Chart:
    runs = [run for run in data.timeline if quality(run).made]
    figure = go.Figure()
    most = max((quality(run).made - quality(run).passed for run in runs), default=0)
    warned = [run.checks.warned + sum(gate.warned for gate in run.gates) for run in runs]
    failed = [run.checks.failed + sum(gate.failed for gate in run.gates) for run in runs]
    _bars(figure, runs, "Warnings", warned, theme.ORANGE, fmt.count)
    _bars(figure, runs, "Failed", failed, theme.VERMILION, fmt.count)
    return Chart(
        "checks",
        findings.checks(data),
        "Checks of the gates and of dbt that did not pass, by run that tested",
        (Panel(_by_run(figure, runs, _whole(most))),) if runs else (),
        (Key("Warned, published", theme.ORANGE), Key("Failed, stopped", theme.VERMILION)),
    )


def _unusable(data: PipelineData) -> Chart:
    shown = data.unusable[:_RANKED]

    def rank(one: Unusable) -> Rank:
        return Rank(
            f"{one.table}: {one.reason}",
            one.num_rows,
            fmt.count(one.num_rows),
            f"{one.table}, {one.kind}: {one.reason}",
            theme.ORANGE if one.kind == "quarantined" else theme.VERMILION,
        )

    return Chart(
        "unusable",
        findings.unusable(data),
        f"Rows of the published version by table and reason, the {_RANKED} most frequent; the "
        "table below has an example of each",
        (Panel(_ranking([rank(one) for one in shown], COUNT_AXIS)),) if shown else (),
        (
            Key("Quarantined: read, but wrong", theme.ORANGE),
            Key("Rejected: could not be read", theme.VERMILION),
        )
        if shown
        else (),
    )


def _unusable_trend(data: PipelineData) -> Chart:
    runs = [run for run in data.timeline if run.accounts]
    figure = go.Figure()
    quarantined = [sum(a.quarantined for a in run.accounts) for run in runs]
    rejected = [sum(a.rejected for a in run.accounts) for run in runs]
    _bars(figure, runs, "Quarantined", quarantined, theme.ORANGE, fmt.count)
    _bars(figure, runs, "Rejected", rejected, theme.VERMILION, fmt.count)
    most = max((unusable_rows(run)[0] for run in runs), default=0)
    if not most:
        runs = []  # the finding says it all
    return Chart(
        "unusable_trend",
        findings.unusable_trend(data),
        "Rows in quarantine and lines rejected, by run",
        (Panel(_by_run(figure, runs, _whole(most))),) if runs else (),
        (Key("Quarantined", theme.ORANGE), Key("Rejected", theme.VERMILION)) if runs else (),
    )


def _slowest(data: PipelineData, *, tests: bool) -> Chart:
    shown = data.slowest(tests=tests)[:_RANKED]

    def rank(node: NodeTime) -> Rank:
        return Rank(
            node.name,
            node.seconds,
            f"{fmt.number(node.seconds, 2)} s",
            f"{node.name}: {node.kind}, {node.status}, {fmt.number(node.seconds, 2)} s",
            theme.VERMILION if node.status == "failed" else theme.BLUE,
        )

    what = "tests" if tests else "models, seeds and snapshots"
    of = f", run {data.timed.run_id}" if data.timed else ""
    return Chart(
        "slowest_tests" if tests else "slowest_models",
        findings.slowest(data, tests=tests),
        f"Seconds of the {_RANKED} slowest {what}{of}",
        (Panel(_ranking([rank(node) for node in shown], _SECONDS)),) if shown else (),
    )


def _ranking(ranks: Sequence[Rank], axis: Axis) -> go.Figure:
    """Bars with names cut to their room; bars of one name would be drawn as one."""
    seen: dict[str, int] = {}
    rows = []
    for rank in ranks:
        name = _short(rank.name)
        seen[name] = seen.get(name, 0) + 1
        rows.append(replace(rank, name=name + "\N{ZERO WIDTH SPACE}" * (seen[name] - 1)))
    return ranked_rows(rows, axis, row_height=30, name_margin=_NAME_MARGIN, label_room=0.35)


def _short(name: str) -> str:
    """A name cut in its middle: the end tells the tests of one model apart."""
    if len(name) <= _LONGEST_NAME:
        return name
    head = _LONGEST_NAME * 3 // 5
    return f"{name[:head]}\N{HORIZONTAL ELLIPSIS}{name[head + 1 - _LONGEST_NAME :]}"


def _whole(most: int) -> Axis:
    """An axis of counts: few of them get no ticks in between."""
    return Axis(tick_format="d" if most <= _FEW else "~s", from_zero=True)


def _bars(
    figure: go.Figure,
    runs: Sequence[RunSummary],
    name: str,
    values: Sequence[float],
    colour: str,
    words: Words,
) -> None:
    figure.add_bar(
        x=[run.run_id for run in runs],
        y=list(values),
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        customdata=[words(value) for value in values],
        hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
    )


def _by_run(figure: go.Figure, runs: Sequence[RunSummary], axis: Axis) -> go.Figure:
    """Dress a figure whose x are runs, oldest first: a few of them get their day and time."""
    step = max(1, -(-len(runs) // _TICKS))
    ticked = list(runs)[::-1][::step]
    figure.update_layout(
        template=theme.template(), barmode="stack", height=_HEIGHT, margin={"r": 24}
    )
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=[run.run_id for run in runs],
        tickmode="array",
        tickvals=[run.run_id for run in ticked],
        ticktext=[f"{run.started_at:%d %b}<br>{run.started_at:%H:%M}" for run in ticked],
        tickangle=0,
        range=[-0.6, max(len(runs), 4) - 0.4],
    )
    figure.update_yaxes(
        ticksuffix=axis.suffix,
        tickformat=axis.tick_format,
        nticks=6,
        dtick=1 if axis.tick_format == "d" else None,
        rangemode="tozero" if axis.from_zero else "normal",
    )
    return figure
