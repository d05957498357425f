"""Figures by name and scope, wherever they are told: pages, questions, tables, documentation.

A figure of the documentation is marked where it stands, invisibly to a reader:
``2.17 %<!-- repeat_rate -->``. Each name is defined once, here, by the places that compute it;
all of them are over all of the data, and a name that is of something else says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dashboards import products
from dashboards.customers import PAGE as CUSTOMERS
from dashboards.delivery import PAGE as DELIVERY
from dashboards.executive import PAGE as EXECUTIVE
from dashboards.lib.parts.customers import known
from dashboards.lib.parts.products import CATEGORY, cuts
from dashboards.lib.parts.sellers import CARDS, best
from dashboards.lib.periods import Period
from dashboards.lib.query import Asker, Query
from dashboards.sellers import PAGE as SELLERS
from tests.support.pages import metrics_of_page, view_of

ALL_DAYS = Period(date(2000, 1, 1), date(2099, 12, 31))
_ITEMS = "from core.fact_order_items where is_sale"
_ORDERS = "from core.fact_orders"
_PERSONS = "from marts.mart_customer_analytics"
_PRODUCTS = "from marts.mart_product_performance"
_AS_OF = "(select as_of_date from ops.warehouse_info)"
_DUE = f"is_sale and estimated_delivery_date <= {_AS_OF}"
_REVIEWS = (
    "from core.fact_reviews join (select order_key, is_late, is_on_time from core.fact_orders) "
    "using (order_key)"
)

# The figure of each name over all of the data, from the tables.
TABLES: Mapping[str, str] = {
    "gmv_amount": f"select sum(price_amount) {_ITEMS}",
    "freight_amount": f"select sum(freight_amount) {_ITEMS}",
    "revenue_amount": f"select sum(revenue_amount) {_ORDERS}",
    "charged_amount": f"select sum(charged_amount) {_ORDERS}",
    "average_order_value": f"select sum(revenue_amount) / count(*) {_ORDERS} "
    "where is_sale and has_items",
    "payment_amount": "select sum(payment_amount) from core.fact_payments",
    "promise_kept_rate": f"select count(*) filter (is_on_time) / count(*) {_ORDERS} "
    f"where {_DUE}",
    "on_time_rate": f"select count(*) filter (is_on_time) / count(*) {_ORDERS} "
    "where is_delivered",
    "average_delivery_days": f"select avg(delivery_days) {_ORDERS}",
    "average_promised_days": f"select avg(promised_days) {_ORDERS}",
    "average_review_score": "select avg(review_score) from core.fact_reviews",
    "csat_rate": "select avg((review_score >= 4)::integer) from core.fact_reviews",
    "nps": "select 100 * avg((review_score = 5)::integer - (review_score <= 3)::integer) "
    "from core.fact_reviews",
    "cancellation_rate_of_all_orders": "select avg((order_status = 'canceled')::integer) "
    f"{_ORDERS}",
    "cancellation_rate_of_orders_with_items": "select "
    f"avg((order_status = 'canceled')::integer) {_ORDERS} where has_items",
    "not_fulfilled_rate": f"select 1 - avg(is_sale::integer) {_ORDERS}",
    "free_freight_rate": f"select avg((freight_amount = 0)::integer) {_ITEMS}",
    "num_customers": f"select count(*) {_PERSONS}",
    "repeat_rate": f"select avg((last_order_date > first_order_date)::integer) {_PERSONS}",
    "repeat_rate_same_day_included": f"select avg((num_orders > 1)::integer) {_PERSONS}",
    "num_products_sold": "select count(distinct product_key) from core.fact_order_items "
    "join core.dim_product using (product_key) where is_sale and not is_unknown",
    "products_behind_80_percent_rate": "select count(*) filter (abc_class = 'A') / count(*) "
    f"{_PRODUCTS} where num_units > 0",
    "num_categories": "select count(distinct category_key) from core.fact_order_items "
    "join core.dim_category using (category_key) where is_sale and not is_unknown",
    "num_sellers_with_a_sale": f"select count(distinct seller_key) {_ITEMS}",
    "num_sellers_active_within_90_days": f"select count(distinct seller_key) {_ITEMS} "
    f"and order_date between {_AS_OF} - 90 and {_AS_OF}",
    "num_top_tenth_sellers": f"select ceil(count(distinct seller_key) * 0.1) {_ITEMS}",
    "late_review_score": f"select avg(review_score) {_REVIEWS} where is_late",
    "on_time_review_score": f"select avg(review_score) {_REVIEWS} where is_on_time",
    "late_review_score_after_delivery": f"select avg(review_score) {_REVIEWS} "
    "where is_late and not is_answered_before_delivery",
    "on_time_review_score_after_delivery": f"select avg(review_score) {_REVIEWS} "
    "where is_on_time and not is_answered_before_delivery",
    "late_reviewed_before_delivery_rate": "select "
    f"avg(is_answered_before_delivery::integer) {_REVIEWS} where is_late",
    "num_late_by_promise": "select sum(num_late_by_promise) from marts.mart_delivery_metrics",
}

# Columns of questions that hold a figure over all of the data, the same on every row, and the
# decimals they are rounded to.
QUESTIONS: Mapping[str, tuple[int, str, int]] = {
    "average_review_score": (31, "overall_average_review_score", 4),
    "csat_rate": (31, "overall_csat_rate", 4),
    "nps": (31, "overall_nps_points", 1),
    "repeat_rate": (36, "overall_repeat_rate", 4),
    "num_categories": (7, "finding_num_categories", 0),
    "num_sellers_with_a_sale": (51, "finding_num_sellers", 0),
    "num_top_tenth_sellers": (51, "finding_num_top_tenth_sellers", 0),
}


# Figures that have a metric of another name.
METRICS: Mapping[str, str] = {"num_sellers_with_a_sale": "num_selling_sellers"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and where it is told; ``decimals`` are those shown, None for all of them."""

    name: str
    value: float
    where: str
    decimals: int | None = None


