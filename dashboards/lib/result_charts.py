"""The charts of any result: lines, bars, dots and fields, in the shared look.

A builder is given names, values and finished texts; it knows no question and no metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.charts import BRL_AXIS, COUNT_AXIS, PERCENT_AXIS, Axis, dress
from dashboards.lib.plots import Grid, grid
from dashboards.lib.results import Column, ResultSet, Unit
from dashboards.lib.tiles import Key

COLOURS = (
    *(theme.BLUE, theme.ORANGE, theme.GREEN, theme.PURPLE),
    *(theme.SKY, theme.VERMILION, theme.INK, theme.MUTED),
)
LONGEST_NAME = 30
_LONGEST_UPRIGHT = 12  # a longer name below a bar is turned on a narrow screen
_MOST_UPRIGHT = 13  # of the names below bars are written
_MOST_DOTS = 60  # on one line; more of them merge
_ROW_HEIGHT = 24
_AXES: dict[Unit, Axis] = {"money": BRL_AXIS, "share": PERCENT_AXIS, "count": COUNT_AXIS}
# Pale to the end: the values stand in the fields, in dark ink.
_PALE_RISING = ((0.0, "#FFF6EC"), (1.0, "#E99A4D"))
_HOVER = "%{fullData.name}: %{customdata}<extra></extra>"


@dataclass(frozen=True)
class Series:
    """The values that stand in one colour, place by place, and how they read."""

    name: str
    values: Sequence[Any]
    texts: Sequence[str]


def axis_of(column: Column) -> Axis:
    """The axis of a column's values."""
    # Words that hold the unit leave it out of the heading.
    return _AXES.get(column.unit) or Axis(title=column.unit if column.words else None)


def series_of(result: ResultSet, names: Sequence[str]) -> list[Series]:
    """A series a column."""
    return [
        Series(result.meaning(name).heading, result.column(name), result.texts(name))
        for name in names
    ]


def legend(series: Sequence[Series], shape: Literal["box", "line"]) -> tuple[Key, ...]:
    """What the colours stand for; nothing where there is only one."""
    keys = tuple(
        Key(one.name, colour, shape) for one, colour in zip(series, COLOURS, strict=False)
    )
    return keys if len(keys) > 1 else ()


def lines(places: Sequence[Any], series: Sequence[Series], axis: Axis, x: Column) -> go.Figure:
    """A line a series over days, the first ones of months or years, or over numbers."""
    figure = go.Figure()
    is_time = isinstance(places[0], date)
    for one, colour in zip(series, COLOURS, strict=False):
        figure.add_scatter(
            x=list(places) if is_time else _plain(places),
            y=_plain(one.values),
            name=one.name,
            mode="lines" if len(places) > _MOST_DOTS else "lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 6, "color": colour},
            connectgaps=False,
            customdata=list(one.texts),
            hovertemplate=_HOVER,
        )
    _dress(figure, axis, series, height=320)
    if is_time:
        hover = "%b %Y" if x.unit == "month" else "%d %b %Y"
        figure.update_xaxes(type="date", tickformat="%b\n%Y", hoverformat=hover, nticks=8)
    else:
        _name_x(figure, x)
    return figure


