"""The figures of deliveries: additive sums of the marts and the ratios made from them.

The definitions are those of docs/metrics.md and the glossary. No SQL, no formatting, no page.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from dashboards.lib.metrics import Metric, difference, ratio


@dataclass(frozen=True)
class DeliveryMeasures:
    """The sums of mart_delivery_metrics over any set of its rows, and their ratios.

    All counts are of shipments, what one seller sends of one order. Every ratio is None where
    its base is empty.
    """

    num_shipments: int = 0
    num_dispatched: int = 0
    num_dispatch_late: int = 0
    num_deliveries: int = 0
    num_on_time: int = 0
    num_late: int = 0
    num_due: int = 0
    num_promise_kept: int = 0
    num_late_by_seller: int = 0
    num_late_by_carrier: int = 0
    num_late_by_promise: int = 0
    num_with_stages: int = 0
    num_with_distance: int = 0
    num_reviews: int = 0
    sum_review_score: int = 0
    num_late_reviews: int = 0
    sum_late_review_score: int = 0
    num_on_time_reviews: int = 0
    sum_on_time_review_score: int = 0
    num_late_after_delivery_reviews: int = 0
    sum_late_after_delivery_review_score: int = 0
    num_on_time_after_delivery_reviews: int = 0
    sum_on_time_after_delivery_review_score: int = 0
    freight_amount: Decimal = Decimal(0)
    sum_delivery_days: float = 0.0
    sum_promised_days: float = 0.0
    sum_late_days: float = 0.0
    sum_approval_days: float = 0.0
    sum_handling_days: float = 0.0
    sum_transit_days: float = 0.0
    sum_distance_km: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether not a single shipment stands behind it."""
        return self.num_shipments == 0

    @property
    def on_time_rate(self) -> float | None:
        """Share of the deliveries on or before the promised day."""
        return ratio(self.num_on_time, self.num_deliveries)

    @property
    def promise_kept_rate(self) -> float | None:
        """Share of the shipments due by the as-of date, delivered or not, that came on time."""
        return ratio(self.num_promise_kept, self.num_due)

    @property
    def late_rate(self) -> float | None:
        """Share of the deliveries after the promised day."""
        return ratio(self.num_late, self.num_deliveries)

    @property
    def late_by_seller_rate(self) -> float | None:
        """Share of the deliveries that were late and dispatched late."""
        return ratio(self.num_late_by_seller, self.num_deliveries)

    @property
    def late_by_carrier_rate(self) -> float | None:
        """Share of the deliveries that were late by the carrier."""
        return ratio(self.num_late_by_carrier, self.num_deliveries)

    @property
    def late_by_promise_rate(self) -> float | None:
        """Share of the deliveries that were late, but faster than usual on their route."""
        return ratio(self.num_late_by_promise, self.num_deliveries)

    @property
    def carrier_share(self) -> float | None:
        """Share of the late deliveries dispatched in time and no faster than their route."""
        return ratio(self.num_late_by_carrier, self.num_late)

    @property
    def dispatch_late_rate(self) -> float | None:
        """Share of the dispatched shipments handed over after the shipping limit."""
        return ratio(self.num_dispatch_late, self.num_dispatched)

    @property
    def average_delivery_days(self) -> float | None:
        """Days from the purchase to the door."""
        return ratio(self.sum_delivery_days, self.num_deliveries)

    @property
    def average_promised_days(self) -> float | None:
        """Days from the purchase to the promised day, over the same deliveries."""
        return ratio(self.sum_promised_days, self.num_deliveries)

    @property
    def average_days_early(self) -> float | None:
        """Days by which the delivery beat the promise; negative when it came later."""
        return difference(self.average_promised_days, self.average_delivery_days)

    @property
    def average_late_days(self) -> float | None:
        """Days past the promised day, over the late deliveries."""
        return ratio(self.sum_late_days, self.num_late)

    @property
    def approval_days(self) -> float | None:
        """Days from the purchase to the approval, over deliveries with every stage dated."""
        return ratio(self.sum_approval_days, self.num_with_stages)

    @property
    def handling_days(self) -> float | None:
        """Days from the approval to the carrier, over deliveries with every stage dated."""
        return ratio(self.sum_handling_days, self.num_with_stages)

    @property
    def transit_days(self) -> float | None:
        """Days from the carrier to the door, over deliveries with every stage dated."""
        return ratio(self.sum_transit_days, self.num_with_stages)

    @property
    def sum_stage_days(self) -> float:
        """The three stages together."""
        return self.sum_approval_days + self.sum_handling_days + self.sum_transit_days

    @property
    def approval_share(self) -> float | None:
        """Share of the time to the door that passes before the approval."""
        return ratio(self.sum_approval_days, self.sum_stage_days)

    @property
    def handling_share(self) -> float | None:
        """Share of the time to the door that the parcel is with the seller."""
        return ratio(self.sum_handling_days, self.sum_stage_days)

    @property
    def transit_share(self) -> float | None:
        """Share of the time to the door that the parcel is with the carrier."""
        return ratio(self.sum_transit_days, self.sum_stage_days)

    @property
    def late_review_score(self) -> float | None:
        """Stars of orders that came late."""
        return ratio(self.sum_late_review_score, self.num_late_reviews)

    @property
    def on_time_review_score(self) -> float | None:
        """Stars of orders that came on time."""
        return ratio(self.sum_on_time_review_score, self.num_on_time_reviews)

    @property
    def stars_lost(self) -> float | None:
        """Stars by which late orders are rated below those on time."""
        return difference(self.on_time_review_score, self.late_review_score)

    @property
    def late_score_after_delivery(self) -> float | None:
        """Stars of late orders from customers who answered once they had the parcel."""
        return ratio(
            self.sum_late_after_delivery_review_score, self.num_late_after_delivery_reviews
        )

    @property
    def on_time_score_after_delivery(self) -> float | None:
        """Stars of orders on time from customers who answered once they had the parcel."""
        return ratio(
            self.sum_on_time_after_delivery_review_score,
            self.num_on_time_after_delivery_reviews,
        )

    @property
    def stars_lost_after_delivery(self) -> float | None:
        """Stars lost by coming late, among the answers given after the delivery."""
        return difference(self.on_time_score_after_delivery, self.late_score_after_delivery)

    @property
    def average_distance_km(self) -> float | None:
        """Kilometres from the seller to the customer."""
        return ratio(self.sum_distance_km, self.num_with_distance)

    @property
    def average_freight(self) -> float | None:
        """BRL of freight for a shipment."""
        return ratio(self.freight_amount, self.num_shipments)


