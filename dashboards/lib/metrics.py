"""The metrics of the dashboards, each computed in exactly one place.

SQL brings additive sums (`Measures`); every ratio and every change between two periods is
made from them here, so that no average is ever averaged. No SQL, no formatting, no page.
The definitions are those of docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Literal

from dashboards.lib.periods import add_months

Number = int | float | Decimal


def ratio(numerator: Number, denominator: Number) -> float | None:
    """A share or an average; None where there is nothing to divide by."""
    if not denominator:
        return None
    return float(Decimal(str(numerator)) / Decimal(str(denominator)))


def growth(current: Number | None, previous: Number | None) -> float | None:
    """Relative change, 0.1 for ten percent more; None without a positive base."""
    if current is None or previous is None or previous <= 0:
        return None
    return float(current) / float(previous) - 1


def difference(current: float | None, previous: float | None) -> float | None:
    """Absolute change, in the unit of the two; None where one of them is missing."""
    if current is None or previous is None:
        return None
    return current - previous


@dataclass(frozen=True)
class Measures:
    """The additive sums of the executive mart over any set of its rows, and their ratios.

    Money is BRL. ``sum_delivery_days`` and ``sum_promised_days`` run over the same orders,
    the ``num_delivered``. Every ratio is None where its base is empty.
    """

    num_orders: int = 0
    num_sales: int = 0
    num_sales_with_items: int = 0
    num_orders_with_items: int = 0
    num_canceled_orders: int = 0
    num_canceled_orders_with_items: int = 0
    num_items: int = 0
    num_free_freight_items: int = 0
    gmv_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    revenue_amount: Decimal = Decimal(0)
    num_delivered: int = 0
    num_on_time: int = 0
    num_late: int = 0
    num_due: int = 0
    num_promise_kept: int = 0
    sum_delivery_days: float = 0.0
    sum_promised_days: float = 0.0
    num_reviews: int = 0
    sum_review_score: int = 0
    num_satisfied_reviews: int = 0
    num_promoters: int = 0
    num_detractors: int = 0
    num_new_customers: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether not a single order stands behind it."""
        return self.num_orders == 0

    @property
    def average_order_value(self) -> float | None:
        """BRL per sale: revenue over the sales that have items."""
        return ratio(self.revenue_amount, self.num_sales_with_items)

    @property
    def cancellation_rate(self) -> float | None:
        """Share of all orders that were canceled, those without items included."""
        return ratio(self.num_canceled_orders, self.num_orders)

    @property
    def cancellation_rate_with_items(self) -> float | None:
        """Share of the orders with items that were canceled."""
        return ratio(self.num_canceled_orders_with_items, self.num_orders_with_items)

    @property
    def not_fulfilled_rate(self) -> float | None:
        """Share of all orders that were canceled or unavailable."""
        return ratio(self.num_orders - self.num_sales, self.num_orders)

    @property
    def free_freight_rate(self) -> float | None:
        """Share of the items of sales that were shipped with freight 0."""
        return ratio(self.num_free_freight_items, self.num_items)

    @property
    def on_time_rate(self) -> float | None:
        """Share of the delivered orders that came on or before the promised day."""
        return ratio(self.num_on_time, self.num_delivered)

    @property
    def promise_kept_rate(self) -> float | None:
        """Share of the sales due by the as-of date, delivered or not, that came on time."""
        return ratio(self.num_promise_kept, self.num_due)

    @property
    def average_delivery_days(self) -> float | None:
        """Days from the purchase to the customer's door."""
        return ratio(self.sum_delivery_days, self.num_delivered)

    @property
    def average_promised_days(self) -> float | None:
        """Days from the purchase to the promised day, over the same delivered orders."""
        return ratio(self.sum_promised_days, self.num_delivered)

    @property
    def average_days_early(self) -> float | None:
        """Days by which the delivery beat the promise; negative when it came later."""
        return difference(self.average_promised_days, self.average_delivery_days)

    @property
    def average_review_score(self) -> float | None:
        """Stars, 1 to 5, over all reviews."""
        return ratio(self.sum_review_score, self.num_reviews)

    @property
    def csat_rate(self) -> float | None:
        """CSAT: share of the reviews with 4 or 5 stars."""
        return ratio(self.num_satisfied_reviews, self.num_reviews)

    @property
    def nps(self) -> float | None:
        """NPS proxy in points, -100 to 100: share of score 5 less share of scores 1 to 3."""
        share = ratio(self.num_promoters - self.num_detractors, self.num_reviews)
        return None if share is None else share * 100


