"""Each metric has one value: by MetricFlow, by pages' readers, and by pandas from the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from dashboards.lib.metrics import Measures
from dashboards.lib.queries import customers, executive, products, sellers
from dashboards.lib.queries.customers import CustomerScope
from dashboards.lib.queries.products import ProductScope
from dashboards.lib.queries.sellers import SellerScope
from dashboards.lib.query import Asker, Query
from tests.support.independent_metrics import AMOUNTS, RATIOS, SUMS, IndependentMetrics
from tests.support.named_figures import ALL_DAYS, EXECUTIVE_METRICS
from tests.support.second_route import SecondRoute

GRAINS = [(), ("order_month",), ("customer_state",)]
IDS = ["total", "month", "state"]
Values = Mapping[object, Any]


@pytest.fixture(scope="package")
def second(both_sides: tuple[Any, SecondRoute]) -> Callable[[tuple[str, ...]], pd.DataFrame]:
    """The metrics of the second route, by grain; each grain is computed once."""
    route = IndependentMetrics(both_sides[1])
    found: dict[tuple[str, ...], pd.DataFrame] = {}

    def by(grain: tuple[str, ...]) -> pd.DataFrame:
        if grain not in found:
            found[grain] = route.by(*grain)
        return found[grain]

    return by


def test_every_metric_has_a_second_route(metrics_of: Asker) -> None:
    assert set(metrics_of.semantics.metrics) == {*SUMS, *RATIOS}
    assert len(metrics_of.semantics.metrics) >= 45


@pytest.mark.parametrize("grain", GRAINS, ids=IDS)
@pytest.mark.parametrize("name", [*SUMS, *RATIOS])
def test_a_metric_equals_the_second_route(
    name: str,
    grain: tuple[str, ...],
    metrics_of: Asker,
    second: Callable[[tuple[str, ...]], pd.DataFrame],
) -> None:
    asked = _asked(metrics_of, name, grain)
    expected = second(grain)[name]
    if not grain:
        assert _differences(name, asked, {(): expected.iloc[0]}) == []
        return
    keys = [one.date() if isinstance(one, pd.Timestamp) else one for one in expected.index]
    assert set(asked) <= set(keys)
    assert len(keys) > 10, "too few to compare"
    assert _differences(name, asked, dict(zip(keys, expected, strict=True))) == []


@pytest.mark.parametrize("grain", GRAINS, ids=IDS)
@pytest.mark.parametrize("name", EXECUTIVE_METRICS)
def test_a_metric_equals_what_the_executive_page_reads(
    name: str, grain: tuple[str, ...], metrics_of: Asker
) -> None:
    connection, scope = metrics_of.connection, executive.Scope(ALL_DAYS)
    read: dict[object, Measures]
    if grain == ("order_month",):
        read = {one.month: one.measures for one in executive.read_months(connection, scope)}
    elif grain == ("customer_state",):
        read = {one.state: one.measures for one in executive.read_by_state(connection, scope)}
    else:
        read = {(): executive.read_total(connection, scope)}
    expected = {key: EXECUTIVE_METRICS[name](one) for key, one in read.items()}
    assert _differences(name, _asked(metrics_of, name, grain), expected) == []


def test_metrics_of_months_equal_what_the_other_pages_read(metrics_of: Asker) -> None:
    connection = metrics_of.connection
    market = sellers.read_months(connection, SellerScope(ALL_DAYS))
    sold = products.read_by_month(connection, ProductScope(ALL_DAYS), ALL_DAYS)
    people = customers.read_by_month(
        connection, CustomerScope(date(2018, 8, 31), None, date.max)
    )
    told: Mapping[str, Values] = {
        "num_selling_sellers": {key: one.num_sellers for key, one in market.items()},
        "gmv_amount": {key: one.sums.gmv_amount for key, one in market.items()},
        "num_items": {key: one.num_units for key, one in sold.items()},
        "revenue_amount": {key: one.revenue_amount for key, one in sold.items()},
        "freight_amount": {key: one.freight_amount for key, one in sold.items()},
        "average_item_price": {key: one.average_price for key, one in sold.items()},
        "freight_share": {key: one.freight_rate for key, one in sold.items()},
        "num_new_customers": {key: one.num_customers for key, one in people.items()},
    }
    for name, expected in told.items():
        asked = _asked(metrics_of, name, ("order_month",))
        assert _differences(name, asked, expected) == [], name


def test_all_metrics_asked_at_once_are_those_asked_alone(metrics_of: Asker) -> None:
    """Metrics of several facts are joined by their months: no month may be lost or doubled."""
    names = tuple(metrics_of.semantics.metrics)
    together = metrics_of.ask(Query(names, ("order_month",))).by_key()
    for name in names:
        alone = _asked(metrics_of, name, ("order_month",))
        found = {key[0]: values[name] for key, values in together.items()}
        assert _differences(name, found, alone) == [], name


def _asked(source: Asker, name: str, grain: tuple[str, ...]) -> dict[object, Any]:
    rows = source.ask(Query((name,), grain)).rows
    found = {row[0] if grain else (): row[-1] for row in rows}
    assert len(found) == len(rows), "a month or state is there twice"
    return found


def _differences(name: str, asked: Values, expected: Values) -> list[str]:
    """Where the values differ: money by a centavo, a ratio by 1e-9 of it.

    Without a row nothing was counted, and nothing can be divided.
    """
    found = []
    for key in {*asked, *expected}:
        values = asked.get(key), expected.get(key)
        left, right = (_number(name, one) for one in values)
        if left is None or right is None:
            is_same = left is right
        elif name in RATIOS:
            is_same = abs(left - right) <= 1e-9 * max(abs(left), abs(right)) + 1e-12
        else:
            is_same = round(left * 100) == round(right * 100)
        if not is_same:
            found.append(f"{name} of {key}: {values[0]} by MetricFlow, {values[1]} else")
    return found


def _number(name: str, value: object) -> float | None:
    """Money is compared in full centavos, which floats of this size hold."""
    if value is None or value != value:  # noqa: PLR0124 - pandas has NaN for no value
        return None if name in RATIOS else 0.0
    if isinstance(value, Decimal) and name in AMOUNTS:
        assert value == round(value, 2), f"{name} has parts of a centavo: {value}"
    return float(str(value))
