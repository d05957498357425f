"""Delivery promise: days to the door, and the promise that could be made instead of Olist's.

The forecast of days is that of ``orchestration.models.orders``. The promise that could be made
is the quantile of it that made promises as long, on average, as the given ones were in the last
45 days before the fit: as long for all, but longer where it takes longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.dbt.variables import var
from orchestration.models.model import Backtest, Content
from orchestration.models.orders import (
    RECENT_TABLE,
    RESIDUAL_DAYS,
    Array,
    DaysToDoor,
    Orders,
    day_number,
    fit_days,
    read_orders,
)

if TYPE_CHECKING:
    import duckdb

    from orchestration.models.model import Rows

METHOD = "days to the door"
# The quantiles that are published, and their columns.
LEVELS: Mapping[str, float] = {"p50_days": 0.5, "p80_days": 0.8, "p95_days": 0.95}
_CANDIDATES = np.arange(0.5, 0.9951, 0.0025)


@dataclass(frozen=True, slots=True)
class Promise:
    """A forecast of days, and the quantile of it that is promised.

    Attributes:
        days: The forecast.
        level: The quantile, from 0 to 1.
    """

    days: DaysToDoor
    level: float

    def promised_days(self, orders: Orders) -> Array:
        """Whole days from the day of purchase to the end of the promised day."""
        return whole_days(self.days.quantile(orders, self.level))


def whole_days(days: Array) -> Array:
    """The days of the calendar that elapsed days reach into, at least one."""
    found: Array = np.maximum(np.ceil(days), 1)
    return found


def fit_promise(orders: Orders, as_of: date) -> Promise | None:
    """Learn from the promises that ended before a day; None where these are too few."""
    days = fit_days(orders, as_of)
    if days is None:
        return None
    known = orders.known_before(as_of)
    recent = known.at(known.due >= day_number(as_of) - RESIDUAL_DAYS)
    given = float(np.mean(recent.due - recent.placed))
    return Promise(days, level_of_length(days, recent, given))


def level_of_length(days: DaysToDoor, orders: Orders, length: float) -> float:
    """The quantile whose promises are so many days long on average."""
    log_days = days.log_days(orders)
    off = np.quantile(days.residuals, _CANDIDATES)
    means = [float(whole_days(np.exp(log_days + one)).mean()) for one in off]
    return float(_CANDIDATES[int(np.argmin(np.abs(np.array(means) - length)))])


class DeliveryPromise:
    """The model, as runs and backtests know it."""

    name = "delivery_promise"
    features: tuple[str, ...] = ("features_orders", "features_recent_orders")
    code: tuple[str, ...] = ("promise.py", "orders.py")
    columns: Mapping[str, str] = {
        "order_key": "varchar",
        "scored_as_of_date": "date",
        "trained_until_date": "date",
        "method": "varchar",
        **dict.fromkeys(LEVELS, "double"),
        "possible_promise_days": "integer",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Content | None:
        """Of the day before the window of recent orders, which it so has not seen."""
        fitted = fit_promise(read_orders(con), _window_start(as_of))
        if fitted is None:
            return None
        return fitted.days.as_content() | {"level": fitted.level}

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> Rows:
        """The orders of the recent days."""
        since = _window_start(as_of)
        if content is None:
            return _NAIVE.format(as_of=as_of, since=since, table=RECENT_TABLE)
        orders = read_orders(con, RECENT_TABLE)
        promise = _loaded(content)
        count, until = len(orders), promise.days.trained_until.isoformat()
        return {
            "order_key": orders.keys,
            "scored_as_of_date": np.full(count, as_of.isoformat(), dtype=object),
            "trained_until_date": np.full(count, until, dtype=object),
            "method": np.full(count, METHOD, dtype=object),
            **{name: promise.days.quantile(orders, level) for name, level in LEVELS.items()},
            "possible_promise_days": promise.promised_days(orders),
        }

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Fourteen monthly origins, beside Olist's promise and the quantiles of the route."""
        from orchestration.models.promise_backtest import backtest  # noqa: PLC0415

        return backtest(con, as_of)


def _window_start(as_of: date) -> date:
    return as_of - timedelta(days=var("late_risk_recent_days"))


def _loaded(content: Mapping[str, Any]) -> Promise:
    return Promise(DaysToDoor.of_content(content), content["level"])


# Without a fit: the mean log days of the route, and how far all deliveries are off such means.
_NAIVE = """
    with known as (
        select ln(greatest(delivery_days, 0.5)) - route_days_120 as off
        from predictive.features_orders
        where is_sale and delivery_days is not null and estimated_delivery_date < date '{since}'
    ),
    spread as (
        select
            quantile_cont(off, 0.5) as p50, quantile_cont(off, 0.8) as p80,
            quantile_cont(off, 0.95) as p95
        from known
    )
    select
        order_key,
        date '{as_of}' as scored_as_of_date,
        null as trained_until_date,
        'route quantiles' as method,
        exp(route_days_120 + p50) as p50_days,
        exp(route_days_120 + p80) as p80_days,
        exp(route_days_120 + p95) as p95_days,
        greatest(ceil(exp(route_days_120 + p95)), 1) as possible_promise_days
    from {table}
    cross join spread
    where is_sale and p50 is not null
"""

MODEL = DeliveryPromise()
