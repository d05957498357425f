"""How delivery_promise would have done: monthly origins, its card and plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.models import metrics
from orchestration.models.backtest import POOLED, Figures
from orchestration.models.model import Backtest
from orchestration.models.orders import (
    Array,
    Orders,
    concatenated,
    day_number,
    day_of,
    monthly_folds,
    read_orders,
)
from orchestration.models.plots import folds_plot, promise_plot
from orchestration.models.promise import LEVELS, Promise, fit_promise, whole_days

if TYPE_CHECKING:
    import duckdb

_CARD = """
What it is for: to say at purchase when a parcel will probably be at the door (P50), and when
almost certainly (P80, P95), and to show what a promise would be that knows the seller, the
way and how busy all are, instead of the wide one that Olist gives.

## Data
As [late_order_risk](late_order_risk.md): sales with items, what is known at purchase,
promises that ended before the day of the fit. An order that is still under way at a fit
counts with the days it has taken.

## Method
A ridge regression of the log of the days to the door on standardised, clipped features
(half-life of 100 days). The quantiles are the line times those of its residuals of the last
45 days: a line for where, spread by how far off it was lately. The promise that could be made
is the quantile whose promises were as long on average as the given ones in the 45 days before
the fit.

## Figures
Fourteen monthly origins, {span}; each month is predicted by a fit of the day it began, on the
orders that arrived. Naive: the quantiles of the route (state to state) in the 120 days
before, those of the country where a route has fewer than 20; of the promise and the late
orders, what Olist promised.

{figures}

With one level for all months, chosen afterwards so that promises are as long as Olist's on
average ({given} days), {late_equal} of the orders are late instead of {late_given}: {fewer}
fewer. With as many late as Olist has, the promise could be {days_equal} days instead of
{given}.

![Median error by month](delivery_promise-mae.svg)
![Length of the promise and late orders](delivery_promise-trade.svg)

## Where it fails
- Months that turn slow (November, February, March) are known only when their parcels arrive:
  the quantiles cover too little while it gets slower, and too much while it gets faster; see
  the lowest and the highest of the table.
- At a level chosen before each month, as long promises as before keep hardly more of them
  (`late rate of possible promise`): the gain needs the length to follow the season.
- Orders that never arrive are in no figure of days.
- Most routes have few parcels: there it says what the states around and the country do.

## Who may use it for what
Product, to shorten or lengthen promises by route and season; operations, to expect a parcel.
Not a contract with a carrier, nor a cause: it does not say what a faster way of sending would
change.
"""

_MIN_ON_ROUTE = 20
_NAIVE_DAYS = 120


@dataclass(frozen=True, slots=True)
class _Tested:
    """A fold's orders that arrived, and what was said of them before.

    Attributes:
        orders: They.
        log_days: The line.
        quantiles, naive: Days by level, a column each of ``LEVELS``.
        promised: Days that could be promised.
    """

    orders: Orders
    promise: Promise
    quantiles: Array
    naive: Array
    promised: Array


def backtest(con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
    """Fourteen monthly origins, beside Olist's promise and the quantiles of the route."""
    orders, figures = read_orders(con), Figures()
    routes = dict(
        con.execute("select order_key, route from predictive.features_orders").fetchall()
    )
    tested: list[_Tested] = []
    for fold in monthly_folds(con, orders, as_of):
        fitted = fit_promise(orders, fold.origin)
        if fitted is None:
            continue
        arrived = fold.orders.at(fold.orders.is_delivered)
        tested.append(
            _Tested(
                arrived,
                fitted,
                np.column_stack([fitted.days.quantile(arrived, q) for q in LEVELS.values()]),
                _route_quantiles(
                    orders.known_before(fold.origin), arrived, fold.origin, routes
                ),
                fitted.promised_days(arrived),
            )
        )
        figures.add(fold.name, *_span(arrived), _measures(tested[-1]))
    pooled = _pooled(tested)
    figures.add(POOLED, *_span(pooled.orders), _measures(pooled))
    found = figures.frame()
    trade = _trade(tested, pooled.orders)
    given = float((pooled.orders.due - pooled.orders.placed).mean())
    late_given = float(pooled.orders.is_broken.mean())
    late_equal = float(np.interp(given, trade[:, 0], trade[:, 1]))
    days_equal = float(np.interp(-late_given, -trade[:, 1], trade[:, 0]))
    first, last = _span(pooled.orders)[0]
    card = _CARD
    for name, text in {
        "span": f"orders of {first} to {last}",
        "given": f"{given:.1f}",
        "late_given": f"{late_given:.2%}",
        "late_equal": f"{late_equal:.2%}",
        "fewer": f"{1 - late_equal / late_given:.0%}",
        "days_equal": f"{days_equal:.1f}",
    }.items():
        card = card.replace("{" + name + "}", text)
    figures.add(
        POOLED,
        *_span(pooled.orders),
        {
            "late_rate_at_equal_length": (late_equal, late_given),
            "promised_days_at_equal_late_rate": (days_equal, given),
        },
    )
    plots = {
        "mae": folds_plot(found, "absolute_error_p50", "error of P50, days", "route's median"),
        "trade": promise_plot(trade, (given, late_given)),
    }
    return Backtest(figures.frame(), card, plots)