DELIVERY_SUMS: tuple[str, ...] = tuple(field.name for field in fields(DeliveryMeasures))


@dataclass(frozen=True)
class FunnelMeasures:
    """The sums of mart_order_funnel over any set of its rows; counts are of orders.

    ``max_standing_days`` is the longest, not a sum; None where no order is stuck.
    """

    num_orders: int = 0
    num_reached_approved: int = 0
    num_reached_shipped: int = 0
    num_reached_delivered: int = 0
    num_stuck: int = 0
    num_overdue: int = 0
    sum_standing_days: int = 0
    max_standing_days: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether not a single order stands behind it."""
        return self.num_orders == 0

    @property
    def approved_rate(self) -> float | None:
        """Share of the orders that were approved or came further."""
        return ratio(self.num_reached_approved, self.num_orders)

    @property
    def shipped_rate(self) -> float | None:
        """Share of the orders that were shipped or came further."""
        return ratio(self.num_reached_shipped, self.num_orders)

    @property
    def delivered_rate(self) -> float | None:
        """Share of the orders that reached the customer."""
        return ratio(self.num_reached_delivered, self.num_orders)

    @property
    def average_standing_days(self) -> float | None:
        """Days since the last dated step, over the stuck orders."""
        return ratio(self.sum_standing_days, self.num_stuck)

    @property
    def stuck_rate(self) -> float | None:
        """Share of the orders that are stuck."""
        return ratio(self.num_stuck, self.num_orders)

    @property
    def overdue_rate(self) -> float | None:
        """Share of the stuck orders whose promised day is over."""
        return ratio(self.num_overdue, self.num_stuck)


PROMISE_KEPT = Metric("promise_kept_rate", "absolute")
ON_TIME = Metric("on_time_rate", "absolute")
LATE = Metric("late_rate", "absolute", higher_is_better=False)
LATE_BY_SELLER = Metric("late_by_seller_rate", "absolute", higher_is_better=False)
LATE_BY_CARRIER = Metric("late_by_carrier_rate", "absolute", higher_is_better=False)
LATE_BY_PROMISE = Metric("late_by_promise_rate", "absolute", higher_is_better=False)
CARRIER_SHARE = Metric("carrier_share", "absolute", None)
DISPATCH_LATE = Metric("dispatch_late_rate", "absolute", higher_is_better=False)
DELIVERY_DAYS = Metric("average_delivery_days", "absolute", higher_is_better=False)
PROMISED_DAYS = Metric("average_promised_days", "absolute", None)
DAYS_EARLY = Metric("average_days_early", "absolute", None)
LATE_DAYS = Metric("average_late_days", "absolute", higher_is_better=False)
APPROVAL_DAYS = Metric("approval_days", "absolute", higher_is_better=False)
HANDLING_DAYS = Metric("handling_days", "absolute", higher_is_better=False)
TRANSIT_DAYS = Metric("transit_days", "absolute", higher_is_better=False)
LATE_SCORE = Metric("late_review_score", "absolute")
ON_TIME_SCORE = Metric("on_time_review_score", "absolute")
STARS_LOST = Metric("stars_lost", "absolute", higher_is_better=False)
