"""The order with its items, payments, refunds and reviews, and their invariants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Self

from extract.store.sales.events import (
    Line,
    OrderApproved,
    OrderCanceled,
    OrderClosed,
    OrderInvoiced,
    OrderPlaced,
    OrderUnavailable,
    PaymentReceived,
    PaymentRefunded,
    PickingStarted,
    ReviewReceived,
)
from extract.store.sales.status import Status, is_allowed, is_further
from extract.store.shared.errors import InvalidValueError
from extract.store.shared.events import Aggregate
from extract.store.shared.rules import Kind, Rules, Violation, refuse
from extract.store.shared.values import ZERO, Money

# The parts of an installment plan are rounded, so that their sum may be a centavo off.
PAYMENT_TOLERANCE = Money(Decimal("0.01"))
_BEST_SCORE = 5


@dataclass(frozen=True, slots=True)
class ReviewScore:
    """Stars from 1 to 5.

    Raises:
        InvalidValueError: It is another number.
    """

    stars: int

    def __post_init__(self) -> None:
        """Check the range."""
        if not 1 <= self.stars <= _BEST_SCORE:
            raise InvalidValueError(f"a score of {self.stars} is not 1 to {_BEST_SCORE}")


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One unit of a product, sold by one seller.

    Attributes:
        number: 1 for the first of the order.
        product_id: What.
        seller_id: Whose.
        dispatch_by: Until when the seller must hand it to the carrier.
        price: Without freight.
        freight: What the customer pays for its transport.

    Raises:
        InvalidValueError: Price or freight is below zero.
    """

    number: int
    product_id: str
    seller_id: str
    dispatch_by: datetime | None
    price: Money
    freight: Money

    def __post_init__(self) -> None:
        """Check the signs."""
        if self.price < ZERO or self.freight < ZERO:
            raise InvalidValueError(f"item {self.number} costs less than nothing")


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an order; an order may be paid in parts and by several means."""

    sequential: int
    method: str
    installments: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Refund:
    """A payment given back."""

    sequential: int
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer said of an order; the same review may stand on several orders."""

    review_id: str
    score: ReviewScore
    title: str | None
    message: str | None
    asked_at: datetime | None
    answered_at: datetime | None


