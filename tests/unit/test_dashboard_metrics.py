"""The metrics: ratios of sums, and changes between two sets of sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboards.lib import metrics
from dashboards.lib.metrics import Measures, growth, growth_by_month, share, total

SOME = Measures(
    num_orders=10,
    num_sales=8,
    num_sales_with_items=7,
    num_orders_with_items=8,
    num_canceled_orders=1,
    num_canceled_orders_with_items=0,
    num_items=20,
    num_free_freight_items=3,
    gmv_amount=Decimal("700.00"),
    freight_amount=Decimal("70.70"),
    revenue_amount=Decimal("770.70"),
    num_delivered=5,
    num_on_time=4,
    num_late=1,
    num_due=6,
    num_promise_kept=3,
    sum_delivery_days=50.5,
    sum_promised_days=100.0,
    num_reviews=10,
    sum_review_score=41,
    num_satisfied_reviews=7,
    num_promoters=6,
    num_detractors=2,
    num_new_customers=8,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("average_order_value", 110.10),  # over the sales with items, not all sales
        ("cancellation_rate", 0.1),  # of all orders
        ("cancellation_rate_with_items", 0.0),
        ("not_fulfilled_rate", 0.2),  # the unavailable one, too
        ("free_freight_rate", 0.15),
        ("on_time_rate", 0.8),
        ("average_delivery_days", 10.1),
        ("average_promised_days", 20.0),
        ("average_days_early", 9.9),
        ("average_review_score", 4.1),
        ("nps", 40.0),
        ("promise_kept_rate", 0.5),  # over what was due, not what was delivered,
        ("csat_rate", 0.7),
    ],
)
def test_each_ratio_divides_the_right_sums(name: str, value: float) -> None:
    assert getattr(SOME, name) == pytest.approx(value)


@pytest.mark.parametrize(
    "name",
    [
        "average_order_value",
        "free_freight_rate",
        "on_time_rate",
        "average_delivery_days",
        "average_days_early",
        "average_review_score",
        "nps",
        "promise_kept_rate",
        "csat_rate",
    ],
)
def test_a_ratio_over_nothing_does_not_exist(name: str) -> None:
    assert getattr(Measures(), name) is None


def test_a_total_is_the_ratio_of_sums_and_no_average_of_averages() -> None:
    small = Measures(num_sales_with_items=1, revenue_amount=Decimal(1000))
    large = Measures(num_sales_with_items=9, revenue_amount=Decimal(900))
    assert total([small, large]).average_order_value == pytest.approx(190.0)


def test_growth_needs_a_positive_base() -> None:
    assert growth(110, 100) == pytest.approx(0.1)
    assert growth(110, 0) is None
    assert growth(None, 100) is None


def test_a_rate_changes_by_percentage_points_and_money_by_percent() -> None:
    before = Measures(
        num_delivered=10, num_on_time=9, num_orders=10, revenue_amount=Decimal("385.35")
    )
    assert metrics.ON_TIME_RATE.change(SOME, before) == pytest.approx(-0.1)
    assert metrics.REVENUE.change(SOME, before) == pytest.approx(1.0)


def test_a_change_from_a_missing_figure_does_not_exist() -> None:
    assert metrics.REVIEW_SCORE.change(SOME, Measures()) is None


def test_an_incomplete_month_is_neither_grown_nor_grown_from() -> None:
    values = {date(2018, m, 1): v for m, v in ((6, 100), (7, 110), (8, 121), (9, 1))}
    complete = [date(2018, 7, 1), date(2018, 8, 1)]
    assert growth_by_month(values, complete, 1) == {date(2018, 8, 1): pytest.approx(0.1)}


def test_year_over_year_looks_twelve_months_back() -> None:
    values = {date(2017, 8, 1): 50, date(2018, 7, 1): 90, date(2018, 8, 1): 100}
    assert growth_by_month(values, list(values), 12) == {date(2018, 8, 1): pytest.approx(1.0)}


def test_a_share_is_of_the_whole() -> None:
    part = Measures(revenue_amount=Decimal("192.675"))
    assert share(part, SOME) == pytest.approx(0.25)
    assert share(part, Measures()) is None
