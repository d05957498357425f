"""A shop in memory, and orders to put into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from extract.store.customer.customer import Customer
from extract.store.fulfillment.delivery import Delivery
from extract.store.marketplace.product import Listing, Product, ProductDimensions
from extract.store.marketplace.seller import Seller
from extract.store.sales.order import Order, OrderItem, Payment, Review, ReviewScore
from extract.store.sales.status import Status
from extract.store.shared.errors import UnknownEntityError
from extract.store.shared.events import Aggregate
from extract.store.shared.values import Address, Money

A = TypeVar("A", bound=Aggregate)

AT = datetime.fromisoformat("2018-03-01 12:00")
PROMISE = datetime.fromisoformat("2018-03-20")
HOME = Address("01037", "sao paulo", "SP")
SELLERS_PLACE = Address("29100", "vila velha", "ES")


@dataclass
class Kept(Generic[A]):
    """A repository that is a dictionary."""

    held: dict[str, A] = field(default_factory=dict)

    def get(self, id_: str) -> A:
        """As the protocol has it."""
        if id_ not in self.held:
            raise UnknownEntityError(id_)
        return self.held[id_]

    def find(self, id_: str) -> A | None:
        """As the protocol has it."""
        return self.held.get(id_)

    def add(self, aggregate: A) -> None:
        """As the protocol has it."""
        self.held[aggregate.id] = aggregate


@dataclass
class ShopInMemory:
    """All repositories of a shop."""

    orders: Kept[Order] = field(default_factory=Kept)
    customers: Kept[Customer] = field(default_factory=Kept)
    products: Kept[Product] = field(default_factory=Kept)
    sellers: Kept[Seller] = field(default_factory=Kept)
    deliveries: Kept[Delivery] = field(default_factory=Kept)


def money(text: str) -> Money:
    return Money.of(text)


def item(number: int = 1, *, price: str = "10.00", freight: str = "2.50") -> OrderItem:
    return OrderItem(number, "lamp", "lucia", PROMISE, money(price), money(freight))


def payment(amount: str = "12.50", sequential: int = 1) -> Payment:
    return Payment(sequential, "boleto", 1, money(amount))


def review(stars: int = 5, asked_at: datetime | None = None, id_: str = "r1") -> Review:
    return Review(id_, ReviewScore(stars), None, "boa", asked_at, None)


def placed(items: Iterable[OrderItem] | None = None) -> Order:
    """An order that was just placed, its events collected."""
    order = Order.place(
        "o1",
        person_id="ana",
        customer_id="ana-1",
        items=[item()] if items is None else items,
        promised_for=PROMISE,
        at=AT,
    )
    order.collect()
    return order


def order_in(status: Status) -> Order:
    """A paid order in a status, whatever led there."""
    order = placed()
    order.receive_payment(payment(), AT)
    order.status = status
    order.collect()
    return order


def a_product() -> Product:
    return Product("lamp", Listing("casa", 1, 2, 3), ProductDimensions(500, 10, 20, 30), AT)


def a_seller() -> Seller:
    return Seller("lucia", SELLERS_PLACE, AT)


def a_customer() -> Customer:
    return Customer("ana", AT)


def names(events: Iterable[object]) -> list[str]:
    return [type(one).__name__ for one in events]


def only(values: Mapping[str, A]) -> A:
    (one,) = values.values()
    return one