@dataclass(slots=True)
class Order(Aggregate):
    """An order, from its purchase to its end.

    Invariants: it has an item; its payments equal its total before it is approved; its status
    moves along the path of ``extract.store.sales.status``; what is refunded was paid.
    """

    customer_id: str
    placed_at: datetime
    items: tuple[OrderItem, ...]
    status: Status = Status.CREATED
    approved_at: datetime | None = None
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @classmethod
    def place(  # noqa: PLR0913 - what an order is made of
        cls,
        order_id: str,
        *,
        person_id: str,
        customer_id: str,
        items: Iterable[OrderItem],
        promised_for: datetime,
        at: datetime,
        rules: Rules = refuse,
    ) -> Self:
        """Take an order.

        Raises:
            RuleBrokenError: It has no item, under rules that refuse.
        """
        order = cls(order_id, customer_id, at, tuple(items))
        if not order.items:
            rules(Violation(Kind.ORDER_WITHOUT_ITEMS, order_id, at))
        lines = tuple(Line(one.product_id, one.seller_id, one.price) for one in order.items)
        placed = OrderPlaced(order_id, at, person_id, customer_id, promised_for, lines)
        order._events.append(placed)
        return order

    @property
    def total(self) -> Money:
        """Prices and freight of all items."""
        total = sum((one.price.amount + one.freight.amount for one in self.items), Decimal(0))
        return Money(total)

    @property
    def paid(self) -> Money:
        """What has come in."""
        return Money(sum((one.amount.amount for one in self.payments), Decimal(0)))

    def receive_payment(self, payment: Payment, at: datetime) -> None:
        """Take a payment.

        Raises:
            InvalidValueError: A payment of that number has come in already.
        """
        if any(one.sequential == payment.sequential for one in self.payments):
            raise InvalidValueError(f"payment {payment.sequential} of {self.id} came before")
        self.payments.append(payment)
        received = PaymentReceived(self.id, at, payment.sequential, payment.amount)
        self._events.append(received)

    def approve(self, at: datetime, rules: Rules = refuse) -> None:
        """Accept the payment.

        Raises:
            RuleBrokenError: Payments and total differ, or the order has gone further.
        """
        if self.items and not self.payments:
            rules(Violation(Kind.ORDER_WITHOUT_PAYMENT, self.id, at))
        elif self.items and self.paid.differs_from(self.total, by_more_than=PAYMENT_TOLERANCE):
            detail = f"paid {self.paid}, total {self.total}"
            rules(Violation(Kind.PAYMENTS_DIFFER, self.id, at, detail))
        self._move(Status.APPROVED, at, rules)
        self._events.append(OrderApproved(self.id, at))
        self.approved_at = at

    def invoice(self, at: datetime, rules: Rules = refuse) -> None:
        """Write the invoice."""
        self._move(Status.INVOICED, at, rules)
        self._events.append(OrderInvoiced(self.id, at))

    def start_picking(self, at: datetime, rules: Rules = refuse) -> None:
        """Begin to put it together."""
        self._move(Status.PROCESSING, at, rules)
        self._events.append(PickingStarted(self.id, at))

    def ship(self, at: datetime, rules: Rules = refuse) -> None:
        """Note that the carrier has it; fulfillment has raised the event."""
        self._move(Status.SHIPPED, at, rules)

    def close(self, at: datetime, rules: Rules = refuse) -> None:
        """Note that the customer has it."""
        self._move(Status.DELIVERED, at, rules)
        self._events.append(OrderClosed(self.id, at))

    def cancel(self, at: datetime, rules: Rules = refuse) -> None:
        """Give it up."""
        self._move(Status.CANCELED, at, rules)
        self._events.append(OrderCanceled(self.id, at))

    def give_up_as_unavailable(self, at: datetime, rules: Rules = refuse) -> None:
        """Give it up since something of it cannot be had."""
        self._move(Status.UNAVAILABLE, at, rules)
        self._events.append(OrderUnavailable(self.id, at))

    def settle(self, status: Status, at: datetime, rules: Rules = refuse) -> None:
        """Take a status that the source states without a date, by the command that leads there.

        Raises:
            RuleBrokenError: No allowed step leads there.
        """
        command = {
            Status.INVOICED: self.invoice,
            Status.PROCESSING: self.start_picking,
            Status.CANCELED: self.cancel,
            Status.UNAVAILABLE: self.give_up_as_unavailable,
        }.get(status)
        if command is not None:
            command(at, rules)
        if self.status is not status:  # the source has the last word
            self._note_step(status, at, rules)
            self.status = status

    def refund(self, at: datetime) -> None:
        """Give back, once, every payment of a canceled order that was more than nothing.

        Raises:
            InvalidValueError: The order is not canceled.
        """
        if self.status is not Status.CANCELED:
            raise InvalidValueError(f"order {self.id} is {self.status}: nothing to refund")
        done = {one.sequential for one in self.refunds}
        for payment in self.payments:
            if payment.sequential not in done and payment.amount > ZERO:
                self.refunds.append(Refund(payment.sequential, payment.amount, at))
                refunded = PaymentRefunded(self.id, at, payment.sequential, payment.amount)
                self._events.append(refunded)

    def receive_review(self, review: Review, at: datetime, rules: Rules = refuse) -> None:
        """Take a review; later words of the same review replace it.

        Raises:
            RuleBrokenError: Its survey is older than the order.
        """
        if review.asked_at is not None and review.asked_at < self.placed_at:
            detail = f"asked {review.asked_at}, ordered {self.placed_at}"
            rules(Violation(Kind.REVIEWED_BEFORE_PURCHASE, self.id, at, detail))
        self.reviews = [one for one in self.reviews if one.review_id != review.review_id]
        self.reviews.append(review)
        sellers = tuple(sorted({one.seller_id for one in self.items}))
        received = ReviewReceived(self.id, at, review.review_id, review.score.stars, sellers)
        self._events.append(received)

    def _move(self, there: Status, at: datetime, rules: Rules) -> None:
        """Go to a status; an order that is further already stays where it is."""
        self._note_step(there, at, rules)
        if is_further(self.status, there):
            self.status = there

    def _note_step(self, there: Status, at: datetime, rules: Rules) -> None:
        if not is_allowed(self.status, there):
            detail = f"{self.status} -> {there}"
            rules(Violation(Kind.STEP_NOT_ALLOWED, self.id, at, detail))
