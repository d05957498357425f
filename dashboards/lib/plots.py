"""Chart builders for parts of a whole, curves and grids.

As those of `charts`, they are given figures and finished hover texts and compute no metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.charts import Axis, Value

# From white to the colour of alarm, by lightness alone, so that it reads without colours.
RISING = ((0.0, "#FFF6EC"), (0.35, "#F6C58F"), (0.7, "#DD7A2B"), (1.0, "#8C3400"))
_ABSENT = "#F1F3F5"  # a field of a grid with too little behind it
_ROW_MARGIN = 100  # pixels for the name before a row


@dataclass(frozen=True)
class Part:
    """One part of every row: its name, its values row by row, and how they read."""

    name: str
    values: tuple[Value, ...]
    labels: tuple[str, ...]
    hovers: tuple[str, ...]
    colour: str
    ink: str = "white"


def stacked_rows(
    rows: Sequence[str], parts: Sequence[Part], axis: Axis, row_height: int = 46
) -> go.Figure:
    """One horizontal bar a row, made of its parts; the first row on top."""
    figure = go.Figure()
    for part in parts:
        figure.add_bar(
            x=[None if value is None else float(value) for value in part.values],
            y=list(rows),
            name=part.name,
            orientation="h",
            marker={"color": part.colour, "line": {"width": 1, "color": "white"}},
            text=list(part.labels),
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            textfont={"size": 12, "color": part.ink},
            customdata=list(part.hovers),
            hovertemplate="%{y}, %{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(
        template=theme.template(),
        barmode="stack",
        hovermode="closest",
        height=row_height * len(rows) + 60,
        margin={"l": _ROW_MARGIN if any(rows) else 10},
    )
    figure.update_xaxes(
        showgrid=True,
        gridcolor=theme.GRID,
        nticks=5,
        tickprefix=axis.prefix,
        ticksuffix=axis.suffix,
        tickformat=axis.tick_format,
    )
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickfont={"color": theme.INK, "size": 13}
    )
    return figure


@dataclass(frozen=True)
class Mark:
    """A point of a curve that is pointed out, with its words."""

    x: float
    y: float
    words: str


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    hovers: Sequence[str],
    *,
    x_axis: Axis,
    y_axis: Axis,
    marks: Sequence[Mark] = (),
    height: int = 330,
) -> go.Figure:
    """A filled curve from the origin, with some of its points marked."""
    figure = go.Figure()
    figure.add_scatter(
        x=list(xs),
        y=list(ys),
        mode="lines",
        line={"color": theme.BLUE, "width": 2.5},
        fill="tozeroy",
        fillcolor=theme.SELECTED_BAND,
        customdata=list(hovers),
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=[mark.x for mark in marks],
        y=[mark.y for mark in marks],
        mode="markers+text",
        marker={"size": 10, "color": theme.VERMILION},
        text=[mark.words for mark in marks],
        textposition="bottom right",
        textfont={"size": 12, "color": theme.INK},
        hoverinfo="skip",
    )
    figure.update_layout(
        template=theme.template(), hovermode="closest", height=height, margin={"b": 52}
    )
    for layout, axis in ((figure.layout.xaxis, x_axis), (figure.layout.yaxis, y_axis)):
        layout.update(
            tickprefix=axis.prefix,
            ticksuffix=axis.suffix,
            tickformat=axis.tick_format,
            nticks=6,
            title={"text": axis.title},
            rangemode="tozero",
        )
    return figure


@dataclass(frozen=True)
class Grid:
    """Values by row and column; None is drawn as an empty field. Row 0 stands on top."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    hovers: tuple[tuple[str, ...], ...]
    labels: tuple[tuple[str, ...], ...] = ()


def grid(
    cells: Grid,
    axis: Axis,
    *,
    colours: Sequence[tuple[float, str]] = RISING,
    row_height: int = 30,
    row_margin: int = 58,
    rows_title: str | None = None,
    columns_title: str | None = None,
) -> go.Figure:
    """A heat map; the colour bar below it carries the unit of ``axis``."""
    values = [
        [None if value is None else float(value) for value in row] for row in cells.values
    ]
    known = [value for row in values for value in row if value is not None]
    figure = go.Figure()
    figure.add_heatmap(
        x=list(cells.columns),
        y=list(cells.rows),
        z=values,
        zmin=0 if axis.from_zero else min(known, default=0),
        zmax=max(known, default=1),
        customdata=[list(row) for row in cells.hovers],
        text=[list(row) for row in cells.labels] if cells.labels else None,
        texttemplate="%{text}" if cells.labels else None,
        textfont={"size": 11},
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=[list(step) for step in colours],
        xgap=2,
        ygap=2,
        colorbar={
            "orientation": "h",
            "thickness": 10,
            "len": 0.6,
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yanchor": "top",
            "ypad": 34 if columns_title is None else 48,
            "outlinewidth": 0,
            "nticks": 4,
            "tickprefix": axis.prefix,
            "ticksuffix": axis.suffix,
            "tickformat": axis.tick_format,
        },
    )
    bottom = 84 if columns_title is None else 100
    figure.update_layout(
        template=theme.template(),
        hovermode="closest",
        plot_bgcolor=_ABSENT,
        height=row_height * len(cells.rows) + bottom + 12,
        margin={"l": row_margin, "b": bottom},
    )
    figure.update_xaxes(
        type="category",
        tickmode="linear",
        title={"text": columns_title},
        tickfont={"size": 11, "color": theme.INK},
    )
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        tickmode="linear",
        title={"text": rows_title},
        tickfont={"size": 12, "color": theme.INK},
    )
    return figure
