"""What can happen in sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from extract.store.shared.events import Event
from extract.store.shared.values import Money


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of an order, as other contexts need to know of it."""

    product_id: str
    seller_id: str
    price: Money

    def __str__(self) -> str:
        """For the outbox."""
        return f"{self.product_id} {self.seller_id} {self.price}"


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    """A customer ordered, and was promised a day."""

    person_id: str
    customer_id: str
    promised_for: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PaymentReceived(Event):
    """One payment of an order has come in."""

    sequential: int
    amount: Money


@dataclass(frozen=True, slots=True)
class OrderApproved(Event):
    """An order's payment was accepted."""


@dataclass(frozen=True, slots=True)
class OrderInvoiced(Event):
    """An order's invoice was written."""


@dataclass(frozen=True, slots=True)
class PickingStarted(Event):
    """An order is being put together."""


@dataclass(frozen=True, slots=True)
class OrderClosed(Event):
    """An order has arrived and is done."""


@dataclass(frozen=True, slots=True)
class OrderCanceled(Event):
    """An order was given up by the customer or the shop."""


@dataclass(frozen=True, slots=True)
class OrderUnavailable(Event):
    """An order was given up since something of it cannot be had."""


@dataclass(frozen=True, slots=True)
class PaymentRefunded(Event):
    """One payment of a canceled order was given back."""

    sequential: int
    amount: Money


@dataclass(frozen=True, slots=True)
class ReviewReceived(Event):
    """A customer said what they think of an order."""

    review_id: str
    score: int
    seller_ids: tuple[str, ...]
