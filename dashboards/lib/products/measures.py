"""The sums of the category and product marts and the ratios that are made from them.

SQL brings the sums; each ratio is divided here, once. The definitions are those of
docs/metrics.md and the glossary. No SQL, no formatting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import pairwise
from typing import Final

from dashboards.lib.metrics import Metric, ratio

# A category of fewer units in the period before is not ranked by growth, nor one of fewer in
# the period by freight: one bulk order would lead.
MIN_UNITS: Final = 100
# A category with fewer reviewed orders is not ranked by stars.
MIN_REVIEWED_ORDERS: Final = 100
# Parts of GMV that the ABC analysis cuts at.
ABC_CUTS: Final = (Decimal("0.80"), Decimal("0.95"))
# Pareto's part of the products.
PARETO_PART: Final = 0.20


@dataclass(frozen=True)
class CategoryMeasures:
    """Sums over months, categories and states. Money is BRL; a ratio without a base is None.

    Summed over several categories, an order with items of two of them counts twice; units and
    amounts do not.
    """

    num_units: int = 0
    num_orders: int = 0
    num_orders_of_any_status: int = 0
    num_canceled_orders: int = 0
    num_reviewed_orders: int = 0
    sum_review_score: int = 0
    gmv_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    revenue_amount: Decimal = Decimal(0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ordered."""
        return self.num_orders_of_any_status == 0

    @property
    def average_price(self) -> float | None:
        """BRL a unit, without freight."""
        return ratio(self.gmv_amount, self.num_units)

    @property
    def freight_rate(self) -> float | None:
        """Share of freight in revenue."""
        return ratio(self.freight_amount, self.revenue_amount)

    @property
    def cancellation_rate(self) -> float | None:
        """Share of canceled orders in those of every status."""
        return ratio(self.num_canceled_orders, self.num_orders_of_any_status)

    @property
    def average_review_score(self) -> float | None:
        """Stars, 1 to 5: latest review of each reviewed order."""
        return ratio(self.sum_review_score, self.num_reviewed_orders)


CATEGORY_MEASURE_NAMES: Final = tuple(field.name for field in fields(CategoryMeasures))

GMV = Metric("gmv_amount", "relative")
FREIGHT = Metric("freight_amount", "relative", None)
UNITS = Metric("num_units", "relative")
AVERAGE_PRICE = Metric("average_price", "relative", None)
FREIGHT_RATE = Metric("freight_rate", "absolute", higher_is_better=False)
CANCELLATION_RATE = Metric("cancellation_rate", "absolute", higher_is_better=False)
REVIEW_SCORE = Metric("average_review_score", "absolute", is_of_delivery=True)


@dataclass(frozen=True)
class StageMeasures:
    """Sums over products as of the as-of date, all sales ever. Money is BRL."""

    num_products: int = 0
    num_units: int = 0
    gmv_amount: Decimal = Decimal(0)

    @property
    def is_empty(self) -> bool:
        """Whether there is not a single product."""
        return self.num_products == 0


PRODUCTS = Metric("num_products", "relative")
STAGE_MEASURE_NAMES: Final = tuple(field.name for field in fields(StageMeasures))


def total(parts: Sequence[StageMeasures]) -> StageMeasures:
    """The sum over groups of products that share none."""
    return StageMeasures(
        **{name: sum(getattr(part, name) for part in parts) for name in STAGE_MEASURE_NAMES}
    )


@dataclass(frozen=True)
class Slice:
    """Products next to each other in the order of their GMV, the best first."""

    num_products: int
    gmv_amount: Decimal


@dataclass(frozen=True)
class CurvePoint:
    """So large a part of the products makes so large a part of GMV, 0 to 1 both."""

    products_rate: float
    gmv_rate: float


def curve_points(slices: Sequence[Slice]) -> tuple[CurvePoint, ...]:
    """The ABC curve from the origin on; empty where nothing was sold."""
    products = sum(one.num_products for one in slices)
    gmv = sum((one.gmv_amount for one in slices), Decimal(0))
    if not gmv:
        return ()
    found = [CurvePoint(0.0, 0.0)]
    num_products, gmv_amount = 0, Decimal(0)
    for one in slices:
        num_products += one.num_products
        gmv_amount += one.gmv_amount
        found.append(
            CurvePoint(ratio(num_products, products) or 0.0, ratio(gmv_amount, gmv) or 0.0)
        )
    return tuple(found)


def gmv_rate_at(points: Sequence[CurvePoint], products_rate: float) -> float | None:
    """The part of GMV that the best such part of the products makes, between two points."""
    for before, after in pairwise(points):
        if after.products_rate >= products_rate:
            step = (products_rate - before.products_rate) / (
                after.products_rate - before.products_rate
            )
            return before.gmv_rate + step * (after.gmv_rate - before.gmv_rate)
    return None
