"""The charts of /explore: a line or a bar for each group, one card a metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from dashboards.lib import figures
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.definitions import Metric
from dashboards.lib.explore.columns import metric_column
from dashboards.lib.explore.data import Row, View
from dashboards.lib.periods import month_name
from dashboards.lib.result_charts import COLOURS, Series, axis_of, bars, legend, lines

_MOST_SERIES = len(COLOURS)
_MOST_BARS = 20
_MOST_GROUPS = 10  # of bars of several colours
_MOST_MONTHS = 3  # that are named as left out
_LONGEST_NAME = 22

_Key = tuple[Any, ...]


def metric_charts(view: View) -> list[Chart]:
    """A card for each metric that has something to draw."""
    draw = _lines if view.grain else _bars
    return [made for one in view.metrics if (made := draw(view, one)) is not None]


def _card(view: View, metric: Metric, panel: Panel, series: list[Series], left: str) -> Chart:
    labels = [view.label(name) for name in view.query.by]
    by = " and ".join(label[:1].lower() + label[1:] for label in labels)
    return Chart(
        metric.name,
        f"{metric.label} by {by}",
        f"{metric.description} {view.period.label}.{left}",
        (panel,),
        legend(series, "line" if view.grain else "box"),
        is_wide=len(view.metrics) == 1,
    )


def _lines(view: View, metric: Metric) -> Chart | None:
    """A line for each group over the complete days."""
    fit = [row for row in view.rows if row.is_fit[metric.name]]
    if not fit:
        return None
    time = view.dimension(view.query.by[0])
    places = sorted({row.key[0] for row in view.rows})
    groups = _heaviest(fit, metric, slice(1, None), _MOST_SERIES)
    rows = {row.key: row for row in fit}
    series = [
        _series(
            view, metric, group, [rows.get((place, *group)) for place in places], slice(1, None)
        )
        for group in groups
    ]
    column = metric_column(metric)
    left = _left_out(view, len(groups), slice(1, None))
    grey = {row.days for row in view.rows if not row.is_fit[metric.name]}
    months = sorted({month for days in grey for month in days.months})
    if months:
        names = ", ".join(map(month_name, months[:_MOST_MONTHS]))
        more = len(months) - _MOST_MONTHS
        left += f" Left out, as incomplete: {names}{f' and {more} more' if more > 0 else ''}."
    return _card(
        view, metric, Panel(lines(places, series, axis_of(column), time)), series, left
    )


def _bars(view: View, metric: Metric) -> Chart | None:
    """A bar for each group; those of two dimensions stand together in colours."""
    known = [row for row in view.rows if row.values[metric.name] is not None]
    if not known:
        return None
    axis = axis_of(metric_column(metric))
    if len(view.query.by) == 1:
        if not view.choice.sort:
            known.sort(key=lambda row: row.values[metric.name], reverse=True)
        shown, number = known[:_MOST_BARS], len(view.rows)
        series = [_series(view, metric, (), shown, slice(0))]
        how = "in the order of the table" if view.choice.sort else "the largest"
        left = f" {len(shown)} of {number}, {how}; the table has all."
        names = [_name(view, row.key, slice(None)) for row in shown]
        left = left if number > len(shown) else ""
    else:
        groups = _heaviest(known, metric, slice(0, 1), _MOST_GROUPS)
        colours = _heaviest(known, metric, slice(1, None), _MOST_SERIES)
        rows = {row.key: row for row in known}
        series = [
            _series(
                view, metric, key, [rows.get((*one, *key)) for one in groups], slice(1, None)
            )
            for key in colours
        ]
        names = [_name(view, one, slice(0, 1)) for one in groups]
        left = _left_out(view, len(groups), slice(0, 1))
        left += _left_out(view, len(colours), slice(1, None))
    plot = bars(names, series, axis, is_upright=len(view.query.by) > 1)
    return _card(view, metric, Panel(plot), series, left)


def _series(
    view: View, metric: Metric, key: _Key, rows: Sequence[Row | None], part: slice
) -> Series:
    values = [None if row is None else row.values[metric.name] for row in rows]
    texts = [
        ""
        if row is None
        else figures.figure(metric, row.values[metric.name]) + _few(metric, row)
        for row in rows
    ]
    return Series(_name(view, key, part) or metric.label, values, texts)


def _few(metric: Metric, row: Row) -> str:
    is_few = any(note.startswith(f"{metric.label} is of few") for note in row.notes)
    return " (few)" if is_few else ""


def _left_out(view: View, drawn: int, part: slice) -> str:
    number = len({row.key[part] for row in view.rows})
    if number <= drawn:
        return ""
    return f" {drawn} of {number} are drawn, the largest; the table has all."


def _heaviest(rows: list[Row], metric: Metric, part: slice, most: int) -> list[_Key]:
    """The groups that stand for most: of the metric, or of what a ratio is made of."""
    weights: dict[_Key, float] = defaultdict(float)
    for row in rows:
        weights[row.key[part]] += float(row.values.get(metric.volume or metric.name) or 0)
    return sorted(weights, key=lambda key: -weights[key])[:most]


def _name(view: View, key: _Key, part: slice) -> str:
    """A group for an axis; names of one kind begin alike, and differ at their ends."""
    words = " \N{MIDDLE DOT} ".join(
        view.dimension(name).writer(())(value) or "None"
        for name, value in zip(view.query.by[part], key, strict=True)
    )
    if len(words) <= _LONGEST_NAME:
        return words
    return f"{words[:11]}\N{HORIZONTAL ELLIPSIS}{words[-10:]}"
