"""Steps through the aggregates: each a command, and what it breaks an exception.

What has happened is stored whatever it breaks. Only what is no value at all (a price that is no
number) cannot be stored as what it should be: its source row is kept with the exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from extract.store.customer.customer import Customer
from extract.store.handlers import connect
from extract.store.marketplace.product import Listing, Product, ProductDimensions
from extract.store.marketplace.seller import Seller
from extract.store.play.timeline import Step
from extract.store.postgres.repositories import PostgresShop
from extract.store.sales.order import Order, OrderItem, Payment, Review, ReviewScore
from extract.store.sales.status import Status
from extract.store.shared.errors import DomainError, InvalidValueError
from extract.store.shared.events import Aggregate, Event
from extract.store.shared.rules import Kind, Recorded, Violation
from extract.store.shared.values import Address, Money

Row = Mapping[str, Any]


class Player:
    """Plays steps into a shop."""

    def __init__(self, shop: PostgresShop) -> None:
        """Connect the contexts of a shop."""
        self._shop = shop
        self._bus = connect(shop)
        self._commands: dict[str, Callable[[Step, Recorded], Aggregate]] = {
            "list_product": self._list_product,
            "onboard_seller": self._onboard_seller,
            "open_account": self._open_account,
            "place": self._place,
            "pay": self._pay,
            "approve": self._approve,
            "hand_over": self._hand_over,
            "complete": self._complete,
            "settle": self._settle,
            "review": self._review,
            "orphan": self._refuse_orphan,
        }

    def play(self, steps: Sequence[Step]) -> tuple[list[Event], list[Violation]]:
        """Take steps in their order; nothing is written yet.

        Returns:
            What happened, and what it broke.
        """
        self._prefetch(steps)
        events: list[Event] = []
        rules = Recorded()
        for step in steps:
            try:
                aggregate = self._commands[step.kind](step, rules)
            except DomainError as error:
                row = {name: _as_text(value) for name, value in step.row.items()}
                rules(Violation(Kind.INVALID_VALUE, step.entity, step.at, str(error), row))
            else:
                events += self._bus.publish(aggregate.collect(), rules)
        return events, rules.violations

    def _prefetch(self, steps: Sequence[Step]) -> None:
        """Load what the steps will ask for, in a few queries."""
        by_kind: dict[str, list[Step]] = {}
        for step in steps:
            by_kind.setdefault(step.kind, []).append(step)

        def entities(*kinds: str) -> list[str]:
            return [one.entity for kind in kinds for one in by_kind.get(kind, ())]

        lines = [line for one in by_kind.get("place", ()) for line in one.row["items"]]
        accounts = by_kind.get("open_account", ())
        self._shop.products.prefetch(
            entities("list_product") + [one["product_id"] or "" for one in lines]
        )
        self._shop.customers.prefetch(
            [one.row["customer_unique_id"] or "" for one in accounts]
            + [one.row["person_id"] or "" for one in by_kind.get("place", ())]
        )
        self._shop.deliveries.prefetch(entities("place", "hand_over", "complete", "settle"))
        orders = entities(
            "place", "pay", "approve", "hand_over", "complete", "settle", "review"
        )
        self._shop.orders.prefetch(orders)
        self._shop.sellers.prefetch(
            entities("onboard_seller") + [one["seller_id"] or "" for one in lines]
        )

    def _list_product(self, step: Step, rules: Recorded) -> Aggregate:  # noqa: ARG002
        _refuse_twice(self._shop.products.find(step.entity))
        row = step.row
        sizes = ("weight_g", "length_cm", "height_cm", "width_cm")
        dimensions = ProductDimensions(*(_whole(row[f"product_{size}"]) for size in sizes))
        counts = ("name_lenght", "description_lenght", "photos_qty")
        listing = Listing(
            row["product_category_name"], *(_whole(row[f"product_{one}"]) for one in counts)
        )
        product = Product.list_(step.entity, listing, dimensions, step.at)
        self._shop.products.add(product)
        return product

    def _onboard_seller(self, step: Step, rules: Recorded) -> Aggregate:  # noqa: ARG002
        _refuse_twice(self._shop.sellers.find(step.entity))
        seller = Seller.onboard(step.entity, _address(step.row, "seller"), step.at)
        self._shop.sellers.add(seller)
        return seller

    def _open_account(self, step: Step, rules: Recorded) -> Aggregate:  # noqa: ARG002
        address = _address(step.row, "customer")
        person_id = _given(step.row, "customer_unique_id")
        customer = self._shop.customers.find(person_id)
        if customer is None:
            customer = Customer.register(person_id, step.at)
            self._shop.customers.add(customer)
        customer.open_account(step.entity, address, step.at)
        return customer

    def _place(self, step: Step, rules: Recorded) -> Aggregate:
        _refuse_twice(self._shop.orders.find(step.entity))
        row = step.row
        order = Order.place(
            step.entity,
            person_id=row["person_id"] or "",
            customer_id=_given(row, "customer_id"),
            items=[_item(one) for one in row["items"]],
            promised_for=_moment(row, "order_estimated_delivery_date"),
            at=_moment(row, "order_purchase_timestamp"),
            rules=rules,
        )
        self._shop.orders.add(order)
        return order

    def _pay(self, step: Step, rules: Recorded) -> Aggregate:  # noqa: ARG002
        order, row = self._shop.orders.get(step.entity), step.row
        payment = Payment(
            _number(row, "payment_sequential"),
            _given(row, "payment_type"),
            _number(row, "payment_installments"),
            Money.of(_given(row, "payment_value")),
        )
        order.receive_payment(payment, step.at)
        return order

    def _approve(self, step: Step, rules: Recorded) -> Aggregate:
        order = self._shop.orders.get(step.entity)
        order.approve(_moment(step.row, "order_approved_at"), rules)
        return order

    def _hand_over(self, step: Step, rules: Recorded) -> Aggregate:
        delivery = self._shop.deliveries.get(step.entity)
        taken_at = _moment(step.row, "order_delivered_carrier_date")
        delivery.hand_over(taken_at, step.at, rules)
        return delivery

    def _complete(self, step: Step, rules: Recorded) -> Aggregate:
        delivery = self._shop.deliveries.get(step.entity)
        delivered_at = _moment(step.row, "order_delivered_customer_date")
        delivery.complete(delivered_at, step.at, rules)
        return delivery

    def _settle(self, step: Step, rules: Recorded) -> Aggregate:
        order, text = self._shop.orders.get(step.entity), _given(step.row, "order_status")
        try:
            status = Status(text.strip().lower())
        except ValueError as error:
            raise InvalidValueError(f"{text!r} is no status of an order") from error
        if status is Status.DELIVERED:
            delivery = self._shop.deliveries.get(step.entity)
            delivery.complete(None, step.at, rules)
            return delivery
        order.settle(status, step.at, rules)
        return order

    def _review(self, step: Step, rules: Recorded) -> Aggregate:
        order, row = self._shop.orders.get(step.entity), step.row
        review = Review(
            _given(row, "review_id"),
            ReviewScore(_number(row, "review_score")),
            row["review_comment_title"],
            row["review_comment_message"],
            _moment_or_none(row, "review_creation_date"),
            _moment_or_none(row, "review_answer_timestamp"),
        )
        order.receive_review(review, step.at, rules)
        return order

    def _refuse_orphan(self, step: Step, rules: Recorded) -> Aggregate:  # noqa: ARG002
        raise InvalidValueError(f"there is no order {step.entity} for this row")


def _refuse_twice(known: Aggregate | None) -> None:
    if known is not None:
        raise InvalidValueError(f"{known.id} came before")


def _item(row: Row) -> OrderItem:
    return OrderItem(
        _number(row, "order_item_id"),
        _given(row, "product_id"),
        _given(row, "seller_id"),
        _moment_or_none(row, "shipping_limit_date"),
        Money.of(_given(row, "price")),
        Money.of(_given(row, "freight_value")),
    )


def _address(row: Row, whose: str) -> Address:
    parts = (f"{whose}_zip_code_prefix", f"{whose}_city", f"{whose}_state")
    return Address(*(_given(row, part) for part in parts))


def _given(row: Row, name: str) -> str:
    value = row[name]
    if value is None:
        raise InvalidValueError(f"{name} is not given")
    return str(value)


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise InvalidValueError(f"{text!r} is no whole number") from error


def _number(row: Row, name: str) -> int:
    number = _whole(_given(row, name))
    assert number is not None  # noqa: S101 - it is given
    return number


def _moment_or_none(row: Row, name: str) -> datetime | None:
    return None if row[name] is None else _moment(row, name)


def _moment(row: Row, name: str) -> datetime:
    text = _given(row, name)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError(f"{name} is {text!r}, which is no moment") from error


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else repr(value)
