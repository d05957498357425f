"""The services of the domain against the marts: every person, order and delivery, both routes.

The services read the shop, not the warehouse; the thresholds are the vars of the dbt project.
Only what follows from the whole of the data (the as-of date) is taken from the warehouse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from extract.sources import open_source
from extract.store.customer.segmentation import Purchases, SegmentRules, segment
from extract.store.fulfillment.delivery import Delivery
from extract.store.fulfillment.shipping import Route, freight_by_route
from extract.store.play.progress import play
from extract.store.postgres.database import engine
from extract.store.postgres.repositories import PostgresShop
from extract.store.sales.order import PAYMENT_TOLERANCE, Order
from extract.store.sales.pricing import is_sale, order_totals
from extract.store.sales.status import Status
from extract.store.shared.values import ZERO, Money
from orchestration.settings import PROJECT_ROOT
from tests.support.store import ask

_AT_ONCE = 5_000


def _vars() -> dict[str, Any]:
    text = (PROJECT_ROOT / "olist_dw_dbt" / "dbt_project.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["vars"]
    return found


def _rules() -> SegmentRules:
    values = {name.name: _vars()[name.name] for name in fields(SegmentRules)}
    starts = tuple(values.pop("rfm_frequency_band_starts"))
    return SegmentRules(**values, rfm_frequency_band_starts=starts)


def _of_the_shop(url: str) -> Iterator[tuple[Order, Delivery]]:
    ids = [one for (one,) in ask(url, "select order_id from sales.orders order by 1")]
    with engine(url, "tests").connect() as connection:
        for first in range(0, len(ids), _AT_ONCE):
            chunk = ids[first : first + _AT_ONCE]
            shop = PostgresShop(connection)
            shop.orders.prefetch(chunk)
            shop.deliveries.prefetch(chunk)
            for id_ in chunk:
                yield shop.orders.get(id_), shop.deliveries.get(id_)


def _rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def _compare(url: str, warehouse: Path) -> None:
    persons = dict(ask(url, "select customer_id, person_id from customer.accounts"))
    homes = dict(ask(url, "select customer_id, state from customer.accounts"))
    places = dict(ask(url, "select seller_id, state from marketplace.sellers"))
    sales: defaultdict[str, list[tuple[datetime, Money]]] = defaultdict(list)
    totals, deliveries, causes, freight = {}, {}, {}, []
    for order, delivery in _of_the_shop(url):
        found = order_totals(order)
        totals[order.id] = (
            *(found.goods.amount, found.freight.amount, found.charged.amount),
            *(found.revenue.amount, found.paid.amount),
        )
        if is_sale(order.status):
            sales[persons[order.customer_id]].append((order.placed_at, found.revenue))
        has_come = order.status is Status.DELIVERED and delivery.delivered_at is not None
        deliveries[order.id] = (has_come, has_come and delivery.is_late)
        by_seller: defaultdict[str, list[datetime]] = defaultdict(list)
        for item in order.items:
            assert item.dispatch_by is not None
            by_seller[item.seller_id].append(item.dispatch_by)
            route = Route(places[item.seller_id], homes[order.customer_id])
            freight.append((route, item.freight))
        for seller, limits in by_seller.items():
            cause = delivery.lateness_cause(max(limits)).value if has_come else "NONE"
            causes[order.id, seller] = cause

    assert totals == {
        row[0]: row[1:]
        for row in _rows(
            warehouse,
            "select order_id, item_amount, freight_amount, charged_amount, revenue_amount,"
            " payment_amount from core.fact_orders",
        )
    }
    assert deliveries == {
        row[0]: row[1:]
        for row in _rows(
            warehouse, "select order_id, is_delivered, is_late from core.fact_orders"
        )
    }
    assert causes == {
        (order, seller): cause
        for order, seller, cause in _rows(
            warehouse,
            "select order_id, seller_id, lateness_cause from core.fact_deliveries"
            " inner join core.dim_seller using (seller_key)",
        )
    }
    assert {
        (route.seller_state, route.customer_state): (one.num_items, one.total.amount)
        for route, one in freight_by_route(freight).items()
    } == {
        (seller, customer): (number, total)
        for seller, customer, number, total in _rows(
            warehouse,
            "select dim_seller.state, dim_customer.state, count(*),"
            " cast(sum(freight_amount) as decimal(18, 2)) from core.fact_order_items"
            " inner join core.dim_seller using (seller_key)"
            " inner join core.dim_customer using (customer_key) group by all",
        )
    }

    ((as_of,),) = _rows(warehouse, "select as_of_date from intermediate.int_as_of_date")
    assert _segments(sales, as_of) == {
        row[0]: row[1:]
        for row in _rows(
            warehouse,
            "select customer_unique_id, recency_score, frequency_score, monetary_score,"
            " customer_segment, rfm_segment from marts.mart_customer_analytics",
        )
    }


def _segments(
    sales: dict[str, list[tuple[datetime, Money]]], as_of: date
) -> dict[str, tuple[int, int, int, str, str]]:
    purchases = {
        person: Purchases(
            num_sales=len(bought),
            num_days=len({at.date() for at, _ in bought}),
            last_at=max(at for at, _ in bought),
            revenue=sum((revenue for _, revenue in bought), ZERO),
        )
        for person, bought in sales.items()
    }
    return {
        person: (
            *(found.scores.recency, found.scores.frequency, found.scores.money),
            *(found.customer_segment, found.rfm_segment),
        )
        for person, found in segment(purchases, as_of, _rules()).items()
    }


def test_the_services_and_the_marts_agree_on_generated_data(
    empty_database: str, built_warehouse: Path, generated_files: Path
) -> None:
    with open_source(generated_files) as source:
        play(empty_database, source)
    _compare(empty_database, built_warehouse)


@pytest.mark.real_data
@pytest.mark.timeout(1200)  # a history of 99,441 orders is played first
def test_the_services_and_the_marts_agree_on_the_real_data(
    real_shop: str, real_warehouse: Path
) -> None:
    _compare(real_shop, real_warehouse)


def test_a_payment_that_differs_is_one_for_shop_and_warehouse() -> None:
    assert Decimal(str(_vars()["payment_tolerance_amount"])) == PAYMENT_TOLERANCE.amount
