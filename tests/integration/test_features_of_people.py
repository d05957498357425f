"""Features of customers, sellers and reviews: each by brute force, and none knows the future.

The second route takes the events of one row at a time and nothing of the models' SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd
import pytest

from orchestration.dbt.variables import var
from orchestration.warehouse.store import open_reader

ROWS = 300
SEED = 11
LOW = var("negative_review_max_score")
TABLES = (
    *("core.fact_orders", "core.fact_order_items", "core.fact_reviews", "core.fact_deliveries"),
    *("core.dim_customer", "core.dim_seller"),
    *("intermediate.int_customer_sales", "intermediate.int_as_of_date"),
)
FEATURES = ("features_customers", "features_sellers", "features_reviews")


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def warehouse(request: pytest.FixtureRequest) -> Path:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    found: Path = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module")
def events(warehouse: Path) -> Mapping[str, pd.DataFrame]:
    with open_reader(warehouse) as con:
        return {name.partition(".")[2]: con.execute(f"from {name}").df() for name in TABLES}


def _sample(warehouse: Path, name: str) -> list[dict[str, Any]]:
    with open_reader(warehouse) as con:
        frame = con.execute(f"from predictive.{name} order by all").df()
    found = frame.sample(min(ROWS, len(frame)), random_state=SEED)
    return cast("list[dict[str, Any]]", found.to_dict("records"))


def _differences(
    rows: list[dict[str, Any]], expected: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[str]:
    for row in rows:
        for name, value in expected(row).items():
            found = row[name]
            is_same = (
                pd.isna(found)
                if pd.isna(value)
                else found == value
                or (isinstance(value, float) and float(found) == pytest.approx(value, abs=1e-6))
            )
            if not is_same:
                yield f"{name} of {row} is {value!r} by brute force"


def _days(later: pd.Timestamp, earlier: pd.Timestamp) -> int:
    return int((pd.Timestamp(later).normalize() - pd.Timestamp(earlier).normalize()).days)


def test_what_is_known_of_a_customer_are_the_sales_up_to_that_day(
    warehouse: Path, events: Mapping[str, pd.DataFrame]
) -> None:
    sales = events["int_customer_sales"].merge(
        events["fact_orders"].drop(
            columns=["order_id", "order_date", "purchased_at", "customer_key"]
        ),
        on="order_key",
    )
    states = events["dim_customer"].set_index("customer_key")["state"]
    rows = _sample(warehouse, "features_customers")
    sampled = sales["customer_unique_id"].isin({row["customer_unique_id"] for row in rows})
    by_customer = dict(iter(sales[sampled].groupby("customer_unique_id")))

    def expected(row: dict[str, Any]) -> dict[str, Any]:
        own = by_customer[row["customer_unique_id"]]
        past = own[own["order_date"] <= row["sale_date"]]
        last = past.sort_values(["purchased_at", "order_key"], ascending=[True, False]).iloc[-1]
        return {
            "first_sale_date": past["order_date"].min(),
            "num_sale_days": past["order_date"].nunique(),
            "num_orders": len(past),
            "num_items": past["num_items"].sum(),
            "freight_amount": float(past["freight_amount"].astype(float).sum()),
            "revenue_amount": float(past["revenue_amount"].astype(float).sum()),
            "state": states[last["customer_key"]],
            "main_payment_type": last["main_payment_type"],
            "max_installments": last["max_installments"],
        }

    assert list(_differences(rows, expected)) == []


def test_what_is_known_of_a_seller_are_events_before_the_snapshot(
    warehouse: Path, events: Mapping[str, pd.DataFrame]
) -> None:
    items, shipments = events["fact_order_items"], events["fact_deliveries"]
    reviews = (
        items[["order_key", "seller_key"]]
        .drop_duplicates()
        .merge(
            events["fact_reviews"][["order_key", "answered_at", "review_score"]], on="order_key"
        )
    )
    record = pd.Timedelta(days=var("seller_record_days"))
    by_seller = [
        dict(iter(frame.groupby("seller_key")))
        for frame in (items[items["is_sale"]], shipments[shipments["is_sale"]], reviews)
    ]

    def expected(row: dict[str, Any]) -> dict[str, Any]:
        day = pd.Timestamp(row["snapshot_date"])
        sold, sent, rated = (
            of.get(row["seller_key"], frame.iloc[:0])
            for of, frame in zip(by_seller, (items, shipments, reviews), strict=True)
        )
        sold = sold[sold["order_date"] < day]
        ago = {
            days: sold[sold["order_date"] >= day - pd.Timedelta(days=days)]
            for days in (14, 30, 90, 180)
        }
        # A promise made for a day is known to be broken when that day is over.
        due = sent[
            (sent["estimated_delivery_date"] < day)
            & (sent["estimated_delivery_date"] >= day - record)
        ]
        in_time = due["delivered_at"].dt.normalize() <= due["estimated_delivery_date"]
        answered = rated[(rated["answered_at"] < day) & (rated["answered_at"] >= day - record)]
        return {
            "days_since_last_sale": _days(day, sold["order_date"].max()),
            "days_since_first_sale": _days(day, sold["order_date"].min()),
            "num_orders": sold["order_key"].nunique(),
            **{f"num_orders_{d}d": part["order_key"].nunique() for d, part in ago.items()},
            "num_sale_days_90d": ago[90]["order_date"].nunique(),
            "gmv_90d_amount": float(ago[90]["price_amount"].astype(float).sum()),
            "num_due": len(due),
            "num_late": int((~in_time).sum()),
            "num_reviews": len(answered),
            "num_low_reviews": int((answered["review_score"] <= LOW).sum()),
        }

    assert list(_differences(_sample(warehouse, "features_sellers"), expected)) == []


def test_what_is_known_of_a_review_is_of_the_days_before_its_survey(
    warehouse: Path, events: Mapping[str, pd.DataFrame]
) -> None:
    orders = events["fact_orders"].set_index("order_key")
    items = events["fact_order_items"].sort_values(
        ["price_amount", "order_item_id"], ascending=[False, True]
    )
    main = items.drop_duplicates("order_key").set_index("order_key")
    first = (
        events["fact_reviews"]
        .query("not is_orphan and answered_at.notna() and creation_date.notna()")
        .sort_values(["creation_date", "answered_at", "review_key"])
        .drop_duplicates("order_key")
    )
    first = first[first["creation_date"] > first["order_key"].map(orders["order_date"])].join(
        main[["seller_key", "category_key"]], on="order_key"
    )

    same = {
        of: dict(iter(first.groupby(first[f"{of}_key"].fillna(""))))
        for of in ("seller", "category")
    }

    def expected(row: dict[str, Any]) -> dict[str, Any]:
        order, day = orders.loc[row["order_key"]], pd.Timestamp(row["survey_date"])
        is_there = order["delivered_at"] < day
        end = order["delivered_at"] if is_there else day - pd.Timedelta(days=1)
        counts = {}
        for of, groups in same.items():
            key = row[f"{of}_key"]
            past = groups["" if pd.isna(key) else key]
            past = past[past["answered_at"] < day]
            counts[f"num_{of}_reviews"] = len(past)
            counts[f"num_{of}_low_reviews"] = int((past["review_score"] <= LOW).sum())
        return counts | {
            "is_delivered": bool(is_there),
            "is_handed_over": bool(order["handed_to_carrier_at"] < day),
            "promised_days": _days(order["estimated_delivery_date"], order["order_date"]),
            "known_delay_days": _days(end, order["estimated_delivery_date"]),
            "known_delivery_days": _days(end, order["order_date"]),
            "days_since_purchase": _days(day, order["order_date"]),
            "num_items": order["num_items"],
            "num_sellers": order["num_sellers"],
            "main_payment_type": order["main_payment_type"],
            "item_amount": float(order["item_amount"]),
        }

    assert list(_differences(_sample(warehouse, "features_reviews"), expected)) == []


# What has happened on a day or after it becomes something else.
OTHER_FUTURE = """
    delete from core.fact_order_items where order_date >= $day and order_key not in (
        -- Of a few orders the review is dated before the purchase: they are known by then.
        select order_key from core.fact_reviews where answered_at < $day
    );
    delete from intermediate.int_customer_sales where order_date >= $day;
    update core.fact_reviews set review_score = 6 - review_score where answered_at >= $day;
    update core.fact_reviews set answered_at = answered_at + interval 9 day
        where answered_at >= $day;
    update core.fact_orders set delivered_at = delivered_at + interval 30 day
        where delivered_at >= $day;
    update core.fact_orders set delivered_at = null
        where delivered_at >= $day and order_key < 'a';
    update core.fact_orders set handed_to_carrier_at = null where handed_to_carrier_at >= $day;
    update core.fact_deliveries set delivered_at = null where delivered_at >= $day;
