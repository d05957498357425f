"""The delivery of an order; the source dates the order and not each seller's parcel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from extract.store.shared.events import Aggregate, Event
from extract.store.shared.rules import Kind, Rules, Violation, refuse
from extract.store.shared.values import DateRange


@dataclass(frozen=True, slots=True)
class DeliveryPlanned(Event):
    """A day was promised."""

    promised_for: datetime


@dataclass(frozen=True, slots=True)
class OrderShipped(Event):
    """The carrier has taken an order over."""


@dataclass(frozen=True, slots=True)
class DeliveryCompleted(Event):
    """The customer has an order."""


@dataclass(frozen=True, slots=True)
class DeliveryStopped(Event):
    """An order that was given up is not sent any more."""


class LatenessCause(StrEnum):
    """Who made a delivery late."""

    NONE = "NONE"
    SELLER = "SELLER"
    CARRIER = "CARRIER"


@dataclass(slots=True)
class Delivery(Aggregate):
    """The way of one order; its identifier is the order's.

    Attributes:
        ordered_at: When the order was placed.
        promised_for: The promise, midnight of the promised day.
        handed_over_at: When the carrier took it.
        delivered_at: When the customer had it.
        is_stopped: Whether the order was given up before it was sent.
    """

    ordered_at: datetime
    promised_for: datetime
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    is_stopped: bool = False

    @classmethod
    def plan(cls, order_id: str, *, promised_for: datetime, at: datetime) -> Self:
        """Promise a day."""
        delivery = cls(order_id, at, promised_for)
        delivery._events.append(DeliveryPlanned(order_id, at, promised_for))
        return delivery

    def hand_over(self, taken_at: datetime, at: datetime, rules: Rules = refuse) -> None:
        """Give it to the carrier.

        Args:
            taken_at: When the carrier took it, by the carrier's word.
            at: When the shop knows of it.
            rules: What becomes of broken invariants.

        Raises:
            RuleBrokenError: The carrier took it before it was ordered.
        """
        if taken_at < self.ordered_at:
            detail = f"handed over {taken_at}, ordered {self.ordered_at}"
            rules(Violation(Kind.SHIPPED_BEFORE_PURCHASE, self.id, at, detail))
        self.handed_over_at = taken_at
        self._check_order_of_steps(at, rules)
        self._events.append(OrderShipped(self.id, at))

    def complete(
        self, delivered_at: datetime | None, at: datetime, rules: Rules = refuse
    ) -> None:
        """Note that the customer has it.

        Raises:
            RuleBrokenError: It has no date, or was delivered before the carrier had it.
        """
        if delivered_at is None:
            rules(Violation(Kind.DELIVERED_WITHOUT_DATE, self.id, at))
        self.delivered_at = delivered_at
        self._check_order_of_steps(at, rules)
        self._events.append(DeliveryCompleted(self.id, at))

    def stop(self, at: datetime) -> None:
        """Send it no more, unless it is on its way."""
        if self.handed_over_at is None and not self.is_stopped:
            self.is_stopped = True
            self._events.append(DeliveryStopped(self.id, at))

    def _check_order_of_steps(self, at: datetime, rules: Rules) -> None:
        taken, delivered = self.handed_over_at, self.delivered_at
        if taken is not None and delivered is not None and delivered < taken:
            detail = f"delivered {delivered}, handed over {taken}"
            rules(Violation(Kind.DELIVERED_BEFORE_SHIPPED, self.id, at, detail))

    @property
    def promised_day(self) -> date:
        """The last day on which it is in time."""
        return self.promised_for.date()

    @property
    def is_late(self) -> bool:
        """Whether it came after the promised day; a parcel of that day is in time."""
        return self.delivered_at is not None and self.delivered_at.date() > self.promised_day

    @property
    def days(self) -> float | None:
        """Days from the order to the customer; None if it is not there."""
        if self.delivered_at is None or self.delivered_at < self.ordered_at:
            return None
        return DateRange(self.ordered_at, self.delivered_at).days

    def lateness_cause(self, dispatch_by: datetime | None) -> LatenessCause:
        """Who made a seller's part of it late.

        Args:
            dispatch_by: The latest limit of the seller's items.
        """
        if not self.is_late:
            return LatenessCause.NONE
        taken = self.handed_over_at
        is_dispatch_late = taken is not None and dispatch_by is not None and taken > dispatch_by
        return LatenessCause.SELLER if is_dispatch_late else LatenessCause.CARRIER
