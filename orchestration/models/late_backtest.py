"""How late_order_risk would have done: monthly origins, its card and plots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.models import metrics
from orchestration.models.backtest import POOLED, Figures
from orchestration.models.late import fit_risk
from orchestration.models.model import Backtest
from orchestration.models.orders import (
    Array,
    Orders,
    concatenated,
    day_of,
    monthly_folds,
    read_orders,
)
from orchestration.models.plots import calibration_plot, folds_plot

if TYPE_CHECKING:
    import duckdb

_CARD = """
What it is for: to see at purchase which orders are likely to miss their promised day, while
the seller can still be called, the parcel sent faster or the customer told.

## Data
Sales with items of `features_orders`: attributes of the order, and what the days before the
purchase have shown of its seller, route, state, zip region and the country. Nothing of
approval, shipping limit, hand-over or review is in it: they come later. Whether a promise was
kept is known at the end of the promised day, so a fit of day m learns from the promises that
ended before m, of orders that arrived and of those that had not by then.

## Method
The mean of two linear models over the same features, standardised and clipped at three
standard deviations: a logistic regression of the broken promise (half-life of 150 days), and a
ridge regression of the log of the days to the door (100 days), of whose residuals of the last
45 days the share counts that lies beyond the promise. Reasons are the groups of features that
raise the log odds most.

## Figures
Fourteen monthly origins, {span}; each month is predicted by a fit of the day it began. The
naive rankings are the promise against the route's mean days of 28 days (`naive`), and the
share of promises broken on the route so far (`auc beside route rate`). Figures are of the
orders that arrived, late or in time, as the on-time rate counts them, save those that say
"all due": these count the orders that never arrived ({lost} of them) as late, and nothing at
purchase tells those.

{figures}

![Calibration](late_order_risk-calibration.svg)
![By month](late_order_risk-auc.svg)

## Where it fails
- The level moves with the whole country: 1 % of the orders were late in one month, 19 % in
  another, and a late parcel is known three weeks after its purchase. Within a month the
  calibration is off by {ece} on average; only over the year it holds. Read the score as a
  ranking.
- Black Friday, and the weeks after it, are the worst months: nothing before it looked like it.
- In one of the months (June 2018) the naive ranking was better.
- Orders that never arrive look like all others.
- Some twenty variants were compared on these same folds: differences below 0.01 are noise, and
  the figures are flattered by about as much.

## Who may use it for what
Operations, to choose whom to call first: a tenth of the orders holds about three tenths of
the late ones. Not to rate sellers (mart_seller_scorecard has what they did), nor to promise a
customer a day (that is delivery_promise).
"""


def backtest(con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
    """Fourteen monthly origins, beside two naive rankings."""
    orders, figures = read_orders(con), Figures()
    tested: list[tuple[Orders, Array]] = []
    for fold in monthly_folds(con, orders, as_of):
        fitted = fit_risk(orders, fold.origin)
        if fitted is None:
            continue
        tested.append((fold.orders, fitted.risk(fold.orders)))
        figures.add(fold.name, *_span(fold.orders), _measures(*tested[-1]))
    everything, risk = (
        concatenated([one for one, _ in tested]),
        np.concatenate([risk for _, risk in tested]),
    )
    figures.add(POOLED, *_span(everything), _measures(everything, risk))
    found = figures.frame()
    monthly = found[(found["metric_name"] == "calibration_error") & (found["fold"] != POOLED)]
    first, last = _span(everything)[0]
    card = (
        _CARD.replace("{span}", f"orders of {first} to {last}")
        .replace("{lost}", f"{int((~everything.is_delivered).sum()):,}")
        .replace("{ece}", f"{monthly['metric_value'].mean():.3f}")
    )
    plots = {
        "calibration": calibration_plot(metrics.bins(everything.is_broken, risk)),
        "auc": folds_plot(found, "auc", "AUC", "promise / route's days"),
    }
    return Backtest(found, card, plots)


def _span(orders: Orders) -> tuple[tuple[date, date], int]:
    days = day_of(orders.placed.min()), day_of(orders.placed.max())
    return days, len(orders)


def _measures(orders: Orders, risk: Array) -> Mapping[str, Any]:
    all_broken, all_tight = orders.is_broken, -orders.feature("slack_route")
    arrived = orders.at(orders.is_delivered)
    y, p = arrived.is_broken, risk[orders.is_delivered]
    tight, rate = -arrived.feature("slack_route"), arrived.feature("route_late_all")
    return {
        "auc": (metrics.auc(y, p), metrics.auc(y, tight)),
        "auc_beside_route_rate": (metrics.auc(y, p), metrics.auc(y, rate)),
        "average_precision": (
            metrics.average_precision(y, p),
            metrics.average_precision(y, tight),
        ),
        "average_precision_to_base": (
            metrics.average_precision(y, p) / y.mean(),
            metrics.average_precision(y, tight) / y.mean(),
        ),
        "captured_in_top_tenth": (metrics.captured(y, p), metrics.captured(y, tight)),
        "brier": (metrics.brier(y, p), metrics.brier(y, rate)),
        "calibration_error": (
            metrics.calibration_error(y, p),
            metrics.calibration_error(y, rate),
        ),
        "base_rate": float(y.mean()),
        "auc_all_due": (metrics.auc(all_broken, risk), metrics.auc(all_broken, all_tight)),
        "calibration_error_all_due": metrics.calibration_error(all_broken, risk),
        "base_rate_all_due": float(all_broken.mean()),
    }
