"""The chart of a question: drawn from its result as its metadata says, in the shared look.

One builder a kind of chart. None knows a question: what is a month, an amount or a share
follows from the metadata of the columns (``cells``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.ask import cells
from dashboards.lib.cards import Panel
from dashboards.lib.charts import BRL_AXIS, Axis
from dashboards.lib.plots import Grid, grid
from dashboards.lib.queries.questions import ChartSpec, Question, Result
from dashboards.lib.tiles import Key

MOST_BARS = 30
_COLOURS = (theme.BLUE, theme.ORANGE)
# Columns that part a result into lists of their own kind: each gets a panel.
_GROUPS = frozenset({"dimension", "factor", "attribute", "segmentation", "period_type"})
_LONGEST_NAME = 30
_SHORT_ID = 6
_ROW_HEIGHT = 24
# Pale to the end: the values stand in the fields, in dark ink.
_PALE_RISING = ((0.0, "#FFF6EC"), (1.0, "#E99A4D"))
_NUMBER = Axis(tick_format=",~f")
_SHARE = Axis(tick_format="~%")


@dataclass(frozen=True)
class Drawing:
    """What is drawn of a result.

    Attributes:
        panels: The figures, one below the other.
        keys: The legend, where several values are drawn.
        subtitle: What is plotted, and how much of the result.
    """

    panels: tuple[Panel, ...]
    keys: tuple[Key, ...]
    subtitle: str


def draw(question: Question, result: Result) -> Drawing | None:
    """The chart of a question, or None where its result is a table only."""
    spec = question.chart
    if spec.kind == "table" or spec.x is None or not result.rows:
        return None
    if spec.kind == "heatmap":
        return Drawing((Panel(_heatmap(spec, result)),), (), _subtitle(spec, result))
    keys = tuple(
        Key(cells.heading(result, name), colour, "line" if spec.kind == "line" else "box")
        for name, colour in zip(spec.y, _COLOURS, strict=False)
    )
    keys = keys if len(spec.y) > 1 else ()
    if spec.kind == "scatter":
        return Drawing((Panel(_scatter(spec, result)),), keys, _subtitle(spec, result))
    if spec.kind == "line":
        return Drawing((Panel(_lines(spec, result)),), keys, _subtitle(spec, result))
    panels, is_cut = _bar_panels(spec, result)
    cut = f", the first {MOST_BARS} of a list; the table has all" if is_cut else ""
    return Drawing(panels, keys, _subtitle(spec, result) + cut)


def _subtitle(spec: ChartSpec, result: Result) -> str:
    shown = [spec.value] if spec.value else [name for name in spec.y if name in result.columns]
    words = " and ".join(_inside(result, name) for name in shown)
    by = _inside(result, str(spec.x))
    if spec.kind == "heatmap":
        by = f"{_inside(result, spec.y[0])} and {by}"
    return f"{words[:1].upper()}{words[1:]} by {by}"


def _inside(result: Result, column: str) -> str:
    """The name of a column inside of a sentence."""
    words = cells.heading(result, column)
    return words if words[:2].isupper() else f"{words[:1].lower()}{words[1:]}"


def _axis(result: Result, column: str) -> Axis:
    return {"money": BRL_AXIS, "share": _SHARE}.get(cells.unit(result, column), _NUMBER)


def _plain(values: Sequence[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _place(value: Any) -> Any:
    """A value on the x axis."""
    return value if isinstance(value, (date, str)) else float(value)


def _lines(spec: ChartSpec, result: Result) -> go.Figure:
    figure = go.Figure()
    places = result.column(str(spec.x))
    is_month = cells.unit(result, str(spec.x)) == "month"
    for name, colour in zip(spec.y, _COLOURS, strict=False):
        values = result.column(name)
        write = cells.writer(result, name)
        figure.add_scatter(
            x=[_place(place) for place in places],
            y=_plain(values),
            name=cells.heading(result, name),
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 6, "color": colour},
            customdata=[write(value) for value in values],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    _dress(figure, spec.y[0], result, height=320)
    if is_month:
        figure.update_xaxes(type="date", tickformat="%b\n%Y", hoverformat="%b %Y", nticks=8)
    else:
        axis = _axis(result, str(spec.x))
        figure.update_xaxes(
            tickformat=axis.tick_format, title={"text": cells.heading(result, str(spec.x))}
        )
        figure.update_layout(margin={"b": 52})
    return figure


def _scatter(spec: ChartSpec, result: Result) -> go.Figure:
    figure = go.Figure()
    x, y = str(spec.x), spec.y[0]
    xs, ys = result.column(x), result.column(y)
    names = _labels(
        result, next(c for c in result.columns if isinstance(_first(result, c), str))
    )
    heading_x, heading_y = cells.heading(result, x), cells.heading(result, y)
    write_x, write_y = cells.writer(result, x), cells.writer(result, y)
    figure.add_scatter(
        x=_plain(xs),
        y=_plain(ys),
        mode="markers",
        marker={"size": 10, "color": theme.BLUE, "opacity": 0.7},
        customdata=[
            f"<b>{name}</b><br>{heading_x}: {write_x(one)}<br>{heading_y}: {write_y(other)}"
            for name, one, other in zip(names, xs, ys, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _dress(figure, y, result, height=380)
    axis = _axis(result, x)
    figure.update_xaxes(
        tickformat=axis.tick_format, title={"text": heading_x}, showgrid=True, nticks=8
    )
    figure.update_yaxes(title={"text": heading_y})
    figure.update_layout(hovermode="closest", margin={"b": 52, "l": 70})
    return figure


def _heatmap(spec: ChartSpec, result: Result) -> go.Figure:
    value = str(spec.value)
    rows, columns = (
        [cells.text(result, name, one) for one in result.column(name)]
        for name in (spec.y[0], str(spec.x))
    )
    values = result.column(value)
    write = cells.writer(result, value)
    found = dict(zip(zip(rows, columns, strict=True), values, strict=True))
    row_names, column_names = tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(columns))
    by_field = [[found.get((row, column)) for column in column_names] for row in row_names]
    return grid(
        Grid(
            tuple(_short(name) for name in row_names),
            column_names,
            tuple(tuple(line) for line in by_field),
            tuple(
                tuple(
                    f"{row}, {column}: {write(cell)}"
                    for column, cell in zip(column_names, line, strict=True)
                )
                for row, line in zip(row_names, by_field, strict=True)
            ),
            tuple(tuple(write(cell) for cell in line) for line in by_field),
        ),
        _axis(result, value),
        colours=_PALE_RISING,
        row_margin=_margin(row_names),
    )


def _bar_panels(spec: ChartSpec, result: Result) -> tuple[tuple[Panel, ...], bool]:
    """Bars, in a panel for each list of the result; and whether one of them was cut."""
    group = next((name for name in result.columns if name in _GROUPS), None)
    if group is None:
        parts = {None: result}
    else:
        position = result.columns.index(group)
        parts = {
            name: replace(
                result, rows=tuple(row for row in result.rows if row[position] == name)
            )
            for name in dict.fromkeys(result.column(group))
        }
    panels = []
    is_cut = False
    for name, part in parts.items():
        shown = _without_repeats(spec, part)
        is_cut |= len(shown.rows) > MOST_BARS
        caption = None if group is None else cells.text(result, group, name)
        panels.append(Panel(_bars(spec, replace(shown, rows=_cut(spec, shown))), caption))
    return tuple(panels), is_cut


def _cut(spec: ChartSpec, result: Result) -> tuple[tuple[Any, ...], ...]:
    """The rows that are drawn: the first of a ranking, the last of a calendar."""
    first = _first(result, str(spec.x))
    return result.rows[-MOST_BARS:] if isinstance(first, date) else result.rows[:MOST_BARS]


def _without_repeats(spec: ChartSpec, result: Result) -> Result:
    """One row for each bar, where a result repeats what it draws for a finer list beside it."""
    drawn = [result.columns.index(name) for name in (str(spec.x), *spec.y)]
    rows = {tuple(row[n] for n in drawn): row for row in reversed(result.rows)}
    return replace(result, rows=tuple(reversed(rows.values())))


def _bars(spec: ChartSpec, result: Result) -> go.Figure:
    x = str(spec.x)
    places = result.column(x)
    is_upright = not isinstance(places[0], str)
    labels = _labels(result, x)
    figure = go.Figure()
    for name, colour in zip(spec.y, _COLOURS, strict=False):
        values = result.column(name)
        write = cells.writer(result, name)
        texts = [write(value) for value in values]
        across, up = (labels, _plain(values)) if is_upright else (_plain(values), labels)
        figure.add_bar(
            x=across,
            y=up,
            name=cells.heading(result, name),
            orientation="v" if is_upright else "h",
            marker={"color": colour, "line": {"width": 0}},
            text=None if is_upright else texts,
            textposition="auto",
            textangle=0,
            textfont={"size": 11},
            customdata=texts,
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="group")
    if is_upright:
        _dress(figure, spec.y[0], result, height=300)
        figure.update_xaxes(type="category", nticks=13, tickangle=0)
        return figure
    axis = _axis(result, spec.y[0])
    figure.update_layout(
        template=theme.template(),
        hovermode="y unified",
        height=_ROW_HEIGHT * len(labels) * len(spec.y) + 60,
        margin={"l": _margin(labels), "r": 16},
    )
    figure.update_xaxes(
        showgrid=True,
        nticks=3,
        tickprefix=axis.prefix,
        tickformat=axis.tick_format,
        tickangle=0,
    )
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        tickmode="linear",
        tickfont={"size": 12, "color": theme.INK},
    )
    return figure


def _labels(result: Result, column: str) -> list[str]:
    """The name of each bar; told apart where the column alone does not."""
    values = result.column(column)
    write = cells.writer(result, column)
    if cells.unit(result, column) == "id":
        kinds = [name for name in result.columns if cells.unit(result, name) == "name"]
        words = [_short(f"{value}"[:_SHORT_ID]) for value in values]
        if kinds:
            of = [cells.text(result, kinds[0], value) for value in result.column(kinds[0])]
            words = [f"{_short(kind, 21)} {one}" for kind, one in zip(of, words, strict=True)]
    else:
        words = [_short(write(value)) for value in values]
    if len(set(words)) < len(words):
        other = next(
            (c for c in result.columns if c != column and isinstance(_first(result, c), str)),
            None,
        )
        if other is not None:
            before = result.column(other)
            words = [
                _short(f"{cells.text(result, other, one)} \N{RIGHTWARDS ARROW} {word}")
                for one, word in zip(before, words, strict=True)
            ]
    return words


def _first(result: Result, column: str) -> Any:
    return next((value for value in result.column(column) if value is not None), None)


def _short(words: str, length: int = _LONGEST_NAME) -> str:
    cut = words[: length - 1].rstrip()
    return words if len(words) <= length else f"{cut}\N{HORIZONTAL ELLIPSIS}"


def _margin(labels: Any) -> int:
    """Pixels for the longest name before a row."""
    return min(24 + 7 * max((len(label) for label in labels), default=0), 225)


def _dress(figure: go.Figure, column: str, result: Result, height: int) -> None:
    axis = _axis(result, column)
    figure.update_layout(template=theme.template(), height=height)
    figure.update_yaxes(tickprefix=axis.prefix, tickformat=axis.tick_format, nticks=6)
    values = [float(value) for value in result.column(column) if value is not None]
    if axis.from_zero and min(values, default=0) >= 0:
        figure.update_yaxes(rangemode="tozero")
