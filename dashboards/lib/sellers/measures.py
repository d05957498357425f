"""The figures of sellers: additive sums of the marts and the ratios made from them.

The definitions are those of docs/metrics.md and the glossary. No SQL, no formatting, no page.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from dashboards.lib.metrics import Metric, ratio

# The part of the sellers whose share is shown, and the part of GMV whose sellers are counted.
TOP_PART = 0.1
PARETO_PART = 0.8
# Dispatched shipments in the period that a seller needs to be ranked: below twenty one late
# parcel moves a rate by more than five points (the models' min_orders_for_ranking).
MIN_DISPATCHED = 20


@dataclass(frozen=True)
class SellerSums:
    """The sums of mart_seller_months over any set of its rows, and their ratios.

    Orders are those with an item of a seller: one of two sellers counts for each. Deliveries
    and dispatches are of shipments. Every ratio is None where its base is empty.
    """

    num_orders: int = 0
    num_sales: int = 0
    num_canceled_orders: int = 0
    num_units: int = 0
    num_reviewed_orders: int = 0
    sum_review_score: int = 0
    num_dispatched: int = 0
    num_dispatch_late: int = 0
    num_deliveries: int = 0
    num_on_time: int = 0
    num_late: int = 0
    num_late_by_seller: int = 0
    gmv_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    revenue_amount: Decimal = Decimal(0)

    @property
    def is_empty(self) -> bool:
        """Whether not a single order stands behind it."""
        return self.num_orders == 0

    @property
    def dispatch_late_rate(self) -> float | None:
        """Share of the dispatched shipments handed over after the shipping limit."""
        return ratio(self.num_dispatch_late, self.num_dispatched)

    @property
    def on_time_rate(self) -> float | None:
        """Share of the deliveries on or before the promised day."""
        return ratio(self.num_on_time, self.num_deliveries)

    @property
    def average_review_score(self) -> float | None:
        """Stars of the reviewed orders, the latest review of each."""
        return ratio(self.sum_review_score, self.num_reviewed_orders)

    @property
    def cancellation_rate(self) -> float | None:
        """Share of the orders that were canceled."""
        return ratio(self.num_canceled_orders, self.num_orders)


SELLER_SUMS: tuple[str, ...] = tuple(field.name for field in fields(SellerSums))


@dataclass(frozen=True)
class MarketMeasures:
    """All sellers of a scope over a period: how many there are, and what they add up to.

    ``top_gmv_amount`` is the GMV of the ``num_top`` best sellers, the best tenth of those with
    a sale, rounded up.
    """

    sums: SellerSums = SellerSums()
    num_sellers: int = 0
    num_new_sellers: int = 0
    num_top: int = 0
    top_gmv_amount: Decimal = Decimal(0)

    @property
    def is_empty(self) -> bool:
        """Whether not a single order stands behind it."""
        return self.sums.is_empty

    @property
    def num_known_sellers(self) -> int:
        """Sellers with a sale who had sold before."""
        return self.num_sellers - self.num_new_sellers

    @property
    def gmv_per_seller(self) -> float | None:
        """BRL of GMV for each seller with a sale."""
        return ratio(self.sums.gmv_amount, self.num_sellers)

    @property
    def top_share(self) -> float | None:
        """Share of the best tenth of the sellers in GMV."""
        return ratio(self.top_gmv_amount, self.sums.gmv_amount)

    @property
    def gmv_amount(self) -> Decimal:
        """BRL of GMV."""
        return self.sums.gmv_amount

    @property
    def dispatch_late_rate(self) -> float | None:
        """As of the sums."""
        return self.sums.dispatch_late_rate

    @property
    def on_time_rate(self) -> float | None:
        """As of the sums."""
        return self.sums.on_time_rate

    @property
    def average_review_score(self) -> float | None:
        """As of the sums."""
        return self.sums.average_review_score

    @property
    def cancellation_rate(self) -> float | None:
        """As of the sums."""
        return self.sums.cancellation_rate


@dataclass(frozen=True)
class TierMeasures:
    """The sellers with a sale of one tier, or of all; figures of all data to the as-of date.

    The four counts of what is missing part the sellers that have a next tier.
    """

    num_sellers: int = 0
    num_active: int = 0
    gmv_amount: Decimal = Decimal(0)
    num_lacking_gmv: int = 0
    num_lacking_score: int = 0
    num_lacking_on_time: int = 0
    num_lacking_several: int = 0

    @property
    def active_rate(self) -> float | None:
        """Share of the sellers with a sale in the last 90 days."""
        return ratio(self.num_active, self.num_sellers)

    @property
    def num_lacking(self) -> int:
        """Sellers that have a next tier."""
        return (
            self.num_lacking_gmv
            + self.num_lacking_score
            + self.num_lacking_on_time
            + self.num_lacking_several
        )


TIER_SUMS: tuple[str, ...] = tuple(field.name for field in fields(TierMeasures))


def add_tiers(parts: list[TierMeasures]) -> TierMeasures:
    """All tiers together."""
    return TierMeasures(
        **{name: sum(getattr(part, name) for part in parts) for name in TIER_SUMS}
    )


@dataclass(frozen=True)
class ParetoPoint:
    """The best ``num_sellers`` of all, and the GMV that they make up."""

    num_sellers: int
    of_sellers: int
    gmv_amount: Decimal
    of_gmv_amount: Decimal

    @property
    def seller_share(self) -> float:
        """Their share of the sellers, 0 to 1."""
        return ratio(self.num_sellers, self.of_sellers) or 0.0

    @property
    def gmv_share(self) -> float:
        """Their share of GMV, 0 to 1."""
        return ratio(self.gmv_amount, self.of_gmv_amount) or 0.0


SELLERS = Metric("num_sellers", "relative")
NEW_SELLERS = Metric("num_new_sellers", "relative")
KNOWN_SELLERS = Metric("num_known_sellers", "relative")
GMV = Metric("gmv_amount", "relative")
GMV_PER_SELLER = Metric("gmv_per_seller", "relative")
TOP_SHARE = Metric("top_share", "absolute", None)
DISPATCH_LATE = Metric(
    "dispatch_late_rate", "absolute", higher_is_better=False, is_of_delivery=True
)
ON_TIME = Metric("on_time_rate", "absolute", is_of_delivery=True)
REVIEW_SCORE = Metric("average_review_score", "absolute", is_of_delivery=True)
CANCELLATION = Metric("cancellation_rate", "absolute", higher_is_better=False)
