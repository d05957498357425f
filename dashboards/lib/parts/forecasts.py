"""What only the page of forecasts has: what is expected, how sure, and which days stand out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import marimo as mo
import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import render, theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import BRL_AXIS, COUNT_AXIS, dress
from dashboards.lib.parts.anomalies import HEIGHT, MONTHS, alarm_sentence, dated
from dashboards.lib.periods import Period
from dashboards.lib.tiles import Delta, Key, Tile, heading, message, tile_grid
from dashboards.lib.view import Values, View

FORECAST, QUALITY = "mart_demand_forecast", "mart_model_quality"
METRICS = {"Orders": "num_orders", "Revenue": "revenue_amount"}
# Neither is lost where the page is dark.
WIDER, NARROWER = theme.SEQUENTIAL[1], theme.SEQUENTIAL[2]
_MINUS = "\N{MINUS SIGN}"
# More series are in the table.
_MOST_SERIES = 3
_TESTED_WEEKS = 8
_BEYOND = "uplift of the last one"
_NO_TEST = (
    "No forecast of this warehouse has been tested yet: "
    "olist models backtest does it; what it showed on the public data is in "
    "docs/models."
)


def series(view: View) -> Sequence[tuple[str, str]]:
    """Type and name of what is chosen; the total without a choice."""
    chosen = [("state", name) for name in view.where.get("state", ())]
    chosen += [("category", name) for name in view.where.get("category", ())]
    return chosen or [("total", "all")]


def has_forecast(view: View) -> bool:
    """Whether the version has a forecast at all."""
    return FORECAST in view.source.columns and bool(rows_of(view, "week", series(view)[0]))


def metric_of(view: View) -> str:
    """The metric that is chosen."""
    return str(view.option("metric"))


def _words(view: View) -> Callable[[Any], str]:
    return fmt.brl if metric_of(view) == "revenue_amount" else fmt.number


def _amount(view: View, value: float) -> str:
    """A value in a sentence: ``20,564 orders``, ``R$ 4,121 of revenue``."""
    return f"{_words(view)(value)} {'of ' if _what(view) == 'revenue' else ''}{_what(view)}"


def _what(view: View) -> str:
    return "revenue" if metric_of(view) == "revenue_amount" else "orders"


def rows_of(view: View, grain: str, one: tuple[str, str]) -> list[dict[str, Any]]:
    """Periods of a series, the past ones first."""
    return view.select(
        FORECAST,
        "*",
        "order by first_date",
        also="forecast_grain = $grain and metric_name = $metric and series_type = $kind "
        "and series_name = $name",
        grain=grain,
        metric=metric_of(view),
        kind=one[0],
        name=one[1],
    )


def name_of(one: tuple[str, str]) -> str:
    """A series as a reader calls it."""
    return "All of Brazil" if one[0] == "total" else fmt.name(one[1])


def _days(row: Values) -> str:
    return Period(row["first_date"], row["last_date"]).label


def _interval(view: View, row: Values, coverage: int = 80) -> str:
    low, high = row[f"low_{coverage}_value"], row[f"high_{coverage}_value"]
    if low is None:
        return "no interval yet"
    return f"{coverage}% interval {_words(view)(low)} to {_words(view)(high)}"


# Summary


def summary(view: View) -> mo.Html:
    """The sentence and the tiles; a calm word where there is no forecast."""
    if not has_forecast(view):
        text = (
            "There is none of what is chosen, or this version was built before there were "
            "forecasts, or of fewer than 1,000 orders. Choose another state or category."
        )
        return mo.Html(message("No forecast", text))
    lead = " ".join(one for one in (_expected_sentence(view), alarm_sentence(view)) if one)
    as_of = fmt.day(view.source.info.as_of_date)
    return mo.Html(
        f'<p class="dw-lead">{escape(lead)}</p>'
        + heading("Summary", f"{name_of(series(view)[0])}, as of {as_of}")
        + tile_grid(render.tiles(view))
    )


def quarter(view: View) -> tuple[Values, Values | None, Values | None]:
    """The quarter ahead, the one before it, and the same one a year earlier."""
    *past, ahead = rows_of(view, "quarter", series(view)[0])
    return ahead, past[-1] if past else None, past[0] if len(past) == 4 else None  # noqa: PLR2004


def _change(ahead: Values, before: Values | None) -> float | None:
    if before is None or not before["actual_value"]:
        return None
    return float(ahead["forecast_value"] / before["actual_value"] - 1)


def _expected_sentence(view: View) -> str:
    ahead, before, _ = quarter(view)
    change = _change(ahead, before)
    against = ""
    if change is not None:
        more = "more" if change > 0 else "less"
        against = f", {fmt.change_percent(abs(change))} {more} than in the 13 weeks before"
    of = "" if series(view)[0][0] == "total" else f"{name_of(series(view)[0])}: "
    return (
        f"{of}{_amount(view, ahead['forecast_value'])} are expected from {_days(ahead)} "
        f"({_interval(view, ahead)}){against}."
    )


def quarter_tile(view: View) -> Tile:
    """The quarter ahead, against the one before and a year earlier."""
    ahead, before, year = quarter(view)
    return Tile(
        "quarter",
        f"{_what(view).capitalize()} in 13 weeks",
        _words(view)(ahead["forecast_value"]),
        f"{_days(ahead)}; {_interval(view, ahead)}",
        tuple(
            _delta(words, _change(ahead, row))
            for words, row in (("vs the 13 weeks before", before), ("vs a year earlier", year))
        ),
        note=_method_note(ahead),
    )


def _delta(against: str, change: float | None) -> Delta:
    if change is None:
        return Delta(against, reason="too few weeks")
    return Delta(against, fmt.change_percent(abs(change)), "up" if change > 0 else "down")


def _method_note(row: Values) -> str | None:
    if row["method"] != "last week":
        return None
    return "The last week again: nothing has been shown to be better to date."


def week_tile(view: View) -> Tile:
    """The seven days ahead."""
    row = next(one for one in rows_of(view, "week", series(view)[0]) if one["is_forecast"])
    return Tile(
        "week",
        f"{_what(view).capitalize()} in the next seven days",
        _words(view)(row["forecast_value"]),
        f"{_days(row)}; {_interval(view, row)}",
        note=f"The last seven days: {_words(view)(row['naive_value'])}.",
    )


def tested(view: View) -> list[dict[str, Any]]:
    """How good forecasts and alarms were: a row a figure, as far as they have been tested."""
    if QUALITY not in view.source.columns:
        return []
    return view.select(
        QUALITY,
        "model_name, metric_name, count(case when fold <> 'pooled' then 1 end) as num_folds, "
        "max(case when fold = 'pooled' then metric_value end) as metric_value, "
        "max(case when fold = 'pooled' then naive_value end) as naive_value, "
        "min(case when fold <> 'pooled' then metric_value end) as lowest, "
        "max(case when fold <> 'pooled' then metric_value end) as highest",
        "group by model_name, metric_name order by model_name, metric_name",
        also="model_name in ('demand_forecast', 'metric_anomalies')",
    )


def error_tile(view: View) -> Tile:
    """How much better than the naive answer forecasts of the total were."""
    found = {
        one["metric_name"]: one
        for one in tested(view)
        if one["model_name"] == "demand_forecast" and one["metric_value"] is not None
    }
    key = f"{metric_of(view)}_weeks_1_to_{_TESTED_WEEKS}_mase"
    label = "Error against last week's figure"
    if key not in found:
        return Tile("error", label, fmt.NOT_AVAILABLE, "of weekly totals", note=_NO_TEST)
    one = found[key]
    covered = found[f"{metric_of(view)}_weeks_in_80_interval"]["metric_value"]
    change = one["metric_value"] / one["naive_value"] - 1
    return Tile(
        "error",
        label,
        f"{'+' if change > 0 else _MINUS}{fmt.change_percent(abs(change))}",
        f"mean error of {_TESTED_WEEKS} weeks, forecast from {one['num_folds']} origins",
        note=f"Of the weeks, {fmt.percent(covered)} lay within the 80% interval.",
    )


# Charts


def forecast(view: View) -> Chart | None:
    """The weeks of a year, and those ahead with their intervals, of each chosen series."""
    if not has_forecast(view):
        return None
    ahead, _, _ = quarter(view)
    panels = []
    chosen = series(view)[:_MOST_SERIES]
    for one in chosen:
        if rows := rows_of(view, "week", one):
            drawn = _with_bands(view, rows, "seven days to %{x|%d %b %Y}: ", end=True)
            panels.append(Panel(drawn, None if len(chosen) == 1 else name_of(one)))
    left = len(series(view)) - len(chosen)
    of = f"{name_of(chosen[0])}: " if len(chosen) > 1 else ""
    more = f" {left} more are in the tables." if left > 0 else ""
    return Chart(
        "forecast",
        f"{of}{_amount(view, ahead['forecast_value'])} are expected in 13 weeks, "
        f"{_interval(view, ahead)}",
        f"{_what(view).capitalize()} by seven days that end on the as-of date, and 13 weeks "
        f"ahead. Intervals of series do not add up, their forecasts do.{more}",
        tuple(panels),
        (
            Key("As it was", theme.INK, "line"),
            Key("Forecast", theme.BLUE, "line"),
            Key("80% interval", NARROWER, "band"),
            Key("95% interval", WIDER, "band"),
        ),
        is_wide=True,
    )


def days_ahead(view: View) -> Chart | None:
    """The days ahead, by weekday and holiday."""
    if not has_forecast(view):
        return None
    one = series(view)[0]
    rows = [row for row in rows_of(view, "day", one) if row["method"] != _BEYOND]
    weeks = max(row["weeks_ahead"] for row in rows)
    best = max(rows, key=lambda row: (row["forecast_value"], row["first_date"]))
    return Chart(
        "days",
        f"The most are expected on {best['first_date']:%A}, {fmt.day(best['first_date'])}: "
        f"{_words(view)(best['forecast_value'])}",
        f"{_what(view).capitalize()} by day, {weeks} weeks ahead, {name_of(one)}",
        (Panel(_with_bands(view, rows, "%{x|%a %d %b %Y}: ", wide=False, ticks="%d %b")),),
        (
            Key("Forecast", theme.BLUE, "line"),
            Key("80% interval", NARROWER, "band"),
        ),
    )


def _with_bands(
    view: View,
    rows: Sequence[Values],
    hover: str,
    *,
    end: bool = False,
    wide: bool = True,
    ticks: str = MONTHS,
) -> go.Figure:
    """What was as a line, what is expected as another, and the intervals as bands."""
    figure, words = go.Figure(), _words(view)
    when = "last_date" if end else "first_date"
    ahead = [row for row in rows if row["is_forecast"]]
    for coverage, colour in ((95, WIDER), (80, NARROWER)):
        if (coverage == 95 and not wide) or ahead[0]["low_80_value"] is None:  # noqa: PLR2004
            continue
        days = [row[when] for row in ahead]
        figure.add_scatter(
            x=[*days, *reversed(days)],
            y=[
                *(row[f"high_{coverage}_value"] for row in ahead),
                *(row[f"low_{coverage}_value"] for row in reversed(ahead)),
            ],
            mode="lines",
            fill="toself",
            fillcolor=colour,
            line={"width": 0},
            hoverinfo="skip",
        )
    for part, column, colour in (
        ([row for row in rows if not row["is_forecast"]], "actual_value", theme.INK),
        (ahead, "forecast_value", theme.BLUE),
    ):
        figure.add_scatter(
            x=[row[when] for row in part],
            y=[row[column] for row in part],
            mode="lines",
            line={"color": colour, "width": 2.2},
            customdata=[
                words(row[column])
                + (f", {_interval(view, row)}" if row["is_forecast"] else "")
                + (f", {row['event_name']}" if row["event_name"] else "")
                for row in part
            ],
            hovertemplate=f"{hover}%{{customdata}}<extra></extra>",
        )
    axis = BRL_AXIS if metric_of(view) == "revenue_amount" else COUNT_AXIS
    return dated(figure, axis, ticks)


def black_friday(view: View) -> Chart | None:
    """What the last Black Friday would make of the next one's days."""
    if not has_forecast(view):
        return None
    total = replace(view, where={})
    rows = [
        row
        for row in rows_of(total, "day", ("total", "all"))
        if row["is_forecast"] and row["event_factor"] is not None
    ]
    if not rows:
        return None
    words, best = _words(view), max(rows, key=lambda row: row["forecast_value"])
    figure = go.Figure()
    for name, colour, values in (
        ("usual", theme.PALE_BLUE, [r["forecast_value"] / r["event_factor"] for r in rows]),
        ("like the last one", theme.ORANGE, [row["forecast_value"] for row in rows]),
    ):
        figure.add_bar(
            x=[f"{row['first_date']:%a %d}" for row in rows],
            y=values,
            name=name,
            marker={"color": colour},
            customdata=[words(value) for value in values],
            hovertemplate="%{x}, %{fullData.name}: %{customdata}<extra></extra>",
        )
    figure.update_layout(
        template=theme.template(), height=HEIGHT, hovermode="closest", barmode="group"
    )
    dress(figure.layout.yaxis, BRL_AXIS if metric_of(view) == "revenue_amount" else COUNT_AXIS)
    figure.update_xaxes(type="category", tickfont={"size": 11})
    return Chart(
        "black_friday",
        f"If {best['event_name']} were like the last one, {fmt.day(best['first_date'])} would "
        f"bring {words(best['forecast_value'])}, {fmt.number(best['event_factor'], 1)} times "
        "a usual day",
        f"{_what(view).capitalize()} in total. The data hold one {best['event_name']}: this is "
        "a calculation that nothing tests, so it has no interval",
        (Panel(figure),),
        (
            Key("A usual day", theme.PALE_BLUE),
            Key("Multiplied as the last time", theme.ORANGE),
        ),
    )
