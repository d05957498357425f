"""Features of days, demand and anomalies, again from the files, one row at a time.

What is compared is drawn at random, 300 rows a feature model. A feature of a past day is made
of the events of that day alone, so nothing that comes later can be in it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.support.second_route import SecondRoute

Both = tuple[duckdb.DuckDBPyConnection, SecondRoute]
NUMBER = 300


def _days(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text).dt.date


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows by the names of their columns."""
    yield from frame.itertuples()


def _some(frame: pd.DataFrame) -> Iterator[Any]:
    """So many of them, drawn at random."""
    yield from _rows(frame.sample(min(NUMBER, len(frame)), random_state=5))


@pytest.fixture(scope="module")
def orders(both_sides: Both) -> pd.DataFrame:
    """Each order with its days, its state, and whether it is a sale, from the files."""
    raw = both_sides[1].files.raw
    found = raw("orders").merge(raw("customers"), on="customer_id")
    return pd.DataFrame(
        {
            "order_id": found["order_id"],
            "day": _days(found["order_purchase_timestamp"]),
            "due": _days(found["order_estimated_delivery_date"]),
            "arrived": _days(found["order_delivered_customer_date"]),
            "state": found["customer_state"],
            "is_delivered": found["order_status"] == "delivered",
            "is_sale": ~found["order_status"].isin(["canceled", "unavailable"]),
        }
    )


@pytest.fixture(scope="module")
def items(both_sides: Both, orders: pd.DataFrame) -> pd.DataFrame:
    """Each item with its category, its charge in centavos, and the order it is of."""
    raw = both_sides[1].files.raw
    found = raw("items").merge(raw("products"), on="product_id")
    charged = found[["price", "freight_value"]].astype(float).sum(axis=1)
    cents = (charged * 100).round().astype(int)
    frame = found[["order_id", "product_category_name"]].assign(cents=cents)
    own: pd.DataFrame = frame.merge(orders[["order_id", "day", "state", "is_sale"]])
    return own


