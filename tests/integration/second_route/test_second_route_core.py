"""Orders, persons, core figures and the executive mart, by ``tests.support.independent``."""

from __future__ import annotations

from functools import cache, cached_property

import duckdb
import pandas as pd
import pytest

from tests.support.compare import BothSides
from tests.support.independent import IndependentRoute
from tests.support.independent_figures import Figure, core_figures
from tests.support.second_route import SecondRoute

MART = "marts.mart_executive_dashboard"
MART_AMOUNTS = ("gmv_amount", "freight_amount", "revenue_amount")
MART_MEASURES = (
    *("num_orders", "num_sales", "num_sales_with_items", "num_items"),
    *("num_free_freight_items", *MART_AMOUNTS, "num_delivered", "num_on_time", "num_late"),
    *("num_due", "num_promise_kept", "num_satisfied_reviews"),
    *("num_orders_with_items", "num_canceled_orders", "num_canceled_orders_with_items"),
    *("sum_delivery_days", "sum_promised_days", "num_reviews", "sum_review_score"),
    *("num_promoters", "num_detractors", "num_new_customers"),
)
MART_ATTRIBUTES = ("region", "order_month", "is_complete_month", "is_delivery_mature")

# What the executive page groups by: each is a grain of its own, added up on both sides.
GRAINS = {
    "day and state": ("order_date", "customer_state"),
    "month and state": ("order_month", "customer_state"),
    "month": ("order_month",),
    "state": ("customer_state",),
    "region": ("region",),
}

ORDER_AMOUNTS = (
    *("item_amount", "freight_amount", "charged_amount", "revenue_amount", "payment_amount"),
)
ORDER_COLUMNS = (
    *("order_status", "purchased_at", "approved_at", "handed_to_carrier_at", "delivered_at"),
    *("customer_unique_id", "version_number", "zip_code_prefix", "city", "state", "region"),
    *("is_sale", "has_items", "num_items", "num_free_freight_items", "num_sellers"),
    *(*ORDER_AMOUNTS, "num_payments", "main_payment_type", "max_installments"),
    *("has_payment_mismatch", "num_reviews", "sum_review_score", "num_promoters"),
    *("num_satisfied_reviews", "is_reviewed_before_delivery"),
    *("num_detractors", "review_score", "is_delivered", "is_on_time", "is_late"),
    *("delivery_days", "promised_days", "delay_days", "approval_hours", "handling_days"),
    *("transit_days", "has_timestamp_anomaly"),
    *("order_date", "order_date_key", "delivered_date_key", "estimated_delivery_date"),
)

VERSION_KEYS = ("customer_unique_id", "version_number")
VERSION_COLUMNS = (
    *("zip_code_prefix", "city", "state", "region", "valid_from", "valid_to", "is_current"),
)

