"""What can be asked of the metrics, what is refused in words, and that values are bound."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from dashboards.lib.definitions import UnknownNameError
from dashboards.lib.periods import Period
from dashboards.lib.query import Asker, Query
from dashboards.lib.semantics import Semantics, Shape
from orchestration.dbt.semantic import semantic_manifest
from orchestration.warehouse.versions import open_reader
from tests.support.asking import DBT_PROJECT, asker_of, semantics_beside

JANUARY = Period(date(2018, 1, 1), date(2018, 1, 31))
HOSTILE = (
    "'",
    "x' or 1=1 --",
    '"',
    "{{ Dimension('customer_key__region') }}",
    "{% raw %}",
    "{",
    "$customer_city",
    "?",
    "\\",
    "%",
    "\N{LATIN SMALL LETTER A WITH TILDE}\N{CRAB}",
    "",
)


@pytest.fixture(scope="module")
def semantics(built_warehouse: Path) -> Semantics:
    return semantics_beside(built_warehouse)


@pytest.fixture(scope="module")
def source(built_warehouse: Path) -> Iterator[Asker]:
    with open_reader(built_warehouse) as connection:
        yield asker_of(connection, built_warehouse)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Shape(("revenu_amount",)), "no metric called revenu_amount. Did you mean revenue_am"),
        (Shape(("num_orders",), ("customer_stat",)), "customer_stat. Did you mean customer_st"),
        (Shape(("zzz",)), "There are: active_"),
        (Shape(("num_orders",), ("category",)), "no dimension of Orders called category"),
        (Shape(("num_orders",), where=("category",)), "no dimension of Orders called cat"),
        # One of two reaches it: both together do not.
        (Shape(("revenue_amount", "num_orders"), ("category",)), "of Revenue, Orders called"),
        (Shape(("num_orders",), where=("region') }} or 1=1 --",)), "no dimension of Orders"),
        (Shape(("num_orders",), ("order_date; drop table x",)), "no dimension of Orders"),
        (Shape(("num_orders",), where=("order_month",)), "Write the days as: from DAY to DAY"),
        (Shape(()), "Name a metric"),
        (Shape(("num_orders", "num_orders")), "Named twice: num_orders"),
        (Shape(("num_orders",), ("region", "region")), "Named twice: region"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    shape: Shape, words: str, semantics: Semantics
) -> None:
    with pytest.raises(UnknownNameError) as refused:
        semantics.sql(shape)
    assert words in str(refused.value)


def test_what_is_offered_can_be_asked(source: Asker) -> None:
    for name in ("revenue_amount", "num_orders", "csat_rate", "average_installments"):
        for one in source.semantics.dimensions((name,)):
            assert source.ask(Query((name,), (one.name,))).rows, (name, one.name)


def test_a_dimension_is_offered_to_metrics_together_only_where_both_reach_it(
    semantics: Semantics,
) -> None:
    together = {one.name for one in semantics.dimensions(("revenue_amount", "num_orders"))}
    revenue, orders = (
        {one.name for one in semantics.dimensions((name,))}
        for name in ("revenue_amount", "num_orders")
    )
    assert together == revenue & orders
    assert "category" in revenue - together


def test_every_metric_can_be_asked_by_month_and_state(semantics: Semantics) -> None:
    for name in semantics.metrics:
        offered = {one.name for one in semantics.dimensions((name,))}
        assert "order_month" in offered, name
        if not semantics.definitions.is_on_mart(name):
            assert {"customer_state", "region"} <= offered, name


def test_the_sql_of_a_shape_holds_no_value(source: Asker) -> None:
    query = Query(
        ("revenue_amount", "on_time_rate"),
        ("order_month",),
        {"region": ("South", "North"), "customer_city": HOSTILE, "order_status": ()},
        JANUARY,
    )
    sql = source.semantics.sql(query.shape)
    assert query.bound().keys() == {"region", "customer_city", "first_day", "last_day"}
    for name in query.bound():
        assert f"${name}" in sql
    for value in ("South", "North", "2018-01-01", "2018-01-31", "1=1"):
        assert value not in sql
    # Other values are the same shape, so that it is compiled once.
    other = Query(query.metrics, query.by, {**query.where, "region": ("x",)}, JANUARY)
    assert source.semantics.sql(other.shape) is sql


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_bound_unharmed(value: str, source: Asker) -> None:
    query = Query(("num_orders",), ("customer_city",), {"customer_city": (value,)})
    assert source.ask(query).rows == ()
    city = source.ask(Query(("num_orders",), ("customer_city",))).rows[0]
    both = Query(("num_orders",), ("customer_city",), {"customer_city": (value, city[0])})
    assert source.ask(both).rows == (city,)


@pytest.mark.parametrize(
    ("metric", "dimension", "chosen", "value"),
    [
        ("num_orders", "num_sellers", "2", 2),
        ("num_reviews", "review_stars", "5", 5),
        ("num_reviews", "is_answered_before_delivery", "true", True),
    ],
)
def test_numbers_and_flags_are_filtered_by_their_text(
    metric: str, dimension: str, chosen: str, value: object, source: Asker
) -> None:
    rows = source.ask(Query((metric,), (dimension,), {dimension: (chosen,)})).rows
    everything: dict[object, int] = dict(source.ask(Query((metric,), (dimension,))).rows)
    assert rows == ((value, everything[value]),)
    assert source.ask(Query((metric,), (dimension,), {dimension: ("five",)})).rows == ()


def test_the_days_of_a_period_count_both_ends(source: Asker) -> None:
    by_day: dict[date, int] = dict(source.ask(Query(("num_orders",), ("order_date",))).rows)
    inside = sum(count for day, count in by_day.items() if JANUARY.start <= day <= JANUARY.end)
    assert source.ask(Query(("num_orders",), period=JANUARY)).total["num_orders"] == inside
    assert 0 < inside < sum(by_day.values())


def test_a_period_without_a_day_of_data_counts_nothing_and_divides_nothing(
    source: Asker,
) -> None:
    before = Period(date(1990, 1, 1), date(1990, 1, 31))
    metrics = ("num_orders", "revenue_amount", "on_time_rate", "average_order_value", "nps")
    total = source.ask(Query(metrics, period=before)).total
    assert [total[name] for name in metrics] == [0, 0, None, None, None]
    assert source.ask(Query(metrics, ("region",), period=before)).rows == ()


_ON_FACTS = (
    "num_orders",
    "num_sales",
    "revenue_amount",
    "on_time_rate",
    "csat_rate",
    "num_items",
)


def test_shapes_are_compiled_from_several_threads_at_once(built_warehouse: Path) -> None:
    fresh = Semantics(semantic_manifest(built_warehouse.parent / "cache", DBT_PROJECT))
    shapes = [Shape((name,), ("customer_state",)) for name in _ON_FACTS] * 3
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(fresh.sql, shapes))
    alone = semantics_beside(built_warehouse)
    assert written == [alone.sql(shape) for shape in shapes]


def test_threads_ask_one_version_at_once(source: Asker) -> None:
    queries = [Query((name,), ("region",)) for name in _ON_FACTS]
    with ThreadPoolExecutor(4) as pool:
        at_once = [one.rows for one in pool.map(source.ask, queries)]
    assert at_once == [source.ask(query).rows for query in queries]
