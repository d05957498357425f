"""An order holds its invariants, and only the allowed steps are taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from extract.store.sales.order import Order
from extract.store.sales.pricing import order_totals
from extract.store.sales.status import ALLOWED, Status, is_further
from extract.store.shared.errors import InvalidValueError
from extract.store.shared.rules import Kind, Recorded, RuleBrokenError
from tests.support.shop import AT, item, money, names, order_in, payment, placed, review

STEPS: dict[Status, Callable[[Order], Callable[..., None]]] = {
    Status.APPROVED: lambda order: order.approve,
    Status.INVOICED: lambda order: order.invoice,
    Status.PROCESSING: lambda order: order.start_picking,
    Status.SHIPPED: lambda order: order.ship,
    Status.DELIVERED: lambda order: order.close,
    Status.CANCELED: lambda order: order.cancel,
    Status.UNAVAILABLE: lambda order: order.give_up_as_unavailable,
}
PAIRS = [(here, there) for here in Status for there in STEPS]
REFUSED = [(here, there) for here, there in PAIRS if there not in ALLOWED[here]]


@pytest.mark.parametrize(("here", "there"), [one for one in PAIRS if one not in REFUSED])
def test_every_allowed_step_is_taken(here: Status, there: Status) -> None:
    order = order_in(here)
    STEPS[there](order)(AT)
    assert order.status is there


@pytest.mark.parametrize(("here", "there"), REFUSED)
def test_every_other_step_is_refused_and_changes_nothing(here: Status, there: Status) -> None:
    order = order_in(here)
    with pytest.raises(RuleBrokenError) as caught:
        STEPS[there](order)(AT)
    assert caught.value.violation.kind is Kind.STEP_NOT_ALLOWED
    assert order.status is here
    assert order.approved_at is None
    assert order.collect() == []


@pytest.mark.parametrize(("here", "there"), REFUSED)
def test_a_refused_step_that_has_happened_is_recorded(here: Status, there: Status) -> None:
    order, rules = order_in(here), Recorded()
    STEPS[there](order)(AT, rules)
    (violation,) = rules.violations
    assert (violation.kind, violation.detail) == (
        Kind.STEP_NOT_ALLOWED,
        f"{here.value} -> {there.value}",
    )
    assert order.status is (there if is_further(here, there) else here)


def test_from_every_status_an_end_is_reached() -> None:
    ends = {status for status, targets in ALLOWED.items() if not targets}
    assert ends == {Status.DELIVERED, Status.CANCELED, Status.UNAVAILABLE}
    for start in Status:
        reached, waiting = set(), [start]
        while waiting:
            reached.add(here := waiting.pop())
            waiting += ALLOWED[here] - reached
        assert reached & ends


def test_an_order_without_items_is_refused() -> None:
    with pytest.raises(RuleBrokenError, match="order_without_items"):
        placed(items=[])


def test_an_order_is_not_approved_before_its_payments_equal_its_total() -> None:
    order = placed([item(1), item(2)])
    order.receive_payment(payment("12.50"), AT)
    with pytest.raises(RuleBrokenError, match=r"paid 12\.50, total 25\.00"):
        order.approve(AT)
    order.receive_payment(payment("12.49", sequential=2), AT)  # rounded installments
    order.approve(AT)
    assert order.approved_at == AT


@pytest.mark.parametrize("amount", ["12.48", "12.52", "0.00"])
def test_more_than_a_centavo_too_much_or_too_little_is_refused(amount: str) -> None:
    order = placed()
    order.receive_payment(payment(amount), AT)
    with pytest.raises(RuleBrokenError, match="payments_differ"):
        order.approve(AT)
    assert order.status is Status.CREATED


def test_an_order_that_nobody_paid_is_not_approved() -> None:
    with pytest.raises(RuleBrokenError, match="order_without_payment"):
        placed().approve(AT)


def test_a_payment_comes_in_once() -> None:
    order = placed()
    order.receive_payment(payment(), AT)
    with pytest.raises(InvalidValueError, match="came before"):
        order.receive_payment(payment(), AT)
    assert order.paid == money("12.50")


def test_a_canceled_order_is_refunded_once_and_whole() -> None:
    order = order_in(Status.APPROVED)
    order.receive_payment(payment("0.00", sequential=2), AT)
    order.cancel(AT)
    order.refund(AT)
    order.refund(AT)
    assert [(one.sequential, one.amount) for one in order.refunds] == [(1, money("12.50"))]
    assert names(order.collect()) == ["PaymentReceived", "OrderCanceled", "PaymentRefunded"]


def test_only_a_canceled_order_is_refunded() -> None:
    with pytest.raises(InvalidValueError, match="nothing to refund"):
        order_in(Status.UNAVAILABLE).refund(AT)


def test_a_review_replaces_the_words_before_of_the_same_review() -> None:
    order = placed()
    order.receive_review(review(5), AT)
    order.receive_review(review(1), AT)
    order.receive_review(review(3, id_="r2"), AT)
    assert [(one.review_id, one.score.stars) for one in order.reviews] == [("r1", 1), ("r2", 3)]


def test_a_survey_older_than_the_order_is_refused() -> None:
    order = placed()
    with pytest.raises(RuleBrokenError, match="reviewed_before_purchase"):
        order.receive_review(review(asked_at=AT - timedelta(seconds=1)), AT)
    assert order.reviews == []
    order.receive_review(review(asked_at=AT), AT)


@pytest.mark.parametrize("stated", list(Status))
def test_the_last_word_of_the_source_stands(stated: Status) -> None:
    for here in Status:
        order, rules = order_in(here), Recorded()
        order.settle(stated, AT, rules)
        assert order.status is stated
        assert bool(rules.violations) == (
            stated not in ALLOWED[here] and stated is not here
        ) or (stated is here)


def test_totals_add_up_and_given_up_orders_bring_no_revenue() -> None:
    order = placed([item(1, price="10.00", freight="1.11"), item(2, price="0.99", freight="0")])
    order.receive_payment(payment("5.00"), AT)
    totals = order_totals(order)
    assert (str(totals.goods), str(totals.freight)) == ("10.99", "1.11")
    assert totals.charged == totals.revenue == order.total == money("12.10")
    assert totals.paid == money("5.00")
    order.cancel(AT)
    assert order_totals(order).revenue == money("0")
    assert order_totals(order).charged == money("12.10")