def bars(
    names: Sequence[str], series: Sequence[Series], axis: Axis, *, is_upright: bool
) -> go.Figure:
    """A bar a name and series: upright for what has an order, else one below the other."""
    figure = go.Figure()
    for one, colour in zip(series, COLOURS, strict=False):
        x, y = (names, _plain(one.values)) if is_upright else (_plain(one.values), names)
        figure.add_bar(
            x=x,
            y=y,
            name=one.name,
            orientation="v" if is_upright else "h",
            marker={"color": colour, "line": {"width": 0}},
            text=None if is_upright else list(one.texts),
            textposition="auto",
            textangle=0,
            textfont={"size": 11},
            customdata=list(one.texts),
            hovertemplate=_HOVER,
        )
    figure.update_layout(barmode="group")
    if is_upright:
        is_long = max(map(len, names)) > _LONGEST_UPRIGHT
        _dress(figure, axis, series, height=360 if is_long else 300)
        figure.update_layout(margin={"b": 120 if is_long else 40})
        figure.update_xaxes(
            type="category", nticks=_MOST_UPRIGHT, tickangle=None if is_long else 0
        )
        return figure
    figure.update_layout(
        template=theme.template(),
        hovermode="y unified",
        height=_ROW_HEIGHT * len(names) * len(series) + 60,
        margin={"l": _margin(names), "r": 16},
    )
    dress(figure.layout.xaxis, axis)
    figure.update_xaxes(showgrid=True, nticks=3, tickangle=0)
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        tickmode="linear",
        tickfont={"size": 12, "color": theme.INK},
    )
    return figure


def dots(result: ResultSet, x: str, y: str, names: Sequence[str]) -> go.Figure:
    """A dot a row, by two of its columns."""
    figure = go.Figure()
    across, up = series_of(result, (x, y))
    figure.add_scatter(
        x=_plain(across.values),
        y=_plain(up.values),
        mode="markers",
        marker={"size": 10, "color": theme.BLUE, "opacity": 0.7},
        customdata=[
            f"<b>{name}</b><br>{across.name}: {one}<br>{up.name}: {other}"
            for name, one, other in zip(names, across.texts, up.texts, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _dress(figure, axis_of(result.meaning(y)), [up], height=380)
    _name_x(figure, result.meaning(x))
    figure.update_xaxes(showgrid=True, nticks=8)
    figure.update_yaxes(title={"text": up.name})
    figure.update_layout(hovermode="closest", margin={"l": 70})
    return figure


def fields(result: ResultSet, row: str, column: str, value: str) -> go.Figure:
    """A field for each pair of two columns' values, the deeper the more of a third."""
    rows, columns, texts = (result.texts(name) for name in (row, column, value))
    pairs = list(zip(rows, columns, strict=True))
    found = dict(zip(pairs, zip(result.column(value), texts, strict=True), strict=True))
    downs, acrosses = dict.fromkeys(rows), dict.fromkeys(columns)
    cells = [[found.get((down, across), (None, "")) for across in acrosses] for down in downs]
    return grid(
        Grid(
            tuple(map(short, downs)),
            tuple(acrosses),
            tuple(tuple(cell[0] for cell in line) for line in cells),
            tuple(
                tuple(
                    f"{down}, {across}: {cell[1]}"
                    for across, cell in zip(acrosses, line, strict=True)
                )
                for down, line in zip(downs, cells, strict=True)
            ),
            tuple(tuple(cell[1] for cell in line) for line in cells),
        ),
        axis_of(result.meaning(value)),
        colours=_PALE_RISING,
        row_margin=_margin(list(downs)),
    )


def short(words: str, length: int = LONGEST_NAME) -> str:
    """Words, cut where they are too long for an axis."""
    cut = words[: length - 1].rstrip()
    return words if len(words) <= length else f"{cut}\N{HORIZONTAL ELLIPSIS}"


def _plain(values: Sequence[Any]) -> list[float | None]:
    """Plotly writes Decimal as text."""
    return [None if value is None else float(value) for value in values]


def _margin(names: Sequence[str]) -> int:
    """Pixels for the longest name before a row."""
    return min(24 + 7 * max(map(len, names), default=0), 225)


def _name_x(figure: go.Figure, x: Column) -> None:
    figure.update_xaxes(tickformat=axis_of(x).tick_format, title={"text": x.heading})
    figure.update_layout(margin={"b": 52})


def _dress(figure: go.Figure, axis: Axis, series: Sequence[Series], height: int) -> None:
    figure.update_layout(template=theme.template(), height=height)
    dress(figure.layout.yaxis, axis)
    if min((value for one in series for value in _plain(one.values) if value), default=0) < 0:
        figure.update_yaxes(rangemode="normal")
