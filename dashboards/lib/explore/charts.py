"""The charts of /explore: a line or a bar for each group, one card a metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    BRL_AXIS,
    COUNT_AXIS,
    PERCENT_AXIS,
    Axis,
    Rank,
    dress,
    ranked_rows,
)
from dashboards.lib.definitions import Metric
from dashboards.lib.explore.data import Row, View, bucket
from dashboards.lib.figures import figure
from dashboards.lib.periods import month_name
from dashboards.lib.tiles import Key

MOST_SERIES = 8
_MOST_BARS = 20
_MOST_GROUPS = 10  # of bars of several colours
_COLOURS = (
    *(theme.BLUE, theme.ORANGE, theme.GREEN, theme.PURPLE),
    *(theme.SKY, theme.VERMILION, theme.INK, theme.MUTED),
)
_AXES = {"brl": BRL_AXIS, "share": PERCENT_AXIS, "count": COUNT_AXIS}
_LONGEST_NAME = 22
_NAME_MARGIN = 160  # pixels for a name of that length
_TURNED_MARGIN = 120  # pixels for a name that is turned
_LONGEST_LEVEL = 12  # a longer name is turned on a narrow screen
_HEIGHT = 320

Weights = Mapping[Any, float]


def bucket_name(grain: str, value: Any) -> str:
    """A group of time for people, short enough for an axis, and in the order of time."""
    if grain == "order_month":
        return f"{value:%Y-%m}"
    if grain == "order_quarter":
        return f"{value:%Y} Q{(value.month + 2) // 3}"
    return f"{value:%Y}" if grain == "order_year" else f"{value:%Y-%m-%d}"


def metric_charts(view: View) -> list[Chart]:
    """A card for each metric that has something to draw."""
    found = []
    for metric in view.metrics:
        drawn = _lines(view, metric) if view.grain else _bars(view, metric)
        if drawn is None:
            continue
        plot, keys, left_out = drawn
        words = f"{metric.description} {view.period.label}.{left_out}"
        found.append(
            Chart(
                metric.name,
                f"{metric.label} by {_by_words(view)}",
                words,
                (Panel(plot),),
                keys,
                is_wide=len(view.metrics) == 1,
            )
        )
    return found


def _by_words(view: View) -> str:
    labels = [view.label(name) for name in view.query.by]
    return " and ".join(label[:1].lower() + label[1:] for label in labels)


_Drawn = tuple[go.Figure, tuple[Key, ...], str]


def _lines(view: View, metric: Metric) -> _Drawn | None:
    """A line for each group over the complete days."""
    grain = view.grain or ""
    fit = [row for row in view.rows if row.is_fit[metric.name]]
    if not fit:
        return None
    buckets = sorted({row.key[0] for row in view.rows})
    series = _heaviest(fit, metric, slice(1, None), MOST_SERIES)
    values = {row.key: row.values[metric.name] for row in fit}
    plot = go.Figure()
    for (key, _), colour in zip(series.items(), _COLOURS, strict=False):
        shown = [values.get((start, *key)) for start in buckets]
        plot.add_scatter(
            x=buckets,
            y=[None if value is None else float(value) for value in shown],
            name=_name(key) or metric.label,
            mode="lines" if len(buckets) > 60 else "lines+markers",  # noqa: PLR2004 - dots merge
            line={"color": colour, "width": 2.2},
            marker={"size": 6, "color": colour},
            connectgaps=False,
            customdata=[
                f"{figure(metric, value)}, {bucket_name(grain, start)}"
                for start, value in zip(buckets, shown, strict=True)
            ],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    plot.update_layout(template=theme.template(), height=_HEIGHT, hovermode="closest")
    dress(plot.layout.yaxis, _AXES.get(metric.unit, Axis(title=metric.unit)))
    half = timedelta(days=bucket(grain, buckets[0]).num_days / 2)
    plot.update_xaxes(
        type="date",
        range=[buckets[0] - half, buckets[-1] + half],
        tickformat="%Y" if grain == "order_year" else "%b\n%Y",
        nticks=8,
    )
    keys = _legend(series, metric) if len(view.query.by) > 1 else ()
    return plot, keys, _rest(view, metric, fit, len(series), slice(1, None))


def _rest(view: View, metric: Metric, fit: list[Row], drawn: int, part: slice) -> str:
    """What a chart leaves out."""
    words = []
    number = len({row.key[part] for row in view.rows})
    if number > drawn:
        words.append(f" {drawn} of {number} are drawn, the largest; the table has all.")
    grey = sorted({row.days for row in view.rows if not row.is_fit[metric.name]})
    if grey and view.grain and len(fit) < len(view.rows):
        months = sorted({month for days in grey for month in days.months})
        names = ", ".join(month_name(month) for month in months[:3])
        more = f" and {len(months) - 3} more" if len(months) > 3 else ""  # noqa: PLR2004
        words.append(f" Left out, as incomplete: {names}{more}.")
    return "".join(words)


def _bars(view: View, metric: Metric) -> _Drawn | None:
    """A bar for each group; those of two dimensions stand together in colours."""
    known = [row for row in view.rows if row.values[metric.name] is not None]
    if not known or not view.query.by:
        return None
    if len(view.query.by) > 1:
        return _grouped(view, metric, known)
    if not view.choice.sort:
        known.sort(key=lambda row: row.values[metric.name], reverse=True)
    shown = known[:_MOST_BARS]
    ranks = [
        Rank(_name(row.key), row.values[metric.name], words := _value(metric, row), words)
        for row in shown
    ]
    plot = ranked_rows(
        ranks, _axis(metric), row_height=26, name_margin=_NAME_MARGIN, label_room=0.8
    )
    number = len(view.rows)
    how = "in the order of the table" if view.choice.sort else "the largest"
    left = (
        f" {len(shown)} of {number}, {how}; the table has all." if number > len(shown) else ""
    )
    return plot, (), left


def _grouped(view: View, metric: Metric, known: list[Row]) -> _Drawn:
    groups = _heaviest(known, metric, slice(0, 1), _MOST_GROUPS)
    series = _heaviest(known, metric, slice(1, None), MOST_SERIES)
    rows = {row.key: row for row in known}
    plot = go.Figure()
    for (key, _), colour in zip(series.items(), _COLOURS, strict=False):
        shown = [rows.get((*group, *key)) for group in groups]
        plot.add_bar(
            x=[_name(group) for group in groups],
            y=[None if row is None else float(row.values[metric.name]) for row in shown],
            name=_name(key),
            marker={"color": colour, "line": {"width": 0}},
            customdata=["" if row is None else _value(metric, row) for row in shown],
            hovertemplate="%{x}, %{fullData.name}: %{customdata}<extra></extra>",
        )
    longest = max(len(_name(group)) for group in groups)
    plot.update_layout(
        template=theme.template(),
        barmode="group",
        hovermode="closest",
        height=_HEIGHT + 40,
        margin={"b": _TURNED_MARGIN if longest > _LONGEST_LEVEL else 40},
    )
    dress(plot.layout.yaxis, _axis(metric))
    plot.update_xaxes(type="category", tickmode="linear")
    left = "".join(
        _rest(view, metric, known, len(some), part)
        for some, part in ((groups, slice(0, 1)), (series, slice(1, None)))
    )
    return plot, _legend(series, metric), left


def _heaviest(rows: list[Row], metric: Metric, part: slice, most: int) -> Weights:
    """The groups that stand for most: of the metric, or of what a ratio is made of."""
    weights: dict[Any, float] = defaultdict(float)
    for row in rows:
        weights[row.key[part]] += float(row.values.get(metric.volume or metric.name) or 0)
    largest = sorted(weights.items(), key=lambda item: -item[1])[:most]
    return dict(largest)


def _legend(series: Weights, metric: Metric) -> tuple[Key, ...]:
    return tuple(
        Key(_name(key) or metric.label, colour)
        for key, colour in zip(series, _COLOURS, strict=False)
    )


def _axis(metric: Metric) -> Axis:
    return _AXES.get(metric.unit, Axis(title=metric.unit))


def _value(metric: Metric, row: Row) -> str:
    few = any(note.startswith(f"{metric.label} is of few") for note in row.notes)
    return f"{figure(metric, row.values[metric.name])}{' (few)' if few else ''}"


def _name(key: tuple[Any, ...]) -> str:
    words = " \N{MIDDLE DOT} ".join(fmt.value_name(value) for value in key)
    if len(words) <= _LONGEST_NAME:
        return words
    # Names of one kind begin alike, and differ at their ends.
    return f"{words[:11]}\N{HORIZONTAL ELLIPSIS}{words[-10:]}"