def _span(orders: Orders) -> tuple[tuple[date, date], int]:
    days = day_of(orders.placed.min()), day_of(orders.placed.max())
    return days, len(orders)


def _route_quantiles(
    known: Orders, orders: Orders, origin: date, routes: Mapping[str, str]
) -> Array:
    """The quantiles of each order's route in the days before, (rows, levels)."""
    today = day_number(origin)
    recent = known.at((known.delivered < today) & (known.delivered >= today - _NAIVE_DAYS))
    levels = list(LEVELS.values())
    everywhere = np.quantile(recent.delivery_days, levels)
    on_route = np.array([routes[key] for key in recent.keys])
    found = {
        route: np.quantile(days, levels)
        for route in np.unique(on_route)
        if len(days := recent.delivery_days[on_route == route]) >= _MIN_ON_ROUTE
    }
    return np.array([found.get(routes[key], everywhere) for key in orders.keys])


def _pooled(tested: list[_Tested]) -> _Tested:
    return _Tested(
        concatenated([one.orders for one in tested]),
        tested[-1].promise,
        np.concatenate([one.quantiles for one in tested]),
        np.concatenate([one.naive for one in tested]),
        np.concatenate([one.promised for one in tested]),
    )


def _measures(one: _Tested) -> Mapping[str, Any]:
    orders, days = one.orders, one.orders.delivery_days
    given = (orders.due - orders.placed).astype(float)
    taken = orders.delivered - orders.placed
    (p50, p80, p95), (n50, n80, n95) = one.quantiles.T, one.naive.T
    return {
        "absolute_error_p50": (
            metrics.absolute_error(days, p50),
            metrics.absolute_error(days, n50),
        ),
        "absolute_error_of_olists_promise": metrics.absolute_error(days, given),
        "pinball_p80": (metrics.pinball(days, p80, 0.8), metrics.pinball(days, n80, 0.8)),
        "pinball_p95": (metrics.pinball(days, p95, 0.95), metrics.pinball(days, n95, 0.95)),
        "covered_by_p80": (metrics.coverage(days, 0, p80), metrics.coverage(days, 0, n80)),
        "covered_by_p95": (metrics.coverage(days, 0, p95), metrics.coverage(days, 0, n95)),
        "possible_promise_days": (float(one.promised.mean()), float(given.mean())),
        "late_rate_of_possible_promise": (
            float((taken > one.promised).mean()),
            float(orders.is_broken.mean()),
        ),
    }


def _trade(tested: list[_Tested], pooled: Orders) -> Array:
    """Mean length of a promise and share of late orders, by level: (levels, 2), ascending."""
    taken = pooled.delivered - pooled.placed
    rows = []
    for level in np.arange(0.85, 0.996, 0.005):
        promised = np.concatenate(
            [whole_days(one.promise.days.quantile(one.orders, level)) for one in tested]
        )
        rows.append([promised.mean(), (taken > promised).mean()])
    return np.array(rows)
