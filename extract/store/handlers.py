"""What an event in one context causes in another: the only place where contexts meet.

Handlers run in the unit of work that raised the event, so that an order and its delivery are
stored together or not at all; the outbox is for readers outside of the shop.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from extract.store.customer.customer import Customer
from extract.store.fulfillment.delivery import Delivery, DeliveryCompleted, OrderShipped
from extract.store.marketplace.product import Product
from extract.store.marketplace.seller import Seller
from extract.store.sales.events import (
    OrderCanceled,
    OrderPlaced,
    OrderUnavailable,
    ReviewReceived,
)
from extract.store.sales.order import Order
from extract.store.shared.events import Event, EventBus
from extract.store.shared.repository import Repository
from extract.store.shared.rules import Rules


class Shop(Protocol):
    """All aggregates of the shop, by context."""

    @property
    def orders(self) -> Repository[Order]:
        """Of sales."""

    @property
    def customers(self) -> Repository[Customer]:
        """Of customer."""

    @property
    def products(self) -> Repository[Product]:
        """Of marketplace."""

    @property
    def sellers(self) -> Repository[Seller]:
        """Of marketplace."""

    @property
    def deliveries(self) -> Repository[Delivery]:
        """Of fulfillment."""


def connect(shop: Shop) -> EventBus:
    """A bus on which every context hears what it must know of the others."""
    handlers = _Handlers(shop)
    bus = EventBus()
    bus.subscribe(OrderPlaced, handlers.plan_delivery)
    bus.subscribe(OrderPlaced, handlers.note_order_of_customer)
    bus.subscribe(OrderPlaced, handlers.note_prices)
    bus.subscribe(OrderShipped, handlers.ship_order)
    bus.subscribe(DeliveryCompleted, handlers.close_order)
    bus.subscribe(OrderCanceled, handlers.refund)
    bus.subscribe(OrderCanceled, handlers.stop_delivery)
    bus.subscribe(OrderUnavailable, handlers.stop_delivery)
    bus.subscribe(ReviewReceived, handlers.note_review_of_sellers)
    return bus


class _Handlers:
    """One method a reaction; each gives the events that it caused."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def plan_delivery(self, event: OrderPlaced, rules: Rules) -> Iterable[Event]:  # noqa: ARG002
        at, promise = event.occurred_at, event.promised_for
        delivery = Delivery.plan(event.aggregate_id, promised_for=promise, at=at)
        self._shop.deliveries.add(delivery)
        return delivery.collect()

    def note_order_of_customer(
        self,
        event: OrderPlaced,
        rules: Rules,  # noqa: ARG002
    ) -> Iterable[Event]:
        customer = self._shop.customers.find(event.person_id)
        if customer is None:  # an order of nobody is an order all the same
            return ()
        customer.note_order(event.occurred_at)
        return customer.collect()

    def note_prices(self, event: OrderPlaced, rules: Rules) -> Iterable[Event]:  # noqa: ARG002
        for line in event.lines:
            product = self._shop.products.find(line.product_id)
            if product is not None:
                product.sell(line.seller_id, line.price, event.occurred_at)
                yield from product.collect()

    def ship_order(self, event: OrderShipped, rules: Rules) -> Iterable[Event]:
        order = self._shop.orders.get(event.aggregate_id)
        order.ship(event.occurred_at, rules)
        return order.collect()

    def close_order(self, event: DeliveryCompleted, rules: Rules) -> Iterable[Event]:
        order = self._shop.orders.get(event.aggregate_id)
        order.close(event.occurred_at, rules)
        return order.collect()

    def refund(self, event: OrderCanceled, rules: Rules) -> Iterable[Event]:  # noqa: ARG002
        order = self._shop.orders.get(event.aggregate_id)
        order.refund(event.occurred_at)
        return order.collect()

    def stop_delivery(
        self,
        event: OrderCanceled | OrderUnavailable,
        rules: Rules,  # noqa: ARG002
    ) -> Iterable[Event]:
        delivery = self._shop.deliveries.get(event.aggregate_id)
        delivery.stop(event.occurred_at)
        return delivery.collect()

    def note_review_of_sellers(
        self,
        event: ReviewReceived,
        rules: Rules,  # noqa: ARG002
    ) -> Iterable[Event]:
        for seller_id in event.seller_ids:
            seller = self._shop.sellers.find(seller_id)
            if seller is not None:
                seller.note_review(event.score)
                yield from seller.collect()
