"""The tables of the page of forecasts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib import render
from dashboards.lib.cards import table_tabs
from dashboards.lib.parts.forecasts import (
    FORECAST,
    has_forecast,
    metric_of,
    name_of,
    quarter,
    rows_of,
    series,
    tested,
)
from dashboards.lib.periods import Period
from dashboards.lib.tables import Column, Table
from dashboards.lib.tiles import heading
from dashboards.lib.view import View

_ENDS = ("80% from", "80% to", "95% from", "95% to")


def rows(view: View) -> mo.Html | None:
    """The tables in tabs."""
    if not has_forecast(view):
        return None
    note = f"As of {fmt.day(view.source.info.as_of_date)}. Click a heading to sort."
    return mo.vstack(
        [
            mo.Html(heading("Data", note)),
            table_tabs(render.tables(view), view.page.slug, _ahead_period(view)),
        ]
    )


def _ahead_period(view: View) -> Period:
    ahead = quarter(view)[0]
    return Period(ahead["first_date"], ahead["last_date"])


def _value_columns(view: View, *labels: str) -> tuple[Column, ...]:
    unit = " (R$)" if metric_of(view) == "revenue_amount" else ""
    return tuple(Column(f"{label}{unit}", fmt.number) for label in labels)


def by_state(view: View) -> Table:
    """The quarter ahead of every state."""
    return _quarters(view, "state", "By state")


def by_category(view: View) -> Table:
    """The quarter ahead of every category."""
    return _quarters(view, "category", "By category")


def _quarters(view: View, kind: str, title: str) -> Table:
    found = view.select(
        FORECAST,
        "series_name, max(case when weeks_ahead = 0 then actual_value end) as last, "
        "max(forecast_value) as expected, "
        + ", ".join(
            f"max({end}_{coverage}_value) as {end}_{coverage}"
            for coverage in (80, 95)
            for end in ("low", "high")
        ),
        "group by series_name order by expected desc, series_name",
        also="forecast_grain = 'quarter' and metric_name = $metric and series_type = $kind",
        metric=metric_of(view),
        kind=kind,
    )
    names = ("last", "expected", "low_80", "high_80", "low_95", "high_95")
    return Table(
        f"by_{kind}",
        title,
        (
            Column(title.removeprefix("By ").capitalize()),
            *_value_columns(view, "Last 13 weeks", "Next 13 weeks", *_ENDS),
        ),
        tuple((fmt.name(row["series_name"]), *(row[name] for name in names)) for row in found),
    )


def weeks(view: View) -> Table:
    """The weeks of the first chosen series, those ahead first."""
    found = rows_of(view, "week", series(view)[0])[::-1]
    names = (
        *("actual_value", "forecast_value", "low_80_value", "high_80_value"),
        *("low_95_value", "high_95_value", "naive_value"),
    )
    return Table(
        "weeks",
        f"By week, {name_of(series(view)[0])}",
        (
            Column("First day"),
            Column("Last day"),
            *_value_columns(view, "As it was", "Forecast", *_ENDS, "Naive: last week"),
        ),
        tuple(
            (f"{row['first_date']}", f"{row['last_date']}", *(row[name] for name in names))
            for row in found
        ),
    )


def tests(view: View) -> Table:
    """The backtests beside the naive answer."""
    numbers = tuple(
        Column(name, lambda value: fmt.number(value, 2))
        for name in ("All", "Naive", "Lowest fold", "Highest fold")
    )
    return Table(
        "tests",
        "How good it was",
        (Column("Model"), Column("Measure"), *numbers, Column("Folds", fmt.count)),
        tuple(_tested_cells(view)),
    )


def _tested_cells(view: View) -> Iterator[tuple[Any, ...]]:
    for row in tested(view):
        yield (
            fmt.name(row["model_name"]),
            row["metric_name"].replace("_", " "),
            *(row[name] for name in ("metric_value", "naive_value", "lowest", "highest")),
            row["num_folds"],
        )
