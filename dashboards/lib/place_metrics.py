"""Metrics of places and of the ways between them, each computed in exactly one place.

As in `dashboards.lib.metrics`: SQL brings additive sums, every ratio is made from them here.
Sums by day and state are `metrics.Measures`; here are those of cities and of routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, TypeVar

from dashboards.lib.metrics import Measures, Metric, Number, ratio

DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class CityMeasures:
    """The additive sums of the geographic mart over some cities, and their ratios.

    Money is BRL. They are of all days of the data: the mart has no dates. Persons who moved
    count in each of their cities. Every ratio is None where its base is empty.
    """

    num_orders: int = 0
    num_sales: int = 0
    num_sales_with_items: int = 0
    num_customers: int = 0
    num_sellers: int = 0
    num_delivered: int = 0
    num_on_time: int = 0
    num_reviews: int = 0
    sum_review_score: int = 0
    num_with_distance: int = 0
    gmv_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    revenue_amount: Decimal = Decimal(0)
    sum_delivery_days: float = 0.0
    sum_distance_km: float = 0.0

    @property
    def average_order_value(self) -> float | None:
        """BRL per sale that has items."""
        return ratio(self.revenue_amount, self.num_sales_with_items)

    @property
    def freight_share(self) -> float | None:
        """Freight in revenue, 0 to 1."""
        return ratio(self.freight_amount, self.revenue_amount)

    @property
    def on_time_rate(self) -> float | None:
        """Share of the delivered orders that came on or before the promised day."""
        return ratio(self.num_on_time, self.num_delivered)

    @property
    def average_delivery_days(self) -> float | None:
        """Days from the purchase to the door."""
        return ratio(self.sum_delivery_days, self.num_delivered)

    @property
    def average_distance_km(self) -> float | None:
        """Kilometres a shipment travels, as the crow flies, where both ends are known."""
        return ratio(self.sum_distance_km, self.num_with_distance)

    @property
    def average_review_score(self) -> float | None:
        """Stars, 1 to 5, of the orders' latest reviews."""
        return ratio(self.sum_review_score, self.num_reviews)


@dataclass(frozen=True)
class RouteMeasures:
    """The additive sums of the delivery mart over some routes and months, and their ratios.

    A shipment is what one seller sends of one order; stars are those of its order's latest
    review. Every ratio is None where its base is empty.
    """

    num_shipments: int = 0
    num_deliveries: int = 0
    num_late: int = 0
    num_with_distance: int = 0
    num_reviews: int = 0
    sum_review_score: int = 0
    num_late_reviews: int = 0
    sum_late_review_score: int = 0
    sum_delivery_days: float = 0.0
    sum_distance_km: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether not a single shipment stands behind it."""
        return self.num_shipments == 0

    @property
    def average_distance_km(self) -> float | None:
        """Kilometres a shipment travels, as the crow flies, where both ends are known."""
        return ratio(self.sum_distance_km, self.num_with_distance)

    @property
    def late_rate(self) -> float | None:
        """Share of the delivered shipments that came after the promised day."""
        return ratio(self.num_late, self.num_deliveries)

    @property
    def average_delivery_days(self) -> float | None:
        """Days from the purchase to the door, per delivered shipment."""
        return ratio(self.sum_delivery_days, self.num_deliveries)

    @property
    def average_review_score(self) -> float | None:
        """Stars, 1 to 5, per reviewed shipment."""
        return ratio(self.sum_review_score, self.num_reviews)

    @property
    def not_late_review_score(self) -> float | None:
        """Stars, 1 to 5, per reviewed shipment that was not late."""
        return ratio(
            self.sum_review_score - self.sum_late_review_score,
            self.num_reviews - self.num_late_reviews,
        )


CITY_MEASURE_NAMES: tuple[str, ...] = tuple(field.name for field in fields(CityMeasures))
ROUTE_MEASURE_NAMES: tuple[str, ...] = tuple(field.name for field in fields(RouteMeasures))

Sums = TypeVar("Sums", CityMeasures, RouteMeasures)


def added(kind: type[Sums], parts: Sequence[Sums]) -> Sums:
    """The sum of several sets of rows that share none; money stays exact."""
    nothing = kind()
    sums: dict[str, Any] = {
        field.name: sum(
            (getattr(part, field.name) for part in parts), getattr(nothing, field.name)
        )
        for field in fields(kind)
    }
    return kind(**sums)


def a_year_per_thousand(amount: Number, population: int, num_days: int) -> float | None:
    """An amount or a count of some days, as of a year, per 1,000 inhabitants.

    Inhabitants are those of a year: half a year's sales over them would look half as dense.
    """
    found = ratio(amount, population)
    return None if found is None else found * 1000 * DAYS_OF_A_YEAR / num_days


def freight_share(measures: Measures) -> float | None:
    """Freight in revenue, 0 to 1."""
    return ratio(measures.freight_amount, measures.revenue_amount)


def gap_to_average(
    measures: Measures, population: int, average: float | None, num_days: int
) -> float | None:
    """BRL that a place lacks to the average revenue per 1,000 inhabitants; negative above it.

    ``average`` is of a year, the gap of the ``num_days`` that the measures are of.

    What the revenue would be if its inhabitants bought as the average does, less what it is.
    """
    if average is None or not population:
        return None
    expected = average * population / 1000 * num_days / DAYS_OF_A_YEAR
    return expected - float(measures.revenue_amount)


DISTANCE = Metric("average_distance_km", "relative", None)
