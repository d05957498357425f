"""Linear models of orders at purchase: what late_order_risk and delivery_promise share.

Features are standardised and clipped at three standard deviations: the country's level moves
further than the training has seen (Black Friday), where an unclipped line goes anywhere.
Scoring needs numpy alone; scikit-learn is imported for a fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import duckdb

Array = np.ndarray[Any, np.dtype[Any]]

TABLE = "predictive.features_orders"
# Columns of features_orders that are not features.
NOT_FEATURES = frozenset(
    {
        *("order_key", "order_id", "order_date", "estimated_delivery_date", "placed_day"),
        *("due_day", "delivered_day", "delivery_days", "seller_key", "seller_state"),
        *("customer_state", "route", "promised_days", "is_sale"),
    }
)
_CLIP = 3.0
# After so many days an order counts half in a fit: ways of delivery change over a year.
HALF_LIFE_DAYS = 150
DAY_ZERO = date(2016, 1, 1)  # of the day numbers; var calendar_start_date


def day_number(day: date) -> int:
    """Days since the day zero of features_orders."""
    return (day - DAY_ZERO).days


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders with their features; arrays of one length.

    Attributes:
        keys: order_key, as objects.
        placed, due: Day numbers of the purchase and of the promised day.
        delivered: Day number of the delivery; NaN where there is none.
        delivery_days: Elapsed days from purchase to door; NaN alike.
        names: Of the features.
        features: (rows, features); NaN where unknown.
    """

    keys: Array
    placed: Array
    due: Array
    delivered: Array
    delivery_days: Array
    names: tuple[str, ...]
    features: Array

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.placed)

    def at(self, rows: Array) -> Orders:
        """Some of them, by index or mask."""
        return Orders(
            self.keys[rows],
            self.placed[rows],
            self.due[rows],
            self.delivered[rows],
            self.delivery_days[rows],
            self.names,
            self.features[rows],
        )

    @property
    def is_broken(self) -> Array:
        """Whether the promise was broken: not delivered at the end of the promised day."""
        return ~(self.delivered <= self.due)


def read_orders(con: duckdb.DuckDBPyConnection, condition: str = "is_sale") -> Orders:
    """Orders of features_orders, in order of purchase.

    Args:
        con: A warehouse.
        condition: Which of them, as SQL; its text is a constant of the caller.
    """
    described = con.execute(f"describe {TABLE}").fetchall()
    names = tuple(row[0] for row in described if row[0] not in NOT_FEATURES)
    features = ", ".join(f"cast({name} as float) as {name}" for name in names)
    found = con.execute(
        "select order_key, placed_day, due_day, delivered_day, delivery_days, "
        f"{features} from {TABLE} where {condition} "
        "order by placed_day, order_key"
    ).fetchnumpy()
    return Orders(
        np.asarray(found["order_key"]),
        np.asarray(found["placed_day"]),
        np.asarray(found["due_day"]),
        _plain(found["delivered_day"]),
        _plain(found["delivery_days"]),
        names,
        np.column_stack([_plain(found[name]) for name in names]),
    )


def _plain(values: Any) -> Array:  # noqa: ANN401 - DuckDB gives masked and plain arrays
    """Floats with NaN for null."""
    plain: Array = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    return plain


@dataclass(frozen=True, slots=True)
class Scale:
    """How features are standardised: mean and standard deviation of each."""

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, features: Array) -> Scale:
        """That of the rows of a training."""
        deviation = np.nanstd(features, axis=0)
        return cls(np.nanmean(features, axis=0), np.where(deviation > 0, deviation, 1.0))

    def __call__(self, features: Array) -> Array:
        """Standardised, clipped; an unknown value is the mean."""
        scaled = np.clip((features - self.mean) / self.deviation, -_CLIP, _CLIP)
        return np.nan_to_num(scaled, copy=False, nan=0.0)


def weights(orders: Orders, as_of_day: int) -> Array:
    """Weight of each order in a fit, 1 on average."""
    found = 0.5 ** ((as_of_day - orders.placed) / HALF_LIFE_DAYS)
    relative: Array = found / found.mean()
    return relative


def as_lists(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays as lists of numbers of nine digits, which JSON can hold."""
    return {
        key: [float(f"{x:.9g}") for x in value] if isinstance(value, np.ndarray) else value
        for key, value in content.items()
    }


def known_before(orders: Orders, as_of: date) -> Orders:
    """Those whose promise had ended before the day began: what a fit may learn from."""
    return orders.at(orders.due < day_number(as_of))


def days_known(orders: Orders, as_of_day: int) -> Array:
    """Days to the door as known on a day; of an order still under way the days it has taken."""
    is_known = orders.delivered < as_of_day
    return np.where(is_known, orders.delivery_days, as_of_day - orders.placed)


def days_ago(as_of: date, days: int) -> date:
    """A day before another."""
    return as_of - timedelta(days=days)