"""
# Rows that are known at the start of that day; what came of them is no feature.
KNOWN = {
    "features_customers": "select * from features where sale_date < $day",
    "features_sellers": "select * from features where snapshot_date <= $day",
    "features_reviews": "select * exclude (answered_date, review_score) from features "
    "where survey_date <= $day",
}


def test_another_future_changes_no_feature_of_the_past(warehouse: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse.resolve()}' as given (read_only)")
        con.execute("create schema core; create schema intermediate")
        for name in TABLES:
            con.execute(f"create table {name} as from given.{name}")
        row = con.execute(
            "select date_trunc('month', as_of_date) - interval 2 month + interval 14 day "
            "from intermediate.int_as_of_date"
        ).fetchone()
        assert row is not None
        compiled = warehouse.parent / "cache" / "dbt" / "target" / "compiled"
        before = _known(con, compiled, row[0])
        for statement in OTHER_FUTURE.split(";")[:-1]:
            con.execute(statement, {"day": row[0]})
        after = _known(con, compiled, row[0])
    for name in FEATURES:
        assert len(before[name]) > 100
        pd.testing.assert_frame_equal(before[name], after[name])


def _known(
    con: duckdb.DuckDBPyConnection, compiled: Path, day: date
) -> dict[str, pd.DataFrame]:
    found = {}
    for name in FEATURES:
        sql = next(compiled.rglob(f"{name}.sql")).read_text(encoding="utf-8")
        con.execute(f"create or replace temp table features as {sql}")
        found[name] = con.execute(f"{KNOWN[name]} order by all", {"day": day}).df()
    return found