# What follows "select".
FIGURES = {
    "orders": "count(*) from core.fact_orders",
    "orders without items": "count(*) from core.fact_orders where not has_items",
    "orders without payment": "count(*) from core.fact_orders where num_payments = 0",
    "orders without review": "count(*) from core.fact_orders where num_reviews = 0",
    "orders with several reviews": "count(*) from core.fact_orders where num_reviews > 1",
    "orders with several sellers": "count(*) from core.fact_orders where num_sellers > 1",
    "sales": "sum(num_sales) from marts.mart_executive_dashboard",
    "sales with items": "sum(num_sales_with_items) from marts.mart_executive_dashboard",
    "gmv": "sum(price_amount) * 100 from core.fact_order_items where is_sale",
    "freight of sales": "sum(freight_amount) * 100 from core.fact_order_items where is_sale",
    "revenue": "sum(revenue_amount) * 100 from core.fact_order_items",
    "delivered": "count(*) from core.fact_orders where is_delivered",
    "on time": "count(*) from core.fact_orders where is_on_time",
    "late": "count(*) from core.fact_orders where is_late",
    "mean delivery days": "avg(delivery_days) from core.fact_orders",
    "median delivery days": "median(delivery_days) from core.fact_orders",
    "timestamp anomalies": "count(*) from core.fact_orders where has_timestamp_anomaly",
    "payment mismatches": "count(*) from core.fact_orders where has_payment_mismatch",
    "items": "count(*) from core.fact_order_items",
    "price of items": "sum(price_amount) * 100 from core.fact_order_items",
    "freight of items": "sum(freight_amount) * 100 from core.fact_order_items",
    "free freight items": "count(*) from core.fact_order_items where freight_amount = 0",
    "payments": "count(*) from core.fact_payments",
    "payments total": "sum(payment_amount) * 100 from core.fact_payments",
    "reviews": "count(*) from core.fact_reviews",
    "sum of scores": "sum(review_score) from core.fact_reviews",
    "reviews without answer": "count(*) from core.fact_reviews where answered_at is null",
    "products": "count(*) from core.dim_product where not is_unknown",
    "sellers": "count(*) from core.dim_seller where not is_unknown",
    "persons": "count(distinct customer_unique_id) from core.dim_customer where not is_unknown",
    "address versions": "count(*) from core.dim_customer where not is_unknown",
    "persons who moved": "count(*) from core.dim_customer where version_number = 2",
    "new customers": "sum(num_new_customers) from marts.mart_executive_dashboard",
    "first order date": "first_order_date from intermediate.int_as_of_date",
    "last order date": "last_order_date from intermediate.int_as_of_date",
    "last day of trade": "last_trade_date from intermediate.int_as_of_date",
    "end is truncated": "is_truncated from intermediate.int_as_of_date",
    "first day of steady trade": "first_steady_date from intermediate.int_as_of_date",
    "as-of date": "as_of_date from ops.warehouse_info",
    "months of mature delivery": (
        "count(*) from intermediate.int_order_months "
        "where is_delivery_mature and num_orders > 0"
    ),
    "complete months": "count(*) from intermediate.int_order_months where is_complete",
    "first complete month": (
        "min(order_month) from intermediate.int_order_months where is_complete"
    ),
    "last complete month": (
        "max(order_month) from intermediate.int_order_months where is_complete"
    ),
}

# Figures with one line a value: all values of one side must stand on the other.
DISTRIBUTIONS = {
    "status": "select order_status, count(*) from core.fact_orders group by order_status",
    "payment type": "select payment_type, count(*) from core.fact_payments group by all",
    "score": "select review_score, count(*) from core.fact_reviews group by review_score",
    "persons by orders": """
        select num_orders, count(*)
        from (
            select customer_unique_id, count(*) as num_orders
            from core.fact_orders
            inner join core.dim_customer using (customer_key)
            where not is_unknown
            group by customer_unique_id
        )
        group by num_orders
    """,
}


class TwoRoutes:
    """One set of files, and the warehouse that was built from it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, second: IndependentRoute) -> None:
        """Keep both; what is compared is read and computed when first asked for."""
        self.connection = connection
        self.second = second
        self.dashboard_by = cache(self._dashboard_by)

    @cached_property
    def dashboard(self) -> BothSides:
        """The executive mart, amounts in centavos."""
        amounts = ", ".join(f"cast({name} * 100 as bigint) as {name}" for name in MART_AMOUNTS)
        mart = self.query(f"select * replace ({amounts}) from {MART}")
        return BothSides(mart, self.second.dashboard, ["order_date", "customer_state"])

    def _dashboard_by(self, keys: tuple[str, ...]) -> BothSides:
        """The measures of the executive mart, added up by a grain."""
        warehouse, second = (
            side.groupby(list(keys), as_index=False)[list(MART_MEASURES)].sum()
            for side in (self.dashboard.warehouse, self.dashboard.second)
        )
        return BothSides(warehouse, second, keys)

    @cached_property
    def orders(self) -> BothSides:
        """fact_orders with the address version that each order points to."""
        amounts = ", ".join(f"cast({name} * 100 as bigint) as {name}" for name in ORDER_AMOUNTS)
        orders = self.query(f"""
            select fact_orders.* replace ({amounts}), dim_customer.* exclude (customer_key)
            from core.fact_orders
            inner join core.dim_customer using (customer_key)
        """)
        second = self.second.orders.reset_index()
        # Columns that only rename or reshape.
        second = second.assign(
            order_date=second["order_day"],
            order_date_key=_date_keys(second["order_day"]),
            delivered_date_key=_date_keys(second["delivered_at"]),
            estimated_delivery_date=second["promised_day"],
        )
        return BothSides(orders, second, ["order_id"])

    @cached_property
    def versions(self) -> BothSides:
        """The address versions, without the unknown member."""
        versions = self.query("select * from core.dim_customer where not is_unknown")
        return BothSides(versions, self.second.address_versions, VERSION_KEYS)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The second route's core figures."""
        return core_figures(self.second)

    def query(self, sql: str) -> pd.DataFrame:
        """The rows of a query on the warehouse."""
        return self.connection.execute(sql).df()