MEASURE_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Measures))


def total(parts: Sequence[Measures]) -> Measures:
    """The sum of several sets of rows that share none."""
    return Measures(
        **{name: sum(getattr(part, name) for part in parts) for name in MEASURE_NAMES}
    )


Kind = Literal["relative", "absolute"]


@dataclass(frozen=True)
class Metric:
    """A figure of the page: where it is read from, and how its change is stated.

    ``relative`` changes are growth (0.1 is ten percent); ``absolute`` ones are differences in
    the metric's own unit, which is right for rates, scores and days. ``higher_is_better`` is
    None where neither direction is good in itself. ``is_of_delivery`` marks figures of what has
    arrived, stars among them: while parcels are under way, they are those of the fast ones.
    """

    name: str
    kind: Kind
    higher_is_better: bool | None = True
    is_of_delivery: bool = False

    def value(self, measures: object) -> Number | None:
        """The figure for a set of rows, or None where it does not exist."""
        found: Number | None = getattr(measures, self.name)
        return found

    def change(self, current: object, base: object) -> float | None:
        """Its change from ``base`` to ``current``, or None where one of them lacks it."""
        now, then = self.value(current), self.value(base)
        if self.kind == "relative":
            return growth(now, then)
        return difference(
            None if now is None else float(now), None if then is None else float(then)
        )


REVENUE = Metric("revenue_amount", "relative")
GMV = Metric("gmv_amount", "relative")
FREIGHT = Metric("freight_amount", "relative")
AVERAGE_ORDER_VALUE = Metric("average_order_value", "relative")
NEW_CUSTOMERS = Metric("num_new_customers", "relative")
FREE_FREIGHT_RATE = Metric("free_freight_rate", "absolute", None)
NOT_FULFILLED_RATE = Metric("not_fulfilled_rate", "absolute", higher_is_better=False)
PROMISED_DAYS = Metric("average_promised_days", "absolute", None)
DELIVERY_DAYS = Metric(
    "average_delivery_days", "absolute", higher_is_better=False, is_of_delivery=True
)
PROMISE_KEPT_RATE = Metric("promise_kept_rate", "absolute", is_of_delivery=True)
ON_TIME_RATE = Metric("on_time_rate", "absolute", is_of_delivery=True)
REVIEW_SCORE = Metric("average_review_score", "absolute", is_of_delivery=True)
CSAT_RATE = Metric("csat_rate", "absolute", is_of_delivery=True)


def growth_by_month(
    values: Mapping[date, Number], complete: Sequence[date], months_back: int
) -> dict[date, float]:
    """Growth of each complete month on the one ``months_back`` months before it.

    A month is left out where it or its base is incomplete, or the base is zero: 1 gives
    month over month, 12 year over year.
    """
    allowed = set(complete)
    found: dict[date, float] = {}
    for month in sorted(allowed):
        base = add_months(month, -months_back)
        if base not in allowed:
            continue
        change = growth(values.get(month), values.get(base))
        if change is not None:
            found[month] = change
    return found


def share(part: object, whole: object, metric: Metric = REVENUE) -> float | None:
    """How much of the whole's metric the part holds, 0 to 1."""
    part_value, whole_value = metric.value(part), metric.value(whole)
    if part_value is None or whole_value is None:
        return None
    return ratio(part_value, whole_value)
