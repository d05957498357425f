"""Customers, products, sellers and deliveries, and what the contexts cause in each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from extract.store.customer.customer import Customer
from extract.store.customer.segmentation import (
    Purchases,
    Scores,
    SegmentRules,
    rfm_segment,
    segment,
)
from extract.store.fulfillment.delivery import Delivery, LatenessCause
from extract.store.fulfillment.shipping import Route, freight_by_route, shipping_cost
from extract.store.handlers import connect
from extract.store.marketplace.product import Category, Product
from extract.store.marketplace.seller import Cnpj, Seller
from extract.store.sales.order import Order
from extract.store.shared.errors import UnknownEntityError
from extract.store.shared.rules import Recorded, RuleBrokenError
from extract.store.shared.values import Address
from tests.support.shop import (
    AT,
    HOME,
    PROMISE,
    SELLERS_PLACE,
    ShopInMemory,
    a_customer,
    a_product,
    a_seller,
    item,
    money,
    names,
    only,
    payment,
    review,
)

LATER = AT + timedelta(days=3)


def _planned() -> Delivery:
    delivery = Delivery.plan("o1", promised_for=PROMISE, at=AT)
    delivery.collect()
    return delivery


def test_a_person_moves_when_an_order_goes_elsewhere() -> None:
    customer = Customer.register("ana", AT)
    assert customer.address is None
    customer.open_account("ana-1", HOME, AT)
    customer.open_account("ana-2", HOME, LATER)
    customer.open_account("ana-3", SELLERS_PLACE, LATER)
    customer.open_account("ana-1", SELLERS_PLACE, LATER)  # known already
    assert customer.address == SELLERS_PLACE
    assert [one.customer_id for one in customer.accounts] == ["ana-1", "ana-2", "ana-3"]
    assert names(customer.collect()) == ["CustomerRegistered", "CustomerMoved"]


def test_the_latest_order_of_a_person_is_the_latest_however_they_come() -> None:
    customer = a_customer()
    customer.note_order(LATER)
    customer.note_order(AT)
    assert (customer.num_orders, customer.last_ordered_at) == (2, LATER)


def test_a_price_changes_only_between_two_sales_of_one_seller() -> None:
    product = Product.list_("lamp", a_product().listing, a_product().dimensions, AT)
    for seller, price in (("lucia", "10"), ("luis", "9"), ("lucia", "10"), ("lucia", "11")):
        product.sell(seller, money(price), AT)
    assert names(product.collect()) == ["ProductListed", "ProductPriceChanged"]
    assert product.offers == {"lucia": money("11"), "luis": money("9")}


def test_a_seller_may_have_a_number_and_counts_reviews() -> None:
    seller = Seller.onboard("lucia", SELLERS_PLACE, AT, Cnpj("33000167000101"))
    seller.note_review(5)
    seller.note_review(2)
    assert (seller.num_reviews, seller.sum_score) == (2, 7)
    assert names(seller.collect()) == ["SellerOnboarded"]
    assert Category("casa", "home").english == "home"


@pytest.mark.parametrize(
    ("delivered", "is_late"),
    [("2018-03-20 23:59", False), ("2018-03-21 00:00", True)],
)
def test_a_parcel_of_the_promised_day_is_not_late(delivered: str, is_late: bool) -> None:
    delivery, moment = _planned(), datetime.fromisoformat(delivered)
    delivery.hand_over(LATER, LATER)
    delivery.complete(moment, moment)
    assert delivery.is_late is is_late


def test_what_is_late_and_dispatched_late_is_the_sellers_else_the_carriers() -> None:
    delivery = _planned()
    assert delivery.lateness_cause(None) is LatenessCause.NONE
    delivery.hand_over(LATER, LATER)
    delivery.complete(PROMISE + timedelta(days=2), LATER)
    assert delivery.lateness_cause(LATER - timedelta(seconds=1)) is LatenessCause.SELLER
    assert delivery.lateness_cause(LATER) is LatenessCause.CARRIER
    assert delivery.lateness_cause(None) is LatenessCause.CARRIER
    delivery.handed_over_at = None
    assert delivery.lateness_cause(AT) is LatenessCause.CARRIER


def test_days_of_a_delivery_are_from_order_to_door() -> None:
    delivery = _planned()
    assert delivery.days is None
    delivery.complete(AT + timedelta(hours=36), LATER)
    assert delivery.days == 1.5
    delivery.delivered_at = AT - timedelta(days=1)
    assert delivery.days is None


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (lambda d, **k: d.hand_over(AT - timedelta(1), LATER, **k), "shipped_before_purchase"),
        (lambda d, **k: d.complete(None, LATER, **k), "delivered_without_date"),
    ],
)
def test_dates_that_cannot_be_are_refused_or_recorded(
    broken: Callable[..., None], kind: str
) -> None:
    delivery = _planned()
    with pytest.raises(RuleBrokenError, match=kind):
        broken(delivery)
    assert (delivery.handed_over_at, delivery.delivered_at) == (None, None)
    rules = Recorded()
    broken(delivery, rules=rules)
    assert [one.kind for one in rules.violations] == [kind]


@pytest.mark.parametrize("carrier_first", [True, False])
def test_a_delivery_before_the_carrier_had_it_is_found_in_either_order(
    carrier_first: bool,
) -> None:
    delivery, rules = _planned(), Recorded()

    def hand_over() -> None:
        delivery.hand_over(LATER, LATER, rules)

    def complete() -> None:
        delivery.complete(LATER - timedelta(days=1), LATER, rules)

    for step in (hand_over, complete) if carrier_first else (complete, hand_over):
        step()
    assert [one.kind for one in rules.violations] == ["delivered_before_shipped"]


def test_what_is_on_its_way_is_not_stopped() -> None:
    delivery = _planned()
    delivery.hand_over(LATER, LATER)
    delivery.stop(LATER)
    assert not delivery.is_stopped
    waiting = _planned()
    waiting.stop(LATER)
    waiting.stop(LATER)
    assert waiting.is_stopped
    assert names(waiting.collect()) == ["DeliveryStopped"]


def test_freight_is_added_up_by_route_and_asked_for_by_its_mean() -> None:
    here, there = Route("SP", "SP"), Route("SP", "AM")
    known = freight_by_route([(here, money("1")), (there, money("9")), (here, money("2.01"))])
    assert (known[here].num_items, known[here].total) == (2, money("3.01"))
    assert known[here].mean == money("1.51")
    assert shipping_cost(known, there, 3) == money("27")
    with pytest.raises(UnknownEntityError, match="AC to SP"):
        shipping_cost(known, Route("AC", "SP"), 1)


def test_an_order_goes_through_all_contexts() -> None:
    shop = ShopInMemory()
    shop.customers.add(a_customer())
    shop.products.add(a_product())
    shop.sellers.add(a_seller())
    bus = connect(shop)
    order = Order.place(
        "o1", person_id="ana", customer_id="ana-1", items=[item()], promised_for=PROMISE, at=AT
    )
    shop.orders.add(order)
    assert names(bus.publish(order.collect())) == ["OrderPlaced", "DeliveryPlanned"]
    assert only(shop.customers.held).num_orders == 1
    assert only(shop.products.held).offers == {"lucia": money("10")}
    order.receive_payment(payment(), AT)
    order.approve(AT)
    bus.publish(order.collect())
    delivery = only(shop.deliveries.held)
    delivery.hand_over(LATER, LATER)
    assert names(bus.publish(delivery.collect())) == ["OrderShipped"]
    assert order.status.value == "shipped"
    delivery.complete(LATER, LATER)
    assert names(bus.publish(delivery.collect())) == ["DeliveryCompleted", "OrderClosed"]
    assert order.status.value == "delivered"
    order.receive_review(review(4), LATER)
    bus.publish(order.collect())
    assert (only(shop.sellers.held).num_reviews, only(shop.sellers.held).sum_score) == (1, 4)


@pytest.mark.parametrize("is_canceled", [True, False])
def test_an_order_given_up_is_not_sent_and_refunded_if_canceled(is_canceled: bool) -> None:
    shop = ShopInMemory()
    bus = connect(shop)
    order = Order.place(
        "o1", person_id="nobody", customer_id="x", items=[item()], promised_for=PROMISE, at=AT
    )
    shop.orders.add(order)
    order.receive_payment(payment(), AT)
    order.approve(AT)
    bus.publish(order.collect())
    (order.cancel if is_canceled else order.give_up_as_unavailable)(LATER)
    happened = names(bus.publish(order.collect()))
    refunded = ["PaymentRefunded"] if is_canceled else []
    assert happened[1:] == [*refunded, "DeliveryStopped"]
    assert only(shop.deliveries.held).is_stopped
    assert bool(order.refunds) is is_canceled


def test_a_review_of_an_unknown_seller_is_a_review_all_the_same() -> None:
    shop, order = ShopInMemory(), Order("o1", "x", AT, (item(),))
    shop.orders.add(order)
    order.receive_review(review(), AT)
    assert names(connect(shop).publish(order.collect())) == ["ReviewReceived"]


def test_every_event_can_be_written_as_json() -> None:
    order = Order.place(
        "o1", person_id="ana", customer_id="ana-1", items=[item()], promised_for=PROMISE, at=AT
    )
    order.receive_payment(payment(), AT)
    order.receive_review(review(2), AT)
    placed_, paid, reviewed = order.collect()
    assert json.loads(json.dumps(placed_.payload())) == {
        "person_id": "ana",
        "customer_id": "ana-1",
        "promised_for": "2018-03-20 00:00:00",
        "lines": ["lamp lucia 10.00"],
    }
    assert paid.payload() == {"sequential": 1, "amount": "12.50"}
    assert reviewed.payload() == {"review_id": "r1", "score": 2, "seller_ids": ["lucia"]}
    assert order.collect() == []


RULES = SegmentRules(365, 5, 1000, 2, 90, 5, (2, 3, 4, 6), 4, 3, 4, 2, 3)
AS_OF = date(2018, 8, 9)


def _bought(
    num_sales: int = 1, *, days_ago: int = 10, revenue: str = "100", num_days: int | None = None
) -> Purchases:
    last = datetime.fromisoformat("2018-08-09 10:00") - timedelta(days=days_ago)
    return Purchases(num_sales, num_days or num_sales, last, money(revenue))


@pytest.mark.parametrize(
    ("bought", "expected"),
    [
        (_bought(6, revenue="1200"), "VIP"),
        (_bought(6, revenue="1000"), "LOYAL"),
        (_bought(6, days_ago=366, revenue="1200"), "CHURNED"),
        (_bought(5, revenue="9999"), "REGULAR"),
        (_bought(1, days_ago=90), "NEW"),
        (_bought(1, days_ago=91), "ONE_TIME"),
        (_bought(1, days_ago=365), "ONE_TIME"),
    ],
)
def test_the_first_segment_that_fits(bought: Purchases, expected: str) -> None:
    assert segment({"ana": bought}, AS_OF, RULES)["ana"].customer_segment == expected


def test_bands_are_equal_and_the_first_take_what_is_over() -> None:
    people = {f"p{n:02d}": _bought(days_ago=100 - n, revenue=str(n + 1)) for n in range(12)}
    found = segment(people, AS_OF, RULES)
    recency = [found[f"p{n:02d}"].scores.recency for n in range(12)]
    assert recency == [1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5]
    assert recency == [found[f"p{n:02d}"].scores.money for n in range(12)]


@pytest.mark.parametrize(
    ("recency", "frequency", "money_", "expected"),
    [
        (4, 3, 4, "CHAMPIONS"),
        (4, 3, 3, "RETURNING"),
        (3, 2, 5, "RETURNING"),
        (2, 2, 5, "AT_RISK"),
        (4, 1, 4, "PROMISING"),
        (4, 1, 3, "RECENT"),
        (3, 1, 5, "COOLING"),
        (2, 1, 4, "LAPSED_VALUABLE"),
        (2, 1, 3, "HIBERNATING"),
    ],
)
def test_scores_lead_to_one_segment(
    recency: int, frequency: int, money_: int, expected: str
) -> None:
    assert rfm_segment(Scores(recency, frequency, money_), RULES) == expected


def test_a_frequency_band_starts_where_it_is_said() -> None:
    people = {str(n): _bought(n, num_days=n) for n in range(1, 8)}
    found = segment(people, AS_OF, RULES)
    assert [found[str(n)].scores.frequency for n in range(1, 8)] == [1, 2, 3, 4, 4, 5, 5]


def test_an_address_is_equal_by_what_it_holds() -> None:
    assert replace(HOME) == HOME
    assert Address("01037", "sao paulo", "SP") == HOME
