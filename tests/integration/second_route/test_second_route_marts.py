"""Every mart, column by column; the executive mart is in ``test_second_route_core``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import duckdb
import pandas as pd
import pytest

from tests.support.compare import BothSides
from tests.support.independent_areas import urban_areas
from tests.support.second_route import SecondRoute


@dataclass(frozen=True)
class Comparison:
    """A mart, its grain, and its second route.

    ``described`` are the columns that only repeat a dimension or a seed, which have tests of
    their own; every other column of the mart must be among those of the second route.
    """

    mart: str
    keys: tuple[str, ...]
    second: Callable[[SecondRoute], pd.DataFrame]
    described: frozenset[str] = frozenset()


COMPARISONS = {
    comparison.mart: comparison
    for comparison in (
        Comparison(
            "mart_customer_analytics",
            ("customer_unique_id",),
            lambda routes: routes.customers.customers,
            frozenset({"geography_key", "state_name"}),
        ),
        Comparison(
            "mart_cohort_analysis",
            ("cohort_month", "months_since_first"),
            lambda routes: routes.customers.cohorts,
        ),
        Comparison(
            "mart_product_performance",
            ("product_id",),
            lambda routes: routes.offers.product_mart,
            frozenset({"product_key", "category_key", "category_group", "weight_tier"})
            | {"size_tier", "num_photos", "is_unknown"},
        ),
        Comparison(
            "mart_category_performance",
            ("order_month", "category_name_english", "customer_state"),
            lambda routes: routes.offers.category_mart,
            frozenset({"category_key", "category_group"}),
        ),
        Comparison(
            "mart_seller_scorecard",
            ("seller_id",),
            lambda routes: routes.offers.scorecard,
            frozenset({"seller_key", "geography_key", "city", "state_name", "region"})
            | {"is_unknown"},
        ),
        Comparison(
            "mart_seller_months",
            ("order_month", "seller_id"),
            lambda routes: routes.offers.seller_months,
            frozenset({"seller_key"}),
        ),
        Comparison(
            "mart_delivery_metrics",
            ("order_month", "seller_state", "customer_state"),
            lambda routes: routes.flows.deliveries,
        ),
        Comparison(
            "mart_order_funnel",
            ("order_month", "order_status", "customer_state"),
            lambda routes: routes.flows.funnel,
        ),
        Comparison(
            "mart_geographic_analysis",
            ("state", "city"),
            lambda routes: routes.flows.places,
            frozenset({"state_name", "is_capital", "state_population"})
            | {"revenue_per_capita", "state_revenue_per_capita"},
        ),
        Comparison(
            "mart_urban_areas",
            ("area_type", "area_name"),
            lambda routes: urban_areas(routes.flows.places),
        ),
        Comparison(
            "mart_payment_analysis",
            ("order_month", "payment_type"),
            lambda routes: routes.flows.payments,
        ),
        Comparison(
            "mart_review_analysis",
            ("order_month", "category_name_english", "score_label"),
            lambda routes: routes.flows.reviews,
            frozenset({"category_key", "category_group"}),
        ),
    )
}


class BothRoutes:
    """One warehouse and the second route from the files it was built from."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, second: SecondRoute) -> None:
        """Keep both; a mart is read and computed when first asked for."""
        self.connection = connection
        self.second = second
        self.mart = cache(self._mart)
        self.sides = cache(self._sides)

    def _mart(self, name: str) -> pd.DataFrame:
        """A mart, its amounts in centavos."""
        described = self.connection.execute(f"describe marts.{name}").fetchall()
        amounts = ", ".join(
            f"cast({column} * 100 as bigint) as {column}"
            for column, kind, *_ in described
            if kind.startswith("DECIMAL")
        )
        replaced = f"* replace ({amounts})" if amounts else "*"
        return self.connection.execute(f"select {replaced} from marts.{name}").df()

    def _sides(self, name: str) -> BothSides:
        comparison = COMPARISONS[name]
        return BothSides(self.mart(name), comparison.second(self.second), comparison.keys)


@pytest.fixture(scope="package")
def routes(both_sides: tuple[duckdb.DuckDBPyConnection, SecondRoute]) -> BothRoutes:
    return BothRoutes(*both_sides)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_mart_has_the_rows_of_the_second_route(routes: BothRoutes, name: str) -> None:
    routes.sides(name).assert_same_keys()


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_column_of_a_mart_equals_the_second_route(routes: BothRoutes, name: str) -> None:
    comparison, sides = COMPARISONS[name], routes.sides(name)
    compared = set(sides.warehouse.columns) - comparison.described - set(comparison.keys)
    for column in sorted(compared):
        assert column in sides.second.columns, f"{column} has no second route"
        sides.assert_same_values(column)


def test_revenue_per_inhabitant_is_that_of_the_state(routes: BothRoutes) -> None:
    second = routes.second.flows.per_inhabitant
    mart = routes.mart("mart_geographic_analysis")
    mart = mart[mart["state"].isin(second["state"].unique())]
    sides = BothSides(mart, second, ["state", "city"])
    for column in ("state_population", "revenue_per_capita", "state_revenue_per_capita"):
        sides.assert_same_values(column)


def test_nobody_who_bought_on_one_day_is_called_loyal_returning_or_a_champion(
    routes: BothRoutes,
) -> None:
    mart = routes.mart("mart_customer_analytics")
    once = mart[mart["num_orders"] == 1]
    assert not once.empty
    one_day = mart[mart["num_sale_days"] == 1]
    assert not one_day["rfm_segment"].isin(["CHAMPIONS", "RETURNING", "AT_RISK"]).any()
    assert not once["customer_segment"].isin(["VIP", "LOYAL"]).any()


def test_two_builds_of_the_customer_mart_would_score_alike(routes: BothRoutes) -> None:
    """Bands do not hang on the order of the rows: equal sums are parted by the person."""
    mart = routes.mart("mart_customer_analytics").sort_values(
        ["revenue_amount", "customer_unique_id"]
    )
    assert mart["monetary_score"].is_monotonic_increasing
    sizes = mart["monetary_score"].value_counts()
    assert sizes.max() - sizes.min() <= 1
