"""Orders at purchase: what late_order_risk and delivery_promise read and learn alike.

Features are standardised and clipped at three standard deviations: the country's level moves
further than the training has seen (Black Friday), where an unclipped line goes anywhere.
Scoring needs numpy alone; scikit-learn is imported for a fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from orchestration.models.model import MIN_ROWS_TO_FIT

if TYPE_CHECKING:
    import duckdb

Array = np.ndarray[Any, np.dtype[Any]]

TABLE = "predictive.features_orders"
# Its rows that are scored; the whole history is computed where it is read.
RECENT_TABLE = "predictive.features_recent_orders"
# Columns of features_orders that are not features.
NOT_FEATURES = frozenset(
    {
        *("order_key", "order_id", "order_date", "estimated_delivery_date", "placed_day"),
        *("due_day", "delivered_day", "delivery_days", "seller_key", "seller_state"),
        *(
            "customer_state",
            "route",
            "promised_days",
            "is_sale",
            "route_days",
            "route_days_120",
        ),
    }
)
# The level of the country. It tells how long all will take, but not which order will be late:
# to rank orders by the forecast of days, that is fitted without.
LEVEL = frozenset({"nation_days", "nation_late", "nation_handling"})
_CLIP = 3.0
_RIDGE_PENALTY = 300.0
# After so many days an order counts half in a fit: ways of delivery change over a year.
_HALF_LIFE_DAYS = 100
# Residuals of the promises of so many days tell how far off a forecast of days is.
RESIDUAL_DAYS = 45
_NUM_RESIDUALS = 400
SHORTEST_DAYS = 0.5
# Origins of a backtest: the first days of so many months, that of the as-of date included.
NUM_FOLDS = 14
# An extract of surveyed orders has those that are not delivered until two days after the
# promised one, when their survey is sent: the next day they are all there.
_SURVEYED_AFTER_DAYS = 3
DAY_ZERO = date(2016, 1, 1)  # of the day numbers; var calendar_start_date


def day_number(day: date) -> int:
    """Days since the day zero of features_orders."""
    return (day - DAY_ZERO).days


def day_of(number: int) -> date:
    """The day of a day number."""
    return DAY_ZERO + timedelta(days=int(number))


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders with their features; arrays of one length, in order of purchase.

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

    def feature(self, name: str) -> Array:
        """One feature of each order."""
        values: Array = self.features[:, self.names.index(name)]
        return values

    @property
    def is_broken(self) -> Array:
        """Whether the promise was broken: not delivered at the end of the promised day."""
        return ~(self.delivered <= self.due)

    @property
    def is_delivered(self) -> Array:
        """Whether they have a day of delivery."""
        return ~np.isnan(self.delivered)

    def is_open(self, as_of: date) -> Array:
        """Whether, at the end of a day, neither parcel nor end of the promised day had come."""
        today = day_number(as_of)
        return ~(self.delivered <= today) & (self.due >= today)

    def known_before(self, as_of: date) -> Orders:
        """Those whose promise had ended before the day: what a fit may learn from."""
        return self.at(self.due < day_number(as_of))

    def weights(self, as_of: date, half_life_days: float = _HALF_LIFE_DAYS) -> Array:
        """Weight of each in a fit: 1 on average, half after so many days."""
        found = 0.5 ** ((day_number(as_of) - self.placed) / half_life_days)
        relative: Array = found / found.mean()
        return relative


def read_orders(con: duckdb.DuckDBPyConnection, table: str = TABLE) -> Orders:
    """The sales among the orders with features: all of them, or those of RECENT_TABLE."""
    described = con.execute(f"describe {table}").fetchall()
    names = tuple(row[0] for row in described if row[0] not in NOT_FEATURES)
    features = ", ".join(f"cast({name} as float) as {name}" for name in names)
    found = con.execute(
        "select order_key, placed_day, due_day, delivered_day, delivery_days, "
        f"{features} from {table} where is_sale order by placed_day, order_key"
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
        mean, deviation = np.nanmean(features, axis=0), np.nanstd(features, axis=0)
        return cls(mean, np.where(deviation > 0, deviation, 1.0))

    def __call__(self, features: Array) -> Array:
        """Standardised, clipped; an unknown value is the mean."""
        scaled = np.clip((features - self.mean) / self.deviation, -_CLIP, _CLIP)
        return np.nan_to_num(scaled, copy=False, nan=0.0)


@dataclass(frozen=True, slots=True)
class DaysToDoor:
    """A line for the logarithm of the days to the door, and how far off it was lately.

    Attributes:
        names: The features.
        scale: How they are standardised.
        line: Intercept, then a coefficient a feature.
        residuals: Quantiles of the log days less the line, of promises that ended in the last
            45 days, ascending.
        trained_until: The last promised day that it knows.
    """

    names: tuple[str, ...]
    scale: Scale
    line: Array
    residuals: Array
    trained_until: date

    def log_days(self, orders: Orders) -> Array:
        """The line."""
        found: Array = self.line[0] + self.scale(orders.features) @ self.line[1:]
        return found

    def quantile(self, orders: Orders, level: float) -> Array:
        """Days within which so large a share of such orders arrives."""
        found: Array = np.exp(self.log_days(orders) + np.quantile(self.residuals, level))
        return found

    def share_beyond(self, orders: Orders) -> Array:
        """Share of such orders that would arrive after their promised day."""
        # The promised day counts whole; a purchase is somewhere in its day.
        allowed = np.log(np.maximum(orders.due - orders.placed + 0.5, SHORTEST_DAYS))
        in_time = np.searchsorted(self.residuals, allowed - self.log_days(orders), side="right")
        share: Array = 1 - in_time / len(self.residuals)
        return share

    def as_content(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "names": list(self.names),
            "mean": numbers(self.scale.mean),
            "deviation": numbers(self.scale.deviation),
            "line": numbers(self.line),
            "residuals": numbers(self.residuals),
            "trained_until": self.trained_until.isoformat(),
        }

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> DaysToDoor:
        """From what :meth:`as_content` gave."""
        return cls(
            tuple(content["names"]),
            Scale(np.array(content["mean"]), np.array(content["deviation"])),
            np.array(content["line"]),
            np.array(content["residuals"]),
            date.fromisoformat(content["trained_until"]),
        )


def numbers(values: Array) -> list[float]:
    """Numbers of nine digits, which JSON can hold."""
    return [float(f"{value:.9g}") for value in values]


def fit_days(
    orders: Orders, as_of: date, *, without: frozenset[str] = frozenset()
) -> DaysToDoor | None:
    """Learn from the promises that ended before a day; None where these are too few.

    Of an order that is still under way the days it has taken so far count.

    Args:
        orders: All of them.
        as_of: The day.
        without: Features that shall not matter.
    """
    known, today = orders.known_before(as_of), day_number(as_of)
    is_recent = known.due >= today - RESIDUAL_DAYS
    if len(known) < MIN_ROWS_TO_FIT or not is_recent.any():
        return None
    from sklearn.linear_model import Ridge  # noqa: PLC0415 - takes seconds

    scale = Scale.of(known.features)
    standard = scale(known.features)
    days = np.where(known.delivered < today, known.delivery_days, today - known.placed)
    log_days = np.log(np.maximum(days, SHORTEST_DAYS))
    is_used = np.array([name not in without for name in known.names])
    ridge = Ridge(alpha=_RIDGE_PENALTY).fit(
        standard[:, is_used], log_days, sample_weight=known.weights(as_of)
    )
    slopes = np.zeros(len(known.names))
    slopes[is_used] = ridge.coef_
    off = (log_days - ridge.intercept_ - standard @ slopes)[is_recent]
    return DaysToDoor(
        known.names,
        scale,
        np.concatenate([[ridge.intercept_], slopes]),
        np.quantile(off, (np.arange(_NUM_RESIDUALS) + 0.5) / _NUM_RESIDUALS),
        as_of - timedelta(days=1),
    )


@dataclass(frozen=True, slots=True)
class Fold:
    """A month of a backtest: orders placed in it, to be predicted from before it."""

    name: str
    origin: date
    orders: Orders


def monthly_folds(
    con: duckdb.DuckDBPyConnection, orders: Orders, as_of: date
) -> Iterator[Fold]:
    """The last fourteen months to the as-of date, of orders whose outcome is known."""
    from orchestration.models.backtest import monthly_origins  # noqa: PLC0415 - pandas

    origins = monthly_origins(as_of, NUM_FOLDS)
    ends = [*origins[1:], as_of + timedelta(days=1)]
    last_due = day_number(last_day_of_outcomes(con, as_of))
    for origin, end in zip(origins, ends, strict=True):
        is_placed = (orders.placed >= day_number(origin)) & (orders.placed < day_number(end))
        found = orders.at(is_placed & (orders.due <= last_due))
        if len(found):
            yield Fold(f"{origin:%Y-%m}", origin, found)


def last_day_of_outcomes(con: duckdb.DuckDBPyConnection, as_of: date) -> date:
    """The last promised day of which kept and broken promises alike are in the data."""
    row = con.execute(
        "select is_truncated, last_survey_date from intermediate.int_as_of_date"
    ).fetchone()
    if row and row[0]:
        found: date = row[1] - timedelta(days=_SURVEYED_AFTER_DAYS)
        return found
    return as_of - timedelta(days=1)


def concatenated(parts: Sequence[Orders]) -> Orders:
    """Orders of several folds, one after the other."""
    join = np.concatenate
    return Orders(
        join([p.keys for p in parts]),
        join([p.placed for p in parts]),
        join([p.due for p in parts]),
        join([p.delivered for p in parts]),
        join([p.delivery_days for p in parts]),
        parts[0].names,
        join([p.features for p in parts]),
    )