def _days_of_features(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    found = connection.execute("from predictive.features_days order by day").df()
    found["day"] = found["day"].dt.date
    return found


def test_the_measures_of_a_day_are_those_of_its_own_events(
    both_sides: Both, orders: pd.DataFrame, items: pd.DataFrame
) -> None:
    connection, route = both_sides
    features = _days_of_features(connection)
    past = features[features["is_past"]]
    reviews = route.files.raw("reviews")
    reviews = reviews[reviews["order_id"].isin(orders["order_id"])]
    answered = _days(reviews["review_answer_timestamp"])
    scores = reviews["review_score"].astype(int)
    for row in _some(past):
        placed = orders["day"] == row.day
        due = orders[orders["is_sale"] & (orders["due"] == row.day)]
        in_time = due["is_delivered"] & due["arrived"].notna() & (due["arrived"] <= row.day)
        sold = items[items["is_sale"] & (items["day"] == row.day)]
        assert row.num_orders == placed.sum()
        assert round(float(row.revenue_amount) * 100) == sold["cents"].sum()
        assert (row.num_due, row.num_late) == (len(due), (~in_time).sum())
        there = answered == row.day
        assert (row.num_reviews, row.sum_review_score) == (there.sum(), scores[there].sum())


def test_days_run_without_a_gap_and_have_no_measure_after_the_as_of_date(
    both_sides: Both,
) -> None:
    connection, route = both_sides
    features = _days_of_features(connection)
    days = features["day"].tolist()
    assert [(one - days[0]).days for one in days] == list(range(len(days)))
    as_of = route.files.as_of_date.date()
    assert (features["is_past"] == (features["day"] <= as_of)).all()
    measures = ["num_orders", "revenue_amount", "num_due", "num_late", "num_reviews"]
    assert bool(features[~features["is_past"]][measures].isna().to_numpy().all())
    fridays = features[features["event_name"] == "Black Friday"]["day"]
    assert {one.month for one in fridays} <= {11, 12}
    assert (~features["is_past"] & (features["event_name"] == "Black Friday")).any()


def test_an_order_counts_under_the_dearest_category_and_revenue_under_its_own(
    both_sides: Both, orders: pd.DataFrame, items: pd.DataFrame
) -> None:
    connection, _ = both_sides
    features = connection.execute(
        "select features_demand.*, dim_category.category_key from predictive.features_demand "
        "join core.dim_category using (category_name_english)"
    ).df()
    features["day"] = features["day"].dt.date
    known = dict(
        connection.execute(
            "select category_name, category_key from core.dim_category"
        ).fetchall()
    )
    keys = items.assign(key=items["product_category_name"].map(known).fillna("unknown"))
    for row in _some(features):
        there = orders[(orders["day"] == row.day) & (orders["state"] == row.customer_state)]
        cents, number = 0, 0
        for one in _rows(there):
            own = keys[keys["order_id"] == one.order_id]
            charged = own.groupby("key")["cents"].sum()
            dearest = min(
                charged.index, key=lambda key: (-charged[key], key), default="unknown"
            )
            number += dearest == row.category_key
            cents += charged.get(row.category_key, 0) if one.is_sale else 0
        assert row.num_orders == number
        assert round(float(row.revenue_amount) * 100) == cents


def test_weeks_are_forecast_by_eight_weeks_and_a_quarter_of_the_trend(
    both_sides: Both, orders: pd.DataFrame
) -> None:
    connection, route = both_sides
    found = connection.execute(
        "from marts.mart_demand_forecast where forecast_grain = 'week' and is_forecast "
        "and metric_name = 'num_orders' order by weeks_ahead"
    ).df()
    assert set(found["method"]) == {"level and trend"}
    as_of, first = route.files.as_of_date.date(), _days_of_features(connection)["day"].min()

    def weeks(of: pd.DataFrame) -> list[int]:
        back = of["day"].map(lambda day: (as_of - day).days // 7)
        number = ((as_of - first).days + 1) // 7
        return [int((back == one).sum()) for one in range(number - 1, -1, -1)]

    total = weeks(orders)
    slope = statistics.linear_regression(range(len(total)), total).slope
    level = statistics.mean(total[-8:])
    for kind, name in (("total", "all"), ("state", "SP"), ("state", "RJ")):
        own = total if kind == "total" else weeks(orders[orders["state"] == name])
        rows = found[(found["series_type"] == kind) & (found["series_name"] == name)]
        assert rows["weeks_ahead"].tolist() == list(range(1, 14))
        for row in _rows(rows):
            factor = 1 + slope / 4 * (row.weeks_ahead + 3.5) / level
            expected = statistics.mean(own[-8:]) * factor
            assert row.forecast_value == pytest.approx(expected, abs=0.05)
            assert row.naive_value == own[-1]
            assert row.first_date.date() == as_of + timedelta(days=7 * row.weeks_ahead - 6)


def test_what_was_likely_of_a_day_comes_of_the_eight_weeks_before_it(
    both_sides: Both,
) -> None:
    connection, _ = both_sides
    features = _days_of_features(connection)
    past = features[features["is_past"]]
    marts = connection.execute(
        "select metric_date, expected_value from marts.mart_metric_anomalies "
        "where metric_name = 'num_orders' order by metric_date"
    ).df()
    expected = dict(zip(marts["metric_date"].dt.date, marts["expected_value"], strict=True))
    logs: dict[date, float] = {}
    usual: dict[date, float] = {}
    for row in _rows(past):
        logs[row.day] = math.log(row.num_orders + 1)
        week_before = usual.get(row.day - timedelta(days=7), float("nan"))
        usual[row.day] = week_before if isinstance(row.event_name, str) else logs[row.day]
    days = list(logs)
    for day in pd.Series(days[70:]).sample(60, random_state=8).tolist():
        by_hand = _likely(usual, day)
        assert expected[day] == pytest.approx(max(by_hand, 0), rel=1e-9, abs=1e-9)


def _likely(usual: dict[date, float], day: date) -> float:
    before = [day - timedelta(days=back) for back in range(56, 0, -1)]
    values = {one: usual[one] for one in before}

    def around(one: date) -> float:
        near = [one + timedelta(days=step) for step in range(-3, 4)]
        return statistics.median(values[other] for other in near if other in values)

    off = {one: values[one] - around(one) for one in before}
    effects = [
        statistics.median(off[one] for one in before if (day - one).days % 7 == place)
        for place in range(7)
    ]
    middle = statistics.mean(effects)
    effects = [one - middle for one in effects]
    left = [abs(off[one] - effects[(day - one).days % 7]) for one in before]
    bound = 2.75 * 1.4826 * statistics.median(left)
    last = [values[one] - effects[(day - one).days % 7] for one in before[-7:]]
    center = statistics.median(last)
    clipped = [min(max(one, center - bound), center + bound) for one in last]
    weights = [0.5 ** ((6 - place) / 3) for place in range(7)]
    level = sum(w * v for w, v in zip(weights, clipped, strict=True)) / sum(weights)
    return math.exp(level + effects[0]) - 1
