"""Days that stand out, as the page of forecasts shows them: a sentence, a chart, a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import BRL_AXIS, COUNT_AXIS, PERCENT_AXIS, Axis, dress
from dashboards.lib.periods import Period
from dashboards.lib.tables import Column, Table
from dashboards.lib.tiles import Key, Tile
from dashboards.lib.view import Values, View

ANOMALIES = "mart_metric_anomalies"
_RECENT_DAYS = 90
HEIGHT = 300
MONTHS = "%b\n%Y"


@dataclass(frozen=True)
class Watched:
    """How a watched figure is called and written.

    Attributes:
        label: Its name.
        words: How a value is written.
        axis: Its axis.
    """

    label: str
    words: Callable[[Any], str]
    axis: Axis


WATCHED = {
    "num_orders": Watched("Orders a day", fmt.number, COUNT_AXIS),
    "revenue_amount": Watched("Revenue a day", fmt.brl, BRL_AXIS),
    "review_score": Watched("Stars of the reviews answered", fmt.score, Axis()),
    "late_rate": Watched("Late on the promised day", fmt.percent, PERCENT_AXIS),
}


def alarm_sentence(view: View) -> str:
    rows = _recent_alarms(view)
    since = f"in the {_RECENT_DAYS} days to {fmt.day(view.source.info.as_of_date)}"
    if not rows:
        return f"No day stood out {since} that nothing known explains."
    last = rows[-1]
    watched = WATCHED[last["metric_name"]]
    times = {1: "Once", 2: "Twice"}.get(len(rows), f"{len(rows)} times")
    return (
        f"{times} {since} a figure stood out that nothing known explains, last on "
        f"{fmt.day(last['metric_date'])} ({watched.label.lower()}: "
        f"{watched.words(last['metric_value'])}, {watched.words(last['expected_value'])} "
        "likely)."
    )


def _recent_alarms(view: View) -> list[dict[str, Any]]:
    if ANOMALIES not in view.source.columns:
        return []
    return view.select(
        ANOMALIES,
        "*",
        "order by metric_date, metric_name",
        also=f"is_alarm and scored_as_of_date - metric_date < {_RECENT_DAYS}",
    )


def alarm_tile(view: View) -> Tile:
    """How many figures stood out lately."""
    rows = _recent_alarms(view)
    known = ""
    if rows:
        known = f"The last on {fmt.day(rows[-1]['metric_date'])}. "
    return Tile(
        "alarms",
        "Figures that stood out",
        fmt.count(len(rows)),
        f"in {_RECENT_DAYS} days, of orders, revenue, stars and late parcels",
        note=f"{known}About two a month are chance.",
    )


def anomalies(view: View) -> Chart | None:
    """The daily figures with what was likely, and the days that stand out."""
    if ANOMALIES not in view.source.columns:
        return None
    panels = []
    for metric, watched in WATCHED.items():
        rows = view.select(
            ANOMALIES, "*", "order by metric_date", also="metric_name = $metric", metric=metric
        )
        if rows:
            panels.append(Panel(_watched(rows, watched), watched.label))
    recent = _recent_alarms(view)
    finding = f"No figure stood out unexplained in {_RECENT_DAYS} days"
    if recent:
        number = "1 figure" if len(recent) == 1 else f"{len(recent)} figures"
        finding = f"{number} stood out unexplained in {_RECENT_DAYS} days"
    return Chart(
        "anomalies",
        finding,
        "By day, all of Brazil, whatever is chosen above; the band is what eight weeks before "
        "made likely. Known events and holidays are marked and raise no alarm",
        tuple(panels),
        (
            Key("Figure", theme.MUTED, "line"),
            Key("Likely", theme.PALE_BLUE, "band"),
            Key("Known event or holiday", theme.BLUE),
            Key("Stands out", theme.ORANGE),
            Key("Alarm", theme.VERMILION),
        ),
        is_wide=True,
    )


def _watched(rows: Sequence[Values], watched: Watched) -> go.Figure:
    figure = go.Figure()
    likely = [row for row in rows if row["low_value"] is not None]
    days = [row["metric_date"] for row in likely]
    figure.add_scatter(
        x=[*days, *reversed(days)],
        y=[*(row["high_value"] for row in likely), *(r["low_value"] for r in reversed(likely))],
        mode="lines",
        fill="toself",
        fillcolor=theme.PALE_BLUE,
        line={"width": 0},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[row["metric_date"] for row in rows],
        y=[row["metric_value"] for row in rows],
        mode="lines",
        line={"color": theme.MUTED, "width": 1},
        customdata=[_told(row, watched) for row in rows],
        hovertemplate="%{x|%a %d %b %Y}: %{customdata}<extra></extra>",
    )
    for part, colour in (
        ([row for row in rows if row["is_anomaly"] and row["known_event"]], theme.BLUE),
        ([row for row in rows if row["is_anomaly"] and not row["known_event"]], theme.ORANGE),
        ([row for row in rows if row["is_alarm"]], theme.VERMILION),
    ):
        figure.add_scatter(
            x=[row["metric_date"] for row in part],
            y=[row["metric_value"] for row in part],
            mode="markers",
            marker={"color": colour, "size": 7},
            hoverinfo="skip",
        )
    return dated(figure, watched.axis)


def _told(row: Values, watched: Watched) -> str:
    text = watched.words(row["metric_value"])
    if row["expected_value"] is not None:
        text += f", {watched.words(row['expected_value'])} likely"
    return f"{text} ({row['known_event']})" if row["known_event"] else text


def dated(figure: go.Figure, axis: Axis, ticks: str = MONTHS) -> go.Figure:
    """A figure by day in the one look of the page."""
    figure.update_layout(template=theme.template(), height=HEIGHT, hovermode="closest")
    dress(figure.layout.yaxis, axis)
    figure.update_xaxes(type="date", tickformat=ticks, nticks=8)
    return figure


def days_that_stand_out(view: View) -> Table:
    """Every anomaly of the data, the newest first."""
    found = view.select(
        ANOMALIES,
        "*",
        "order by metric_date desc, metric_name",
        also="is_anomaly",
    )
    return Table(
        "days_that_stand_out",
        "Days that stand out",
        (
            *(Column(one) for one in ("Day", "Figure", "Was", "Likely", "Kind")),
            Column("Spreads away", lambda value: fmt.number(value, 1)),
            *(Column(one) for one in ("Episode since", "Known as", "Alarm")),
        ),
        tuple(_anomaly_cells(row) for row in found),
        period=_watched_period(view),
    )


def _watched_period(view: View) -> Period:
    [row] = view.select(ANOMALIES, "min(metric_date) as first, max(metric_date) as last")
    as_of: date = view.source.info.as_of_date
    return Period(row["first"] or as_of, row["last"] or as_of)


def _anomaly_cells(row: Values) -> tuple[Any, ...]:
    watched = WATCHED[row["metric_name"]]
    z = row["z_score"] if row["anomaly_kind"] == "point" else row["level_z_score"]
    return (
        f"{row['metric_date']}",
        watched.label,
        watched.words(row["metric_value"]),
        watched.words(row["expected_value"]),
        {"point": "one day", "level": "level of five days"}[row["anomaly_kind"]],
        round(z, 1),
        f"{row['episode_first_date']}",
        row["known_event"] or "",
        "yes" if row["is_alarm"] else "",
    )