@pytest.fixture(scope="package")
def routes(both_sides: tuple[duckdb.DuckDBPyConnection, SecondRoute]) -> TwoRoutes:
    connection, second = both_sides
    return TwoRoutes(connection, second.files)


def test_nothing_was_quarantined_so_that_both_routes_see_the_same_rows(
    routes: TwoRoutes,
) -> None:
    quarantined = routes.query("select table_name, row_key, reason from ops.quarantined_rows")
    assert quarantined.empty, quarantined.head()


def test_the_executive_mart_has_a_row_for_the_same_days_and_states(routes: TwoRoutes) -> None:
    routes.dashboard.assert_same_keys()


@pytest.mark.parametrize("attribute", MART_ATTRIBUTES)
def test_the_executive_mart_describes_its_days_and_states_alike(
    routes: TwoRoutes, attribute: str
) -> None:
    routes.dashboard.assert_same_values(attribute)


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("measure", MART_MEASURES)
def test_the_executive_mart_equals_the_second_route(
    routes: TwoRoutes, measure: str, grain: str
) -> None:
    routes.dashboard_by(GRAINS[grain]).assert_same_values(measure)


def test_every_measure_of_the_executive_mart_is_compared(routes: TwoRoutes) -> None:
    keys = ("order_date", "customer_state")
    columns = set(routes.dashboard.warehouse.columns)
    assert columns == {*keys, *MART_ATTRIBUTES, *MART_MEASURES}


def test_the_orders_are_the_same(routes: TwoRoutes) -> None:
    routes.orders.assert_same_keys()


@pytest.mark.parametrize("column", ORDER_COLUMNS)
def test_every_order_equals_the_second_route(routes: TwoRoutes, column: str) -> None:
    routes.orders.assert_same_values(column)


def test_the_address_versions_are_the_same(routes: TwoRoutes) -> None:
    routes.versions.assert_same_keys()


@pytest.mark.parametrize("column", VERSION_COLUMNS)
def test_every_address_version_equals_the_second_route(routes: TwoRoutes, column: str) -> None:
    routes.versions.assert_same_values(column)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_core_figure_equals_the_second_route(routes: TwoRoutes, figure: str) -> None:
    row = routes.connection.execute(f"select {FIGURES[figure]}").fetchone()
    assert row is not None
    expected = routes.figures[figure]
    if isinstance(expected, float):
        assert row[0] == pytest.approx(expected, rel=1e-9)
    else:
        assert row[0] == expected


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_equals_the_second_route(routes: TwoRoutes, name: str) -> None:
    rows = routes.connection.execute(DISTRIBUTIONS[name]).fetchall()
    second = {key: value for key, value in routes.figures.items() if key.startswith(f"{name} ")}
    assert {f"{name} {value}": count for value, count in rows} == second


def _date_keys(moments: pd.Series) -> pd.Series:
    """Days as yyyymmdd, 0 for none."""
    keys: pd.Series = moments.dt.strftime("%Y%m%d").fillna("0").astype("int64")
    return keys
