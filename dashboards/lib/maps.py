"""Maps of Brazil that need no base map from elsewhere: outlines and points as plain traces.

A builder is given finished colours and hover texts; it computes no metric. The outlines and
their licence are in assets/brazil_states.json and assets/brazil_states.LICENSE.txt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.tiles import Key

_OUTLINES: Final = Path(__file__).parent / "assets" / "brazil_states.json"
_LONGITUDES: Final = (-74.4, -32.2)
_LATITUDES: Final = (-34.0, 5.6)
# A degree of latitude is 1.035 times one of longitude, as it is at 15 degrees south.
_STRETCH: Final = 1.035
_BORDER: Final = "#FFFFFF"
_LAND: Final = "#EEF1F4"
_LAND_BORDER: Final = "#C3C9CF"
_DARK: Final = frozenset({*theme.SEQUENTIAL[-2:], theme.BLUE, theme.VERMILION})
_CROWDED: Final = 2.0  # degrees between named cities, at least
_NEAR: Final = 7.0  # degrees that the name of a city reaches to the east
_SMALLEST, _LARGEST = 4.0, 34.0  # diameter of a point, pixels

# Where a state's letters stand, where the middle of its largest ring does not do: small states
# of the coast have them out at sea.
_LETTERS: Final = {
    "RN": (-34.3, -5.1), "PB": (-33.7, -7.0), "PE": (-33.9, -8.6), "AL": (-34.6, -10.1),
    "SE": (-35.9, -11.4), "ES": (-38.6, -20.0), "RJ": (-41.2, -23.6), "DF": (-47.6, -14.5),
    "GO": (-50.2, -16.4), "PI": (-42.9, -8.2), "SC": (-50.4, -27.1), "MA": (-45.3, -5.0),
    "MG": (-44.6, -18.4), "BA": (-41.8, -12.3),
}  # fmt: skip

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class AreaMark:
    """A state as the map shows it."""

    state: str
    colour: str
    hover: str


@dataclass(frozen=True)
class PointMark:
    """A point as the map shows it; ``weight`` is 0 to 1, and is what its area stands for.

    One with a name is ringed on top of all others, so that none hides it; of some that lie
    together the largest alone.
    """

    longitude: float
    latitude: float
    weight: float
    colour: str
    hover: str
    name: str = ""


@cache
def outlines() -> dict[str, list[Ring]]:
    """The rings of every state, as longitude and latitude."""
    states: dict[str, list[list[list[float]]]] = json.loads(
        _OUTLINES.read_text(encoding="utf-8")
    )["states"]
    return {
        state: [[(point[0], point[1]) for point in ring] for ring in rings]
        for state, rings in states.items()
    }


def state_map(marks: Sequence[AreaMark], height: int = 400) -> go.Figure:
    """States filled with their colours; those without a mark are left pale."""
    by_state = {mark.state: mark for mark in marks}
    figure = go.Figure()
    for state in outlines():
        mark = by_state.get(state)
        _outline(
            figure,
            state,
            theme.NO_VALUE if mark is None else mark.colour,
            _BORDER if mark is not None else _LAND_BORDER,
            None if mark is None else mark.hover,
        )
    _letters(figure, by_state)
    return _finish(figure, height)


def point_map(points: Sequence[PointMark], height: int = 400) -> go.Figure:
    """Points over the outlines; the small ones lie on top of the large ones."""
    figure = go.Figure()
    for state in outlines():
        _outline(figure, state, _LAND, _LAND_BORDER, None)
    ordered = sorted(points, key=lambda point: -point.weight)
    named: list[PointMark] = []
    for point in ordered:
        if point.name and all(_apart(point, other) > _CROWDED for other in named):
            named.append(point)
    _names(figure, named)
    figure.add_scatter(
        x=[point.longitude for point in ordered],
        y=[point.latitude for point in ordered],
        mode="markers",
        marker={
            "size": [_diameter(point) for point in ordered],
            "color": [point.colour for point in ordered],
            "opacity": 0.85,
            "line": {"width": 0.7, "color": "white"},
        },
        customdata=[point.hover for point in ordered],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for point in named:
        figure.add_shape(
            type="circle",
            xsizemode="pixel",
            ysizemode="pixel",
            xanchor=point.longitude,
            yanchor=point.latitude,
            x0=-_diameter(point) / 2,
            x1=_diameter(point) / 2,
            y0=-_diameter(point) / 2,
            y1=_diameter(point) / 2,
            line={"width": 1.6, "color": theme.INK},
        )
    return _finish(figure, height)


def _apart(one: PointMark, other: PointMark) -> float:
    return abs(one.longitude - other.longitude) + abs(one.latitude - other.latitude)


def _diameter(point: PointMark) -> float:
    return _SMALLEST + (_LARGEST - _SMALLEST) * float(point.weight**0.5)


def _names(figure: go.Figure, points: Sequence[PointMark]) -> None:
    """Names beside points, on the side where no other named point is near."""
    for point in points:
        has_neighbour = any(
            0 < other.longitude - point.longitude < _NEAR
            and abs(other.latitude - point.latitude) < 1
            for other in points
        )
        figure.add_annotation(
            x=point.longitude,
            y=point.latitude,
            text=point.name,
            showarrow=False,
            captureevents=False,
            xanchor="right" if has_neighbour else "left",
            xshift=(-1 if has_neighbour else 1) * (_diameter(point) / 2 + 2),
            font={"size": 10, "color": theme.INK},
        )


def classed(
    values: Mapping[str, float], colours: Sequence[str], words: Callable[[Any], str]
) -> tuple[dict[str, str], tuple[Key, ...]]:
    """Colours for values, in classes of about equal number, and the legend that explains them.

    Args:
        values: The value of each thing that is to be coloured.
        colours: From the lowest class to the highest; fewer are used for fewer values.
        words: Writes a value for the legend, which names the ends of each class.

    Returns:
        The colour of each thing, and a key for each class.
    """
    ordered = sorted(values, key=lambda name: (values[name], name))
    number = min(len(colours), len({values[name] for name in ordered}))
    if number == 0:
        return {}, ()
    step = (len(colours) - 1) / (number - 1) if number > 1 else 0
    shades = [colours[round(index * step)] for index in range(number)]
    if number == 1:
        shades = [colours[-1]]
    members: list[list[str]] = [[] for _ in range(number)]
    for index, name in enumerate(ordered):
        place = index * number // len(ordered)
        # Equal values stand in one class.
        if index and values[ordered[index - 1]] == values[name]:
            place = next(i for i, group in enumerate(members) if ordered[index - 1] in group)
        members[place].append(name)
    found: dict[str, str] = {}
    keys = []
    for shade, group in zip(shades, members, strict=True):
        if not group:
            continue
        low, high = words(values[group[0]]), words(values[group[-1]])
        keys.append(Key(low if low == high else f"{low} to {high}", shade))
        found |= dict.fromkeys(group, shade)
    return found, tuple(keys)


def _outline(figure: go.Figure, state: str, fill: str, border: str, hover: str | None) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in outlines()[state]:
        x += [*(point[0] for point in ring), None]
        y += [*(point[1] for point in ring), None]
    figure.add_scatter(
        x=x[:-1],
        y=y[:-1],
        mode="lines",
        fill="toself",
        fillcolor=fill,
        line={"color": border, "width": 0.8},
        name=state,
        hoveron="fills",
        text=hover,
        hoverinfo="skip" if hover is None else "text",
        hoverlabel={"bgcolor": "white"},
    )


def _letters(figure: go.Figure, marks: Mapping[str, AreaMark]) -> None:
    """The letters of each state that has a mark, white where they lie on a dark fill."""
    for state in sorted(marks.keys() & outlines().keys()):
        x, y = _LETTERS.get(state) or _middle(state)
        below = next((one for one in outlines() if _is_inside((x, y), one)), None)
        is_dark = below is not None and below in marks and marks[below].colour in _DARK
        figure.add_annotation(
            x=x,
            y=y,
            text=state,
            showarrow=False,
            captureevents=False,
            font={"size": 10, "color": "white" if is_dark else theme.INK},
        )


def _middle(state: str) -> tuple[float, float]:
    ring = outlines()[state][0]
    xs, ys = [point[0] for point in ring], [point[1] for point in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _is_inside(point: tuple[float, float], state: str) -> bool:
    x, y = point
    inside = False
    ring = outlines()[state][0]
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _finish(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        template=theme.template(),
        height=height,
        hovermode="closest",
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
    )
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_xaxes(range=_LONGITUDES, **hidden)
    figure.update_yaxes(range=_LATITUDES, scaleanchor="x", scaleratio=_STRETCH, **hidden)
    return figure
