"""Late-order risk at purchase: how likely it is that an order misses its promised day.

The mean of two linear models: a logistic regression of the broken promise, and the share of
the residuals of a forecast of days (``orchestration.models.orders``) that lies beyond the
promise. A fit learns from the promises that ended before its day, kept or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.dbt.variables import var
from orchestration.models.model import Backtest, Content
from orchestration.models.orders import (
    LEVEL,
    RECENT_TABLE,
    Array,
    DaysToDoor,
    Orders,
    fit_days,
    numbers,
    read_orders,
)

if TYPE_CHECKING:
    import duckdb

    from orchestration.models.model import Rows

METHOD = "logistic and days to the door"
_INVERSE_PENALTY = 0.003
# Shorter than that of the forecast of days: what breaks a promise changes with the promises.
_HALF_LIFE_DAYS = 150
# The standard deviation of the logistic distribution.
_LOGISTIC_SPREAD = 1.814
_NUM_REASONS = 3
# What moves the log odds by less is no reason: a twentieth of the risk.
_LEAST_PUSH = 0.05

# The features that tell of one thing, by its name.
REASONS: Mapping[str, Sequence[str]] = {
    "short promise for the way": (
        *("log_promised_days", "slack_route", "slack_zip", "slack_seller"),
        *("promise_beside_state", "promise_beside_route", "due_on_monday"),
    ),
    "seller often late or slow": (
        *("seller_late_all", "seller_late_beside_nation", "seller_days_beside_nation"),
        "seller_handling_beside_nation",
    ),
    "orders pile up at the seller": (
        *("seller_waiting", "seller_waiting_age", "seller_waiting_load", "seller_orders_28"),
    ),
    "route often late or slow": (
        *("route_days_120_beside_nation", "route_days_beside_nation", "route_late_all"),
        *("route_late_beside_nation", "log_distance", "same_state"),
    ),
    "customer's region often late or slow": (
        *("zip_days_beside_route", "zip_late_all", "zip_late_beside_nation"),
        *("state_days_beside_nation", "state_days_trend", "state_late_beside_nation"),
        *("state_open_load", "state_open_trend"),
    ),
    "deliveries slow all over the country": (
        *("nation_days", "nation_late", "nation_handling", "nation_open_trend"),
    ),
    "large, heavy or costly parcel": (
        *("log_weight", "log_volume", "log_freight", "log_price"),
    ),
    "several items or sellers": ("log_items", "several_sellers"),
    "way of payment": ("paid_by_boleto", "log_installments"),
}


@dataclass(frozen=True, slots=True)
class LateRisk:
    """Two lines over the same standardised features.

    Attributes:
        days: The forecast of days.
        odds: Coefficients of the log odds of a broken promise, intercept first.
    """

    days: DaysToDoor
    odds: Array

    def risk(self, orders: Orders) -> Array:
        """Probability that each order misses its promised day."""
        log_odds = self.odds[0] + self.days.scale(orders.features) @ self.odds[1:]
        risk: Array = (1 / (1 + np.exp(-log_odds)) + self.days.share_beyond(orders)) / 2
        return risk

    def reasons(self, orders: Orders) -> Array:
        """What raises the risk most, in words: (rows, 3) texts, None for none."""
        # Both lines on one scale, log odds.
        of_days = self.days.line[1:] * _LOGISTIC_SPREAD / np.std(self.days.residuals)
        pushed = self.days.scale(orders.features) * (self.odds[1:] + of_days) / 2
        position = {name: i for i, name in enumerate(self.days.names)}
        groups = [[position[name] for name in names] for names in REASONS.values()]
        raised = np.column_stack([pushed[:, group].sum(axis=1) for group in groups])
        order = np.argsort(-raised, axis=1, kind="stable")[:, :_NUM_REASONS]
        is_raised = np.take_along_axis(raised, order, axis=1) > _LEAST_PUSH
        words = np.array([*REASONS, None], dtype=object)
        found: Array = words[np.where(is_raised, order, len(REASONS))]
        return found


def fit_risk(orders: Orders, as_of: date) -> LateRisk | None:
    """Learn from the promises that ended before a day; None where these are too few."""
    days, known = fit_days(orders, as_of, without=LEVEL), orders.known_before(as_of)
    if days is None or not 0 < known.is_broken.mean() < 1:
        return None
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes seconds

    odds = LogisticRegression(C=_INVERSE_PENALTY, max_iter=300).fit(
        days.scale(known.features),
        known.is_broken,
        sample_weight=known.weights(as_of, _HALF_LIFE_DAYS),
    )
    return LateRisk(days, np.concatenate([odds.intercept_, odds.coef_[0]]))


class LateOrderRisk:
    """The model, as runs and backtests know it."""

    name = "late_order_risk"
    features: tuple[str, ...] = ("features_orders", "features_recent_orders")
    code: tuple[str, ...] = ("late.py", "orders.py")
    columns: Mapping[str, str] = {
        "order_key": "varchar",
        "scored_as_of_date": "date",
        "trained_until_date": "date",
        "method": "varchar",
        "is_open": "boolean",
        "late_rate": "double",
        "reason_1": "varchar",
        "reason_2": "varchar",
        "reason_3": "varchar",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Content | None:
        """A fit of today for open orders, and one of before the window of recent ones."""
        orders = read_orders(con)
        now, before = (fit_risk(orders, day) for day in _days(as_of))
        if now is None or before is None:
            return None
        return {"now": _as_content(now), "before": _as_content(before)}

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> Rows:
        """The orders of the recent days, each by a fit that did not know how it ends."""
        if content is None:
            return _NAIVE.format(as_of=as_of, table=RECENT_TABLE)
        orders = read_orders(con, RECENT_TABLE)
        now, before = (_loaded(content[part]) for part in ("now", "before"))
        is_open = orders.is_open(as_of)
        either = np.where(is_open[:, None], now.reasons(orders), before.reasons(orders))
        until = [fit.days.trained_until.isoformat() for fit in (now, before)]
        return {
            "order_key": orders.keys,
            "scored_as_of_date": np.full(len(orders), as_of.isoformat(), dtype=object),
            "trained_until_date": np.where(is_open, *until).astype(object),
            "method": np.full(len(orders), METHOD, dtype=object),
            "is_open": is_open,
            "late_rate": np.where(is_open, now.risk(orders), before.risk(orders)),
            **{f"reason_{i + 1}": either[:, i] for i in range(_NUM_REASONS)},
        }

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Fourteen monthly origins, beside two naive rankings."""
        from orchestration.models.late_backtest import backtest  # noqa: PLC0415 - scikit-learn

        return backtest(con, as_of)


def _days(as_of: date) -> tuple[date, date]:
    """The day of each fit."""
    return as_of, as_of - timedelta(days=var("late_risk_recent_days"))


def _as_content(fitted: LateRisk) -> Content:
    return fitted.days.as_content() | {"odds": numbers(fitted.odds)}


def _loaded(content: Mapping[str, Any]) -> LateRisk:
    return LateRisk(DaysToDoor.of_content(content), np.array(content["odds"]))


# Without a fit: the share of promises broken on the route so far.
_NAIVE = """
    select
        order_key,
        date '{as_of}' as scored_as_of_date,
        null as trained_until_date,
        'route rate' as method,
        estimated_delivery_date >= date '{as_of}' and coalesce(
            date '2016-01-01' + cast(delivered_day as integer) > date '{as_of}', true
        ) as is_open,
        route_late_all as late_rate,
        null as reason_1,
        null as reason_2,
        null as reason_3
    from {table}
    where is_sale
"""

MODEL = LateOrderRisk()
