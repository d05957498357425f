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
    Floats,
    History,
    beats_naive,
    bounds,
    load,
    next_event,
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
# Weeks as they were that stand beside the forecast.
_PAST_WEEKS = 52


class DemandForecast:
    """The model ``demand_forecast``: nothing is fitted ahead, a forecast takes no time."""

    name = "demand_forecast"
    features = ("features_days", "features_demand")
    code = ("demand.py", "demand_method.py")
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
                {"metric_name": metric} | part for part in (_past(history), *_ahead(history))
            ]
        return _stacked(parts, self.columns, as_of)

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Weekly origins; see ``orchestration.models.demand_backtest``."""
        from orchestration.models.demand_backtest import backtest  # noqa: PLC0415 - plots

        return backtest(con, as_of)


MODEL = DemandForecast()


def _past(history: History) -> dict[str, Any]:
    """The weeks of the last year, as far as there are that many."""
    num_past = history.calendar.num_past
    number = min(_PAST_WEEKS, num_past // 7)
    weeks = history.values[num_past - 7 * number :].reshape(number, 7, -1).sum(axis=1)
    starts = num_past - 7 * number + 7 * np.arange(number)
    return _part(history, "week", starts, np.arange(number) - number + 1) | {
        "actual_value": weeks.round(2)
    }


def _ahead(history: History) -> Iterator[dict[str, Any]]:
    """The days and weeks of the horizon, and the next sale that comes again beyond it."""
    calendar = history.calendar
    made = rolling(history)
    if not len(made.origins):
        return
    method = METHOD if beats_naive(made) else NAIVE
    if method == NAIVE:
        made = replace(made, expected=made.naive)
    today, starts = len(made.origins) - 1, calendar.num_past + np.arange(7 * HORIZON)
    factors = uplift(history)
    applied = np.ones(len(calendar.days))
    if len(factors) and method == METHOD:
        offsets = calendar.event_offset
        applied = np.where(offsets >= 0, factors[np.maximum(offsets, 0)], 1)
    by_day = applied[starts][:, None]
    cents = shared_out(made.expected[today] * by_day, history.names)
    days = _part(history, "day", starts, np.arange(7 * HORIZON) // 7 + 1)
    yield days | _forecast(
        cents, made.naive[today], bounds(history, made, today), by_day, method
    )
    weeks = made.by_week()
    by_week = (made.expected[today] * by_day).reshape(HORIZON, 7, -1).sum(axis=1)
    by_week = np.divide(
        by_week, weeks.expected[today], out=np.ones_like(by_week), where=by_week > 0
    )
    yield _part(history, "week", starts[::7], np.arange(1, HORIZON + 1)) | _forecast(
        cents.reshape(HORIZON, 7, -1).sum(axis=1),
        weeks.naive[today],
        bounds(history, weeks, today),
        by_week,
        method,
    )
    coming = next_event(calendar)
    if coming and coming[0] >= 7 * HORIZON and len(factors) and method == METHOD:
        # At the level of the last week ahead: the trend goes no further than it was tested.
        total = replace(history, names=history.names[:1], values=history.values[:, :1])
        weeks_ahead = made.expected[today, :, 0].reshape(HORIZON, 7)
        usual = weeks_ahead.mean(axis=0) * (weeks_ahead[-1].mean() / weeks_ahead.mean())
        places = np.array(coming)
        values = (usual[places % 7] * applied[calendar.num_past + places])[:, None]
        yield _part(total, "day", calendar.num_past + places, places // 7 + 1) | {
            "forecast_value": values.round(2),
            "event_factor": applied[calendar.num_past + places][:, None],
            "method": UPLIFT,
        }


def _forecast(
    cents: NDArray[np.int64],
    naive: Floats,
    ends: tuple[tuple[Floats, Floats], ...],
    factors: Floats,
    method: str,
) -> dict[str, Any]:
    """The columns of what is expected, by step ahead and series."""
    found = {
        "forecast_value": cents / 100,
        "naive_value": naive.round(2),
        "event_factor": np.where(factors == 1, np.nan, np.broadcast_to(factors, cents.shape)),
        "method": method,
    }
    for coverage, (low, high) in zip(COVERAGES, ends, strict=True):
        found[f"low_{coverage:.0%}_value".replace("%", "")] = (low * factors).round(2)
        found[f"high_{coverage:.0%}_value".replace("%", "")] = (high * factors).round(2)
    return found


def _part(
    history: History, grain: str, starts: NDArray[np.int64], weeks_ahead: NDArray[np.int64]
) -> dict[str, Any]:
    """The columns that say which days and which series, by step and series."""
    calendar, shape = history.calendar, (len(starts), len(history.names))
    length = 1 if grain == "day" else 7
    ends = starts + length - 1

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
