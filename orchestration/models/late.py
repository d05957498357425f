"""Late-order risk at purchase: how likely it is that an order misses its promised day.

The mean of two linear models: a logistic regression of the broken promise, and a ridge
regression of the logarithm of the days to the door, of whose residuals the share counts that
lies beyond the promise. A fit learns from the promises that ended before its day, kept or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.models.linear import (
    Array,
    Orders,
    Scale,
    as_lists,
    day_number,
    days_ago,
    days_known,
    known_before,
    read_orders,
    weights,
)
from orchestration.models.model import MIN_ROWS_TO_FIT, Backtest, Content
from orchestration.rules import var

if TYPE_CHECKING:
    import duckdb

    from orchestration.models.model import Rows

_INVERSE_PENALTY = 0.01
_RIDGE_PENALTY = 300.0
# Residuals of the promises of so many days tell how far off a forecast of days is.
_RESIDUAL_DAYS = 90
_NUM_RESIDUALS = 400
_SHORTEST_DAYS = 0.5
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
        *("seller_late_all", "seller_late_28", "seller_days_120"),
        *("seller_handling_90", "seller_handling_28"),
    ),
    "orders pile up at the seller": (
        *("seller_waiting", "seller_waiting_age", "seller_waiting_load"),
        *("seller_orders_trend", "seller_orders_28", "seller_orders_all"),
    ),
    "route often late or slow": (
        *("route_days_120", "route_days_28", "route_late_all", "route_late_28"),
        *("log_distance", "same_state"),
    ),
    "customer's region often late or slow": (
        *("zip_days_beside_route", "zip_late_all", "zip_late_28"),
        *("state_days_28", "state_days_trend", "state_late_28", "state_late_14"),
        *("state_open_load", "state_open_trend"),
    ),
    "deliveries slow all over the country": (
        *("nation_days_28", "nation_days_trend_7", "nation_days_trend_28"),
        *("nation_late_28", "nation_late_7", "nation_handling_28", "nation_handling_7"),
        *("nation_orders_trend", "nation_open_load", "nation_open_trend"),
        "nation_waiting_load",
    ),
    "large, heavy or costly parcel": (
        *("log_weight", "log_volume", "log_freight", "log_price"),
    ),
    "several items or sellers": ("log_items", "several_sellers"),
    "way of payment": ("paid_by_boleto", "log_installments"),
    "day or hour of the purchase": (
        "hour_of_day",
        *(f"placed_on_weekday_{day}" for day in range(1, 7)),
    ),
}

# Without a fit: the share of promises broken on the route so far.
_NAIVE = """
    select
        order_key,
        date '{as_of}' as scored_as_of_date,
        null as trained_until_date,
        'route rate' as method,
        due_day >= {today} and coalesce(delivered_day > {today}, true) as is_open,
        route_late_all as late_rate,
        null as reason_1,
        null as reason_2,
        null as reason_3
    from predictive.features_orders
    where is_sale and placed_day between {since} and {today}