def of_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    """Each figure, from core or a mart."""
    for name, sql in TABLES.items():
        found = connection.execute(sql).fetchone()
        assert found is not None
        yield Figure(name, float(found[0]), "the tables")


def of_metrics(source: Asker) -> Iterator[Figure]:
    """Each metric over all of the data, by MetricFlow."""
    for name in source.semantics.metrics:
        value = source.ask(Query((name,))).total[name]
        assert value is not None, f"there is no {name}"
        yield Figure(name, float(value), "the metrics")
    for name, metric in METRICS.items():
        value = source.ask(Query((metric,))).total[metric]
        yield Figure(name, float(value), f"the metric {metric}")


def of_pages(version: Path) -> Iterator[Figure]:
    """The figures as the readers of the pages make them, over all days and places."""
    view = view_of(EXECUTIVE, version, ALL_DAYS)
    names = {name for _, name in metrics_of_page(EXECUTIVE, view.source.definitions.metrics)}
    yield from _read("/executive", view.ask(sorted(names))[0])
    people = view_of(CUSTOMERS, version, ALL_DAYS)
    yield from _read("/customers", known(people, ALL_DAYS))
    view = view_of(products.PAGE, version, ALL_DAYS)
    cut, sold = cuts(view), view.ask(("num_items",), CATEGORY)
    yield from _read(
        "/products",
        {
            "num_products_sold": cut["num_products"],
            "products_behind_80_percent_rate": cut["num_a"] / cut["num_products"],
            "num_categories": sum(
                row["num_items"] > 0 and row[CATEGORY[0]] != "Unknown" for row in sold
            ),
        },
    )
    market = view_of(SELLERS, version, ALL_DAYS)
    yield from _read(
        "/sellers",
        {
            "num_sellers_with_a_sale": market.total()["num_selling_sellers"],
            "num_top_tenth_sellers": best(market, ALL_DAYS)[1]["num_top"],
            "num_sellers_active_within_90_days": market.total(CARDS)["num_active_sellers"],
        },
    )
    sent = view_of(DELIVERY, version, ALL_DAYS)
    name = "num_shipments_late_by_promise"
    yield from _read("/delivery", {"num_late_by_promise": sent.ask((name,))[0][name]})


def _read(where: str, figures: Mapping[str, object]) -> Iterator[Figure]:
    for name, value in figures.items():
        assert value is not None, f"{where} has no {name}"
        yield Figure(name, float(str(value)), where)


def of_questions(result: Callable[[int], list[dict[str, object]]]) -> Iterator[Figure]:
    """The figures in the results of questions, whose rows ``result`` gives by their number."""
    for name, (number, column, decimals) in QUESTIONS.items():
        values = {str(row[column]) for row in result(number)}
        assert len(values) == 1, f"question {number}: {column} differs by row"
        yield Figure(name, float(values.pop()), f"question {number}", decimals)


_MARK = re.compile(
    r"(?P<minus>[-\u2212])?(?P<number>\d[\d,]*(?:\.(?P<decimals>\d+))?)(?P<percent> %)?"
    r"<!-- (?P<name>\w+) -->"
)
_ANY_MARK = re.compile(r"<!-- (\w+) -->")


def of_documentation(root: Path) -> Iterator[Figure]:
    """The figures that pages of the documentation mark.

    Raises:
        AssertionError: A mark does not stand behind a number.
    """
    for page in sorted(root.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        found = list(_MARK.finditer(text))
        assert len(found) == len(_ANY_MARK.findall(text)), f"{page}: a mark without a number"
        for one in found:
            percent = one["percent"] is not None
            value = float(one["number"].replace(",", "")) * (-1 if one["minus"] else 1)
            digits = len(one["decimals"] or "")
            line = text.count("\n", 0, one.start()) + 1
            yield Figure(
                one["name"],
                value / 100 if percent else value,
                f"{page.relative_to(root.parent)}:{line}",
                digits + 2 if percent else digits,
            )


def contradictions(figures: Iterable[Figure]) -> list[str]:
    """What is told in two ways: figures of one name that differ by more than their rounding."""
    by_name: dict[str, list[Figure]] = defaultdict(list)
    for one in figures:
        by_name[one.name].append(one)
    found = []
    for name, told in by_name.items():
        exact = min(told, key=lambda one: -1 if one.decimals is None else -one.decimals)
        for other in told:
            room = 1e-9 * abs(exact.value) if other.decimals is None else _half(other.decimals)
            room += 0 if exact.decimals is None else _half(exact.decimals)
            if abs(other.value - exact.value) > room + 1e-12:
                found.append(
                    f"{name}: {other.value} in {other.where}, {exact.value} in {exact.where}"
                )
    return found


def _half(decimals: int) -> float:
    """Half of the last digit shown, and what a binary fraction may lack to it."""
    return 0.5 * 10.0**-decimals * (1 + 1e-6)
