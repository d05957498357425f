"""Chart builders every dashboard shares: monthly bars, monthly lines, ranked bars.

A builder is given figures and finished hover texts; it computes no metric. Titles are not its
task either: they stand above the chart as HTML, where they wrap on a narrow screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.periods import add_months

Value = int | float | Decimal | None
Words = Callable[[Any], str]

# Margins in pixels are fixed: plotly's automatic ones are drawn a second time, and fail where a
# filter has taken the chart away by then.
NAME_MARGIN = 100  # the name of a region before its bar
_LONGEST_LINE = 26  # characters; longer names take two lines
_TWO_LINES = 40  # pixels
_TURNED_MARGIN = 62  # a name that is turned where a narrow screen has no room


@dataclass(frozen=True)
class Timeline:
    """The months of a chart, in order; which are complete and which are chosen."""

    months: tuple[date, ...]
    complete: tuple[bool, ...]
    selected: tuple[bool, ...]

    @property
    def end(self) -> date:
        """The first day after the last month."""
        return add_months(self.months[-1], 1)

    def runs(self, flags: Sequence[bool]) -> list[tuple[date, date]]:
        """Spans of neighbouring flagged months: first day, first day after."""
        found: list[tuple[date, date]] = []
        for month, flag in zip(self.months, flags, strict=True):
            if not flag:
                continue
            after = add_months(month, 1)
            if found and found[-1][1] == month:
                found[-1] = (found[-1][0], after)
            else:
                found.append((month, after))
        return found


@dataclass(frozen=True)
class Series:
    """One value a month; ``words`` writes it for the hover text."""

    name: str
    values: tuple[Value, ...]
    words: Words
    colour: str = theme.BLUE
    pale: str = theme.PALE_BLUE
    dash: str = "solid"


@dataclass(frozen=True)
class Axis:
    """The unit of a value axis, written on its ticks; percent is of values 0..1."""

    prefix: str = ""
    suffix: str = ""
    tick_format: str = ",~f"  # trimmed, not rounded: no two ticks read alike
    from_zero: bool = False
    title: str | None = None


BRL_AXIS = Axis(prefix="R$ ", tick_format="~s", from_zero=True)
PERCENT_AXIS = Axis(tick_format="~%")
COUNT_AXIS = Axis(tick_format="~s", from_zero=True)


def monthly_bars(
    timeline: Timeline, series: Sequence[Series], axis: Axis, height: int = 280
) -> go.Figure:
    """Stacked bars by month: chosen ones strong, others pale, incomplete ones hatched grey."""
    figure = go.Figure()
    for one in series:
        colours = [
            (one.colour if chosen else one.pale) if complete else theme.INCOMPLETE
            for complete, chosen in zip(timeline.complete, timeline.selected, strict=True)
        ]
        figure.add_bar(
            x=timeline.months,
            y=_plain(one.values),
            name=one.name,
            xperiod="M1",
            xperiodalignment="middle",
            marker={
                "color": colours,
                "line": {"width": 0},
                "pattern": {
                    "shape": ["" if complete else "/" for complete in timeline.complete],
                    "fgcolor": "white",
                    "size": 5,
                },
            },
            customdata=[
                one.words(value) + ("" if complete else " (incomplete month)")
                for value, complete in zip(one.values, timeline.complete, strict=True)
            ],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    return _finish(figure, timeline, axis, height)


def monthly_lines(
    timeline: Timeline, series: Sequence[Series], axis: Axis, height: int = 280
) -> go.Figure:
    """Lines by month over the complete months; the others are left blank on a grey band.

    The chosen months lie on a blue band.
    """
    figure = go.Figure()
    _bands(figure, timeline)
    for one in series:
        shown = [
            value if complete else None
            for value, complete in zip(one.values, timeline.complete, strict=True)
        ]
        figure.add_scatter(
            x=timeline.months,
            y=_plain(shown),
            name=one.name,
            mode="lines+markers",
            xperiod="M1",
            xperiodalignment="middle",
            line={"color": one.colour, "width": 2.5, "dash": one.dash},
            marker={"size": 6, "color": one.colour},
            connectgaps=False,
            customdata=[one.words(value) for value in shown],
            hovertemplate="%{fullData.name}: %{customdata}<extra></extra>",
        )
    return _finish(figure, timeline, axis, height)


@dataclass(frozen=True)
class Rank:
    """One bar of a ranking."""

    name: str
    value: Value
    label: str
    hover: str
    colour: str = theme.BLUE
    interval: tuple[float, float] | None = None


def _whiskers(ranks: Sequence[Rank]) -> dict[str, Any] | None:
    """The intervals of the bars, from each value down and up; None without any."""
    if not any(rank.interval for rank in ranks):
        return None
    spans = [(float(rank.value or 0), rank.interval) for rank in ranks]
    return {
        "type": "data",
        "symmetric": False,
        "array": [span[1] - value if span else 0 for value, span in spans],
        "arrayminus": [value - span[0] if span else 0 for value, span in spans],
        "color": theme.MUTED,
        "thickness": 1.2,
        "width": 3,
    }


def ranked_rows(
    ranks: Sequence[Rank],
    axis: Axis,
    row_height: int = 44,
    name_margin: int = NAME_MARGIN,
    label_room: float = 0.25,
) -> go.Figure:
    """Horizontal bars, the first on top, each with a short label at its end.

    Negative values go to the left of zero. ``name_margin`` is the room for the names in
    pixels, ``label_room`` that for the labels as a part of the longest bar.
    """
    figure = go.Figure()
    names = ["<br>".join(wrap(rank.name, _LONGEST_LINE)) for rank in ranks]
    if any("<br>" in name for name in names):
        row_height = max(row_height, _TWO_LINES)
    figure.add_bar(
        x=_plain([rank.value for rank in ranks]),
        y=names,
        orientation="h",
        error_x=_whiskers(ranks),
        marker={"color": [rank.colour for rank in ranks], "line": {"width": 0}},
        customdata=[rank.hover for rank in ranks],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    # Labels stand behind the whiskers, where there are some.
    figure.add_scatter(
        x=_plain([rank.interval[1] if rank.interval else rank.value for rank in ranks]),
        y=names,
        mode="text",
        text=[f" {rank.label} " for rank in ranks],
        textposition=[
            "middle left" if float(rank.value or 0) < 0 else "middle right" for rank in ranks
        ],
        cliponaxis=False,
        textfont={"size": 12, "color": theme.INK},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_layout(
        template=theme.template(),
        hovermode="closest",
        height=row_height * len(ranks) + 60,
        margin={"l": name_margin},
    )
    values = [end for rank in ranks for end in (float(rank.value or 0), *(rank.interval or ()))]
    largest, smallest = max(values, default=0.0), min(values, default=0.0)
    span = max(largest, 0.0) - min(smallest, 0.0)
    dress(figure.layout.xaxis, axis)
    # Room beyond the longest bar for its label.
    figure.update_xaxes(
        showgrid=True,
        gridcolor=theme.GRID,
        nticks=3,
        tickangle=0,
        range=[
            smallest - span * label_room if smallest < 0 else 0,
            largest + span * label_room if largest > 0 else 0 if smallest < 0 else 1,
        ],
    )
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickfont={"color": theme.INK, "size": 13},
    )
    return figure


def ranked_columns(ranks: Sequence[Rank], axis: Axis, height: int = 300) -> go.Figure:
    """Vertical bars for many short names, the first on the left."""
    figure = go.Figure()
    figure.add_bar(
        x=[rank.name for rank in ranks],
        y=_plain([rank.value for rank in ranks]),
        error_y=_whiskers(ranks),
        marker={"color": [rank.colour for rank in ranks], "line": {"width": 0}},
        customdata=[rank.hover for rank in ranks],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure.update_layout(
        template=theme.template(),
        hovermode="closest",
        height=height,
        margin={"b": _TURNED_MARGIN},
    )
    dress(figure.layout.yaxis, axis)
    figure.update_xaxes(
        type="category",
        tickmode="linear",
        tickfont={"size": 11, "color": theme.INK},
    )
    return figure


def _finish(figure: go.Figure, timeline: Timeline, axis: Axis, height: int) -> go.Figure:
    figure.update_layout(template=theme.template(), height=height)
    dress(figure.layout.yaxis, axis)
    figure.update_xaxes(
        type="date",
        range=[timeline.months[0], timeline.end],
        tickformat="%b\n%Y",
        hoverformat="%b %Y",
        ticklabelmode="period",
        nticks=8,
    )
    return figure


def dress(axis_layout: go.layout.XAxis | go.layout.YAxis, axis: Axis) -> None:
    """Write the unit of a value axis on its ticks."""
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


def _bands(figure: go.Figure, timeline: Timeline) -> None:
    incomplete = [not complete for complete in timeline.complete]
    chosen = [
        complete and selected
        for complete, selected in zip(timeline.complete, timeline.selected, strict=True)
    ]
    for flags, colour in ((incomplete, theme.INCOMPLETE_BAND), (chosen, theme.SELECTED_BAND)):
        for start, end in timeline.runs(flags):
            figure.add_vrect(x0=start, x1=end, fillcolor=colour, line_width=0, layer="below")


def warm_up() -> None:
    """Draw and write one chart, so that no reader waits for plotly to load its modules."""
    month = date(2018, 1, 1)
    line = Timeline((month,), (True,), (True,))
    monthly_bars(line, (Series("", (1,), str),), Axis()).to_json()


def _plain(values: Sequence[Value]) -> list[float | None]:
    """Plotly writes Decimal as text; a chart needs no centavos."""
    return [None if value is None else float(value) for value in values]