"""


@dataclass(frozen=True, slots=True)
class LateRisk:
    """Two lines over the same standardised features.

    Attributes:
        names: The features.
        scale: How they are standardised.
        late: Coefficients of the log odds of a broken promise, intercept first.
        days: Coefficients of the log of the days to the door, intercept first.
        residuals: Quantiles of what that line is off by, in log days, ascending.
        trained_until: The last promised day that it knows.
    """

    names: tuple[str, ...]
    scale: Scale
    late: Array
    days: Array
    residuals: Array
    trained_until: date

    def risk(self, orders: Orders) -> Array:
        """Probability that each order misses its promised day."""
        standard = self.scale(orders.features)
        logistic = 1 / (1 + np.exp(-(self.late[0] + standard @ self.late[1:])))
        mean = self.days[0] + standard @ self.days[1:]
        # The promised day counts whole; a purchase is somewhere in its day.
        allowed = np.log(np.maximum(orders.due - orders.placed + 0.5, _SHORTEST_DAYS))
        in_time = np.searchsorted(self.residuals, allowed - mean, side="right")
        risk: Array = (logistic + 1 - in_time / len(self.residuals)) / 2
        return risk

    def reasons(self, orders: Orders) -> Array:
        """What raises the risk most, in words: (rows, 3) texts, None for none."""
        # A late day and a late share, on one scale: log odds.
        spread = np.std(self.residuals)
        slopes = (self.late[1:] + self.days[1:] * _LOGISTIC_SPREAD / spread) / 2
        pushed = self.scale(orders.features) * slopes
        words = np.array([*REASONS, None], dtype=object)
        names = list(self.names)
        groups = [[names.index(name) for name in group] for group in REASONS.values()]
        raised = np.column_stack([pushed[:, group].sum(axis=1) for group in groups])
        order = np.argsort(-raised, axis=1, kind="stable")[:, :_NUM_REASONS]
        is_raised = np.take_along_axis(raised, order, axis=1) > _LEAST_PUSH
        found: Array = words[np.where(is_raised, order, len(REASONS))]
        return found


def fit_on(orders: Orders, as_of: date) -> LateRisk | None:
    """Learn from the promises that ended before a day; None where these are too few."""
    known = known_before(orders, as_of)
    if len(known) < MIN_ROWS_TO_FIT or not known.is_broken.any():
        return None
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415 - takes seconds

    today = day_number(as_of)
    scale = Scale.of(known.features)
    standard, weight = scale(known.features), weights(known, today)
    late = LogisticRegression(C=_INVERSE_PENALTY, max_iter=300)
    late.fit(standard, known.is_broken, sample_weight=weight)
    log_days = np.log(np.maximum(days_known(known, today), _SHORTEST_DAYS))
    days = Ridge(alpha=_RIDGE_PENALTY).fit(standard, log_days, sample_weight=weight)
    recent = known.due >= today - _RESIDUAL_DAYS
    off = (log_days - days.predict(standard))[recent]
    if not len(off):
        return None
    return LateRisk(
        known.names,
        scale,
        np.concatenate([late.intercept_, late.coef_[0]]),
        np.concatenate([[days.intercept_], days.coef_]),
        np.quantile(off, (np.arange(_NUM_RESIDUALS) + 0.5) / _NUM_RESIDUALS),
        days_ago(as_of, 1),
    )


class LateOrderRisk:
    """The model, as runs and backtests know it."""

    name = "late_order_risk"
    features = ("features_orders",)
    code = ("late.py", "linear.py")
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
        """One fit of today for open orders, one of before the window of recent ones."""
        orders = read_orders(con)
        found = {}
        for part, day in self._days(as_of).items():
            fitted = fit_on(orders, day)
            if fitted is None:
                return None
            found[part] = as_lists(
                {
                    "names": list(fitted.names),
                    "mean": fitted.scale.mean,
                    "deviation": fitted.scale.deviation,
                    "late": fitted.late,
                    "days": fitted.days,
                    "residuals": fitted.residuals,
                    "trained_until": fitted.trained_until.isoformat(),
                }
            )
        return found

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> Rows:
        """The orders of the recent days, each by a fit that did not know how it ends."""
        since = day_number(days_ago(as_of, var("late_risk_recent_days")))
        today = day_number(as_of)
        if content is None:
            return _NAIVE.format(as_of=as_of.isoformat(), since=since, today=today)
        orders = read_orders(con, f"is_sale and placed_day between {since} and {today}")
        parts = {name: _loaded(part) for name, part in content.items()}
        is_open = ~(orders.delivered <= today) & (orders.due >= today)
        risk = np.where(is_open, parts["now"].risk(orders), parts["before"].risk(orders))
        reasons = np.where(
            is_open[:, None], parts["now"].reasons(orders), parts["before"].reasons(orders)
        )
        until = [parts[name].trained_until.isoformat() for name in ("now", "before")]
        return {
            "order_key": orders.keys,
            "scored_as_of_date": np.full(len(orders), as_of.isoformat(), dtype=object),
            "trained_until_date": np.where(is_open, *until).astype(object),
            "method": np.full(len(orders), "model", dtype=object),
            "is_open": is_open,
            "late_rate": risk,
            **{f"reason_{i + 1}": reasons[:, i] for i in range(_NUM_REASONS)},
        }

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Monthly origins."""
        raise NotImplementedError

    @staticmethod
    def _days(as_of: date) -> Mapping[str, date]:
        return {"now": as_of, "before": days_ago(as_of, var("late_risk_recent_days"))}


def _loaded(part: Mapping[str, Any]) -> LateRisk:
    return LateRisk(
        tuple(part["names"]),
        Scale(np.array(part["mean"]), np.array(part["deviation"])),
        np.array(part["late"]),
        np.array(part["days"]),
        np.array(part["residuals"]),
        date.fromisoformat(part["trained_until"]),
    )


MODEL = LateOrderRisk()
