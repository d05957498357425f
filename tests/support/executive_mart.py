"""A small published warehouse with the executive mart alone, and the rows it was made from.

The figures follow from the day and the state by plain rules, so that a test can add them up
again by its own route. January 2017 and September 2018 are incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.warehouse.store import WarehouseInfo, write_info

FIRST_DAY = date(2017, 1, 15)
LAST_DAY = date(2018, 9, 3)
AS_OF = date(2018, 8, 31)
STATES = {"SP": "Southeast", "RJ": "Southeast", "RS": "South", "AC": "North"}

_DDL = """
create schema marts;
create table marts.mart_executive_dashboard (
    order_date date, customer_state varchar, region varchar, order_month date,
    is_complete_month boolean, is_delivery_mature boolean,
    num_orders integer, num_sales integer,
    num_sales_with_items integer, num_orders_with_items integer, num_canceled_orders integer,
    num_canceled_orders_with_items integer, num_items integer, num_free_freight_items integer,
    gmv_amount decimal(18, 2), freight_amount decimal(18, 2), revenue_amount decimal(18, 2),
    num_delivered integer, num_on_time integer, num_late integer, num_due integer,
    num_promise_kept integer, sum_delivery_days double, sum_promised_days double,
    num_reviews integer, sum_review_score integer, num_satisfied_reviews integer,
    num_promoters integer, num_detractors integer, num_new_customers integer
);
"""


@dataclass(frozen=True)
class Row:
    """One row of the mart, in the order of its columns."""

    order_date: date
    customer_state: str
    region: str
    order_month: date
    is_complete_month: bool
    is_delivery_mature: bool
    num_orders: int
    num_sales: int
    num_sales_with_items: int
    num_orders_with_items: int
    num_canceled_orders: int
    num_canceled_orders_with_items: int
    num_items: int
    num_free_freight_items: int
    gmv_amount: Decimal
    freight_amount: Decimal
    revenue_amount: Decimal
    num_delivered: int
    num_on_time: int
    num_late: int
    num_due: int
    num_promise_kept: int
    sum_delivery_days: float
    sum_promised_days: float
    num_reviews: int
    sum_review_score: int
    num_satisfied_reviews: int
    num_promoters: int
    num_detractors: int
    num_new_customers: int


@cache
def rows() -> tuple[Row, ...]:
    """Every day from the first to the last; Acre buys on firsts of months in 2017 only."""
    found = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        for index, (state, region) in enumerate(STATES.items()):
            if state != "AC" or (day.day == 1 and day.year == 2017):
                found.append(_row(day, state, region, index))
        day += timedelta(days=1)
    return tuple(found)


def _row(day: date, state: str, region: str, index: int) -> Row:
    months = (day.year - 2017) * 12 + day.month
    orders = 12 + months - 2 * index + day.day % 3
    sales = orders - (day.day % 2)
    items = sales + 2
    gmv = Decimal(sales) * (Decimal("100.10") + index) + Decimal(months)
    freight = Decimal(items) * Decimal("15.03")
    delivered = sales - 1
    late = 1 if day.month in {2, 3} else 0
    return Row(
        order_date=day,
        customer_state=state,
        region=region,
        order_month=day.replace(day=1),
        is_complete_month=date(2017, 2, 1) <= day <= AS_OF,
        is_delivery_mature=day <= AS_OF,
        num_orders=orders,
        num_sales=sales,
        num_sales_with_items=sales,
        num_orders_with_items=orders,
        num_canceled_orders=orders - sales,
        num_canceled_orders_with_items=orders - sales,
        num_items=items,
        num_free_freight_items=1 if day.day == 1 + index else 0,
        gmv_amount=gmv,
        freight_amount=freight,
        revenue_amount=gmv + freight,
        num_delivered=delivered,
        num_on_time=delivered - late,
        num_late=late,
        num_due=sales,
        num_promise_kept=delivered - late,
        sum_delivery_days=delivered * (9.5 + index + late),
        sum_promised_days=delivered * 21.0,
        num_reviews=sales,
        sum_review_score=sales * 4 + 2 - index,
        num_satisfied_reviews=sales - 3,
        num_promoters=sales - 4,
        num_detractors=3,
        num_new_customers=sales - 1,
    )


def added_up(chosen: Iterable[Row], name: str) -> Decimal:
    """The sum of a column over some rows, exactly."""
    return sum((Decimal(str(getattr(row, name))) for row in chosen), Decimal(0))


def publish(
    directory: Path,
    *,
    run_id: str = "20180901T060000",
    is_synthetic: bool = False,
    keep: Callable[[Row], bool] = lambda _: True,
) -> Path:
    """Publish a version with the rows that ``keep`` keeps; returns the published path."""
    version = directory / "versions" / run_id / "olist.duckdb"
    version.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(version) as connection:
        connection.execute(_DDL)
        kept = pd.DataFrame(
            [astuple(row) for row in rows() if keep(row)],
            columns=[field.name for field in fields(Row)],
        )
        connection.register("kept", kept)
        connection.execute("insert into marts.mart_executive_dashboard select * from kept")
        write_info(
            connection,
            WarehouseInfo(
                run_id=run_id,
                source_kind="synthetic" if is_synthetic else "directory",
                source_label="the rules of a test",
                source_identity="test",
                is_synthetic=is_synthetic,
                as_of_date=AS_OF,
                built_at=datetime(2026, 11, 20, 10, 30),  # noqa: DTZ001 - naive UTC
                version="0.1.0",
            ),
        )
    published = directory / "olist.duckdb"
    fresh = directory / ".fresh"
    fresh.symlink_to(version.relative_to(directory))
    fresh.replace(published)
    return published
