"""Demand: orders and revenue of the 13 weeks ahead, in total, by state and by category.

The table of it lives here; how it is forecast is in ``demand_method``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from orchestration.models.demand_method import (
    COVERAGES,
    HORIZON,
    OFFSETS,
    History,
    beats_naive,
    bounds,
    load,
    next_event,
    quarter_bounds,
    rolling,
    shared_out,
    uplift,
)

if TYPE_CHECKING:
    import duckdb

    from orchestration.models.model import Backtest, Content, Rows

METHOD = "level and trend"
NAIVE = "last week"
UPLIFT = "uplift of the last one"
# What was, over a year, stands beside the forecast.
_PAST_WEEKS = 52
# Days of each grain; a quarter is all of the horizon.
_DAYS = {"day": 1, "week": 7, "quarter": 7 * HORIZON}
_ROUNDING = 1e-9


class DemandForecast:
    """The model ``demand_forecast``: nothing is fitted ahead, a forecast takes no time."""

    name = "demand_forecast"
    features: tuple[str, ...] = ("features_days", "features_demand")
    code: tuple[str, ...] = ("demand.py", "demand_method.py")
    columns: Mapping[str, str] = {
        "forecast_grain": "varchar",
        "series_type": "varchar",
        "series_name": "varchar",
        "metric_name": "varchar",
        "first_date": "date",
        "last_date": "date",
        "weeks_ahead": "integer",
        "actual_value": "double",
        "forecast_value": "double",
        "naive_value": "double",
        "low_80_value": "double",
        "high_80_value": "double",
        "low_95_value": "double",
        "high_95_value": "double",
        "event_name": "varchar",
        "event_factor": "double",
        "method": "varchar",
        "scored_as_of_date": "date",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> None:
        """Nothing to learn: the days themselves are all there is."""

    def score(self, con: duckdb.DuckDBPyConnection, _: Content | None, as_of: date) -> Rows:
        """The forecasts of days and weeks, and the weeks of the last year as they were."""
        parts: list[dict[str, Any]] = []
        for metric, offset in OFFSETS.items():
            history = load(con, metric, offset)
            if history is None:
                continue
            parts += [
                {"metric_name": metric} | part for part in (*_past(history), *_ahead(history))
            ]
        return _stacked(parts, self.columns, as_of)

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Weekly origins; see ``orchestration.models.demand_backtest``."""
        from orchestration.models.demand_backtest import backtest  # noqa: PLC0415 - plots

        return backtest(con, as_of)


MODEL = DemandForecast()


def _past(history: History) -> Iterator[dict[str, Any]]:
    """The weeks and quarters of the last year, as far as there are that many."""
    num_past = history.calendar.num_past
    for grain in ("week", "quarter"):
        days = _DAYS[grain]
        number = min(7 * _PAST_WEEKS, num_past) // days
        starts = num_past - days * np.arange(number, 0, -1)
        values = (
            history.values[num_past - days * number :].reshape(number, days, -1).sum(axis=1)
        )
        yield _part(history, grain, starts) | {"actual_value": values.round(2)}


