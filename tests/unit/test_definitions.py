"""A metric's formula, as SQL on a mart: what it divides, and what it is over nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from dashboards.lib.definitions import UnknownNameError, definitions
from dashboards.lib.figures import change

SUMS = {
    "num_orders": 10,
    "num_sales": 8,
    "num_sales_with_items": 7,
    "num_orders_with_items": 8,
    "num_canceled_orders": 1,
    "num_canceled_orders_with_items": 0,
    "num_items": 20,
    "num_free_freight_items": 3,
    "gmv_amount": Decimal("700.00"),
    "freight_amount": Decimal("70.70"),
    "revenue_amount": Decimal("770.70"),
    "num_delivered": 5,
    "num_on_time": 4,
    "num_late": 1,
    "num_due": 6,
    "num_promise_kept": 3,
    "sum_delivery_days": 50.5,
    "sum_promised_days": 100.0,
    "num_reviews": 10,
    "sum_review_score": 41,
    "num_satisfied_reviews": 7,
    "num_promoters": 6,
    "num_detractors": 2,
    "num_new_customers": 8,
}
RATIOS = {
    "average_order_value": 110.10,  # over the sales with items, not all sales
    "cancellation_rate_of_all_orders": 0.1,
    "cancellation_rate_of_orders_with_items": 0.0,
    "not_fulfilled_rate": 0.2,  # the unavailable one, too
    "free_freight_rate": 0.15,
    "on_time_rate": 0.8,
    "average_delivery_days": 10.1,
    "average_promised_days": 20.0,
    "average_days_early": 9.9,
    "average_review_score": 4.1,
    "nps": 40.0,
    "promise_kept_rate": 0.5,  # over what was due, not what was delivered
    "csat_rate": 0.7,
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        columns = ", ".join(f"{value}::double as {name}" for name, value in SUMS.items())
        found.execute(f"create table mart as select {columns}")
        yield found


def value(connection: duckdb.DuckDBPyConnection, name: str, where: str = "true") -> object:
    sql = definitions().sql(name, "mart", SUMS)
    row = connection.execute(f"select {sql} from mart where {where}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("name", RATIOS)
def test_each_ratio_divides_the_right_sums(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert value(connection, name) == pytest.approx(RATIOS[name])


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_over_nothing_does_not_exist_and_a_sum_is_zero(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert value(connection, name, "false") is None
    assert value(connection, "num_sales", "false") == 0


def test_a_total_is_the_ratio_of_sums_and_no_average_of_averages(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update mart set num_sales_with_items = 1, revenue_amount = 1000")
    connection.execute("insert into mart from mart")
    connection.execute(
        "update mart set num_sales_with_items = 9, revenue_amount = 900 where rowid = 1"
    )
    assert value(connection, "average_order_value") == pytest.approx(190.0)


def test_a_mart_without_a_column_of_the_metric_says_which() -> None:
    with pytest.raises(UnknownNameError, match="mart has no column for the measure num_late"):
        definitions().sql("late_rate", "mart", set(SUMS) - {"num_late"})
    with pytest.raises(UnknownNameError, match="Did you mean on_time_rate"):
        definitions().sql("on_time_rat", "mart", SUMS)


@pytest.mark.parametrize(
    ("name", "now", "before", "size"),
    [
        ("revenue_amount", 110, 100, 0.1),
        ("revenue_amount", 110, 0, None),  # growth needs a positive base
        ("revenue_amount", None, 100, None),
        ("on_time_rate", 0.8, 0.9, -0.1),  # in points
        ("average_review_score", 4.1, None, None),
        ("average_delivery_days", 10.0, 12.5, -2.5),
    ],
)
def test_a_rate_changes_by_points_and_money_by_percent(
    name: str, now: float | None, before: float | None, size: float | None
) -> None:
    assert change(definitions().metric(name), now, before) == (
        None if size is None else pytest.approx(size)
    )
