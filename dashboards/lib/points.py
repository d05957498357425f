"""Chart builders of points: lines over named classes, rows of dots, bubbles with names.

As those of `charts`, they are given figures and finished hover texts and compute no metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.charts import Axis, Series, Value

Box = tuple[float, float, float, float]  # its middle, and half its width and height
_ROW_MARGIN = 100  # pixels for the name before a row


def class_lines(
    classes: Sequence[str], series: Sequence[Series], axis: Axis, title: str, height: int = 220
) -> go.Figure:
    """Lines over named classes in their order; ``title`` names the classes and their unit."""
    figure = go.Figure()
    for one in series:
        figure.add_scatter(
            x=list(classes),
            y=_plain(one.values),
            name=one.name,
            mode="lines+markers",
            line={"color": one.colour, "width": 2.5, "dash": one.dash},
            marker={"size": 8, "color": one.colour},
            customdata=[one.words(value) for value in one.values],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(template=theme.template(), height=height, margin={"b": 58})
    figure.update_xaxes(
        type="category", title={"text": title}, tickfont={"size": 11, "color": theme.INK}
    )
    _dress(figure.layout.yaxis, axis)
    return figure


def dot_rows(
    rows: Sequence[str], series: Sequence[Series], axis: Axis, row_height: int = 44
) -> go.Figure:
    """One row a name with a dot for each series, joined by a line; the first row on top."""
    figure = go.Figure()
    for index, name in enumerate(rows):
        ends = [float(one.values[index] or 0) for one in series if one.values[index]]
        figure.add_scatter(
            x=[min(ends, default=0), max(ends, default=0)],
            y=[name, name],
            mode="lines",
            line={"color": theme.INCOMPLETE, "width": 3},
            hoverinfo="skip",
        )
    for one in series:
        figure.add_scatter(
            x=_plain(one.values),
            y=list(rows),
            name=one.name,
            mode="markers",
            marker={"size": 13, "color": one.colour},
            customdata=[one.words(value) for value in one.values],
            hovertemplate="%{y}, %{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(
        template=theme.template(),
        hovermode="closest",
        height=row_height * len(rows) + 60,
        margin={"l": _ROW_MARGIN},
    )
    _dress(figure.layout.xaxis, axis)
    figure.update_xaxes(showgrid=True, gridcolor=theme.GRID, nticks=5)
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        showgrid=False,
        tickfont={"color": theme.INK, "size": 13},
    )
    return figure


@dataclass(frozen=True)
class Bubble:
    """A named point; its area stands for ``weight``, 0 to 1."""

    name: str
    x: float
    y: float
    weight: float
    colour: str
    hover: str


def bubbles(
    points: Sequence[Bubble], x_axis: Axis, y_axis: Axis, height: int = 380
) -> go.Figure:
    """Named points by two measures, which their axes name with their units."""
    figure = go.Figure()
    figure.add_scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        mode="markers+text",
        marker={
            "size": [7 + 30 * point.weight**0.5 for point in points],
            "color": [point.colour for point in points],
            "opacity": 0.85,
            "line": {"width": 1, "color": "white"},
        },
        text=[point.name for point in points],
        textposition=_places_of_names(points, height),
        textfont={"size": 11, "color": theme.INK},
        cliponaxis=False,
        customdata=[point.hover for point in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_layout(
        template=theme.template(), hovermode="closest", height=height, margin={"b": 58}
    )
    for layout, axis in ((figure.layout.xaxis, x_axis), (figure.layout.yaxis, y_axis)):
        _dress(layout, axis)
    return figure


# Where the name of a point may stand: how far to the right of it, and how far above.
_SIDES = {
    "top center": (0, 1), "bottom center": (0, -1),
    "middle right": (1, 0), "middle left": (-1, 0),
    "top right": (1, 1), "bottom right": (1, -1),
    "top left": (-1, 1), "bottom left": (-1, -1),
}  # fmt: skip
_NARROW = 270  # pixels of the plot on a narrow screen
_LETTER, _LINE = 8, 14  # pixels of a letter's width and a line's height


def _places_of_names(points: Sequence[Bubble], height: int) -> list[str]:
    """A side of each point where its name lies on no other name or point, if there is one."""
    xs, ys = [point.x for point in points], [point.y for point in points]
    wide = (max(xs, default=1) - min(xs, default=0)) or 1.0
    high = (max(ys, default=1) - min(ys, default=0)) or 1.0
    centres = [(p.x / wide * _NARROW, p.y / high * (height - 100)) for p in points]
    radii = [(7 + 30 * point.weight**0.5) / 2 for point in points]
    taken = [(x, y, radius, radius) for (x, y), radius in zip(centres, radii, strict=True)]
    found = []
    for point, (x, y), radius in zip(points, centres, radii, strict=True):
        half = len(point.name) * _LETTER / 2, _LINE / 2
        boxes = {
            side: (x + right * (radius + half[0]), y + up * (radius + half[1]), *half)
            for side, (right, up) in _SIDES.items()
        }
        best = min(boxes, key=lambda side: sum(_overlap(boxes[side], other) for other in taken))
        taken.append(boxes[best])
        found.append(best)
    return found


def _overlap(one: Box, other: Box) -> float:
    wide = one[2] + other[2] - abs(one[0] - other[0])
    high = one[3] + other[3] - abs(one[1] - other[1])
    return max(wide, 0) * max(high, 0)


def _dress(axis_layout: go.layout.XAxis | go.layout.YAxis, axis: Axis) -> None:
    axis_layout.update(
        tickprefix=axis.prefix,
        ticksuffix=axis.suffix,
        tickformat=axis.tick_format,
        nticks=6,
    )
    if axis.title:
        axis_layout.update(title={"text": axis.title})
    if axis.from_zero:
        axis_layout.update(rangemode="tozero")


def _plain(values: Sequence[Value]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]