def _ahead(history: History) -> Iterator[dict[str, Any]]:
    """The days and weeks of the horizon, and the next sale that comes again beyond it."""
    calendar = history.calendar
    made = rolling(history)
    if not len(made.origins):
        return
    method = METHOD if beats_naive(made) else NAIVE
    if method == NAIVE:
        made = replace(made, expected=made.naive)
    today = len(made.origins) - 1
    factors = uplift(history)
    applied = np.ones(len(calendar.days))
    if len(factors) and method == METHOD:
        offsets = calendar.event_offset
        applied = np.where(offsets >= 0, factors[np.maximum(offsets, 0)], 1)
    by_day = made.expected[today] * applied[calendar.num_past :][: 7 * HORIZON, None]
    cents = shared_out(by_day, history.names)
    for grain, days in _DAYS.items():
        by = made.summed(days)
        value = by_day.reshape(-1, days, len(history.names)).sum(axis=1)
        usual = by.expected[today]
        moved = np.divide(value, usual, out=np.ones_like(value), where=usual > 0)
        # What rounding leaves to single days may add up beyond an interval that is a point.
        shown = cents.reshape(-1, days, cents.shape[1]).sum(axis=1) / 100
        found: dict[str, Any] = {
            "forecast_value": shown,
            "naive_value": by.naive[today].round(2),
            "event_factor": np.where(np.abs(moved - 1) < _ROUNDING, np.nan, moved),
            "method": method,
        }
        ends = (
            quarter_bounds(history, made, today)
            if grain == "quarter"
            else bounds(history, by, today)
        )
        for coverage, (low, high) in zip(COVERAGES, ends, strict=True):
            name = f"{100 * coverage:.0f}_value"
            found |= {
                f"low_{name}": np.minimum((low * moved).round(2), shown),
                f"high_{name}": np.maximum((high * moved).round(2), shown),
            }
        starts = calendar.num_past + days * np.arange(len(value))
        yield _part(history, grain, starts) | found
    coming = next_event(calendar)
    if coming and coming[0] >= 7 * HORIZON and len(factors) and method == METHOD:
        # At the level of the last week ahead: the trend goes no further than it was tested.
        total = replace(history, names=history.names[:1], values=history.values[:, :1])
        weeks_ahead = made.expected[today, :, 0].reshape(HORIZON, 7)
        usual = weeks_ahead.mean(axis=0) * (weeks_ahead[-1].mean() / weeks_ahead.mean())
        places = np.array(coming)
        values = (usual[places % 7] * applied[calendar.num_past + places])[:, None]
        yield _part(total, "day", calendar.num_past + places) | {
            "forecast_value": values.round(2),
            "event_factor": applied[calendar.num_past + places][:, None],
            "method": UPLIFT,
        }


def _part(history: History, grain: str, starts: NDArray[np.int64]) -> dict[str, Any]:
    """The columns that say which days and which series, by step and series."""
    calendar, shape = history.calendar, (len(starts), len(history.names))
    length = _DAYS[grain]
    ends = starts + length - 1
    weeks_ahead = np.ceil((ends + 1 - calendar.num_past) / 7).astype(np.int64)

    def by_step(values: Sequence[Any]) -> NDArray[Any]:
        return np.broadcast_to(np.array(values, dtype=object)[:, None], shape)

    def by_series(values: Sequence[str]) -> NDArray[Any]:
        return np.broadcast_to(np.array(values, dtype=object)[None, :], shape)

    sales = [
        name if offset >= 0 else None
        for name, offset in zip(calendar.event_name, calendar.event_offset, strict=True)
    ]
    names = [
        next(filter(None, sales[first : first + length]), None) for first in starts.tolist()
    ]
    return {
        "forecast_grain": grain,
        "series_type": by_series([kind for kind, _ in history.names]),
        "series_name": by_series([name for _, name in history.names]),
        "first_date": by_step([calendar.days[one] for one in starts.tolist()]),
        "last_date": by_step([calendar.days[one] for one in ends.tolist()]),
        "weeks_ahead": by_step(weeks_ahead.tolist()),
        "event_name": by_step(names),
    }


def _stacked(
    parts: Sequence[Mapping[str, Any]], columns: Mapping[str, str], as_of: date
) -> dict[str, NDArray[Any]]:
    """The parts below each other, one array a column, and None where a part has no value."""
    found: dict[str, NDArray[Any]] = {}
    for column, kind in columns.items():
        pieces = []
        for part in parts:
            shape = part["first_date"].shape
            empty = np.nan if kind == "double" else None
            value = as_of if column == "scored_as_of_date" else part.get(column, empty)
            dtype = np.float64 if kind == "double" else object
            pieces.append(np.broadcast_to(np.asarray(value, dtype=dtype), shape).ravel())
        found[column] = np.concatenate(pieces) if pieces else np.empty(0, dtype=object)
    return found
