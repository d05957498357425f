"""Each metric has one value: by MetricFlow, by pages' readers, and by pandas from the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from dashboards.lib.query import Asker, Query
from dashboards.lib.source import open_source
from dashboards.lib.spec import Page
from dashboards.lib.view import View
from tests.support.independent_metrics import AMOUNTS, RATIOS, SUMS, IndependentMetrics
from tests.support.named_figures import ALL_DAYS
from tests.support.pages import metrics_of_page, pages, path_of
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
    definitions = metrics_of.semantics.definitions
    # Those on marts are compared below with what pages read; their columns have a second route.
    on_facts = {name for name in definitions.metrics if not definitions.is_on_mart(name)}
    assert on_facts == {*SUMS, *RATIOS}
    assert len(on_facts) >= 45


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


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.slug)
def test_a_metric_equals_what_the_pages_read(page: Page, metrics_of: Asker) -> None:
    known = metrics_of.semantics.metrics
    view = View(open_source(page, path_of(metrics_of.connection)), ALL_DAYS)
    named = sorted(set(metrics_of_page(page, known)))
    assert len(named) > 3 or page.slug in {"pipeline", "forecasts"}
    for mart, name in named:
        # A mart of places leaves out orders whose place is not known: that is tested there.
        if not view.has_time(mart) and not view.source.definitions.is_on_mart(name):
            continue
        columns = view.source.columns[mart]
        for by in ((), ("order_month",), ("customer_state",)):
            reach = {one.name for one in metrics_of.semantics.dimensions((name,))}
            if not {*by} <= columns & reach | {"order_month"} & columns:
                continue
            found = view.ask((name,), by, mart=mart)
            read = {row[by[0]] if by else (): row[name] for row in found}
            assert _differences(name, _asked(metrics_of, name, by), read) == [], (mart, by)


def test_all_metrics_asked_at_once_are_those_asked_alone(metrics_of: Asker) -> None:
    """Metrics of several facts are joined by their months: no month may be lost or doubled."""
    names = (*SUMS, *RATIOS)
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
