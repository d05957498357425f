"""The customers dashboard's figures, read from a warehouse and counted again in pandas."""

from __future__ import annotations

import csv
import io
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import pandas as pd
import pytest

from dashboards.lib.customers import charts, data, sections, tables, tiles
from dashboards.lib.customers.data import CustomersData, Whom
from dashboards.lib.customers.measures import (
    CustomerMeasures,
    ReturnDays,
    median_days,
    return_classes,
)
from dashboards.lib.periods import Period
from dashboards.lib.queries.executive import Scope
from orchestration.warehouse import open_reader


def persons_of(path: Path) -> pd.DataFrame:
    """The whole mart of persons, its days as days and its revenue in centavos."""
    with open_reader(path) as connection:
        mart = connection.execute(
            """
            select * replace (cast(revenue_amount * 100 as bigint) as revenue_amount)
            from marts.mart_customer_analytics
            """
        ).df()
    for column in (
        "first_order_date",
        "second_order_date",
        "return_date",
        "last_order_date",
        "cohort_month",
    ):
        mart[column] = pd.to_datetime(mart[column])
    return mart


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def path(request: pytest.FixtureRequest) -> Path:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    found: Path = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module")
def mart(path: Path) -> pd.DataFrame:
    return persons_of(path)


@pytest.fixture(scope="module")
def outline(path: Path) -> data.Outline:
    return data.load_outline(path)


@pytest.fixture(scope="module")
def view(path: Path, outline: data.Outline) -> CustomersData:
    return data.load(path, Scope(outline.calendar.default_period()), (), Whom.EVERYBODY)


def within(mart: pd.DataFrame, period: Period) -> pd.DataFrame:
    first = mart["first_order_date"]
    return mart[(first >= pd.Timestamp(period.start)) & (first <= pd.Timestamp(period.end))]


def until(mart: pd.DataFrame, day: date) -> pd.DataFrame:
    return mart[mart["first_order_date"] <= pd.Timestamp(day)]


def assert_same(measures: CustomerMeasures, rows: pd.DataFrame, as_of: date) -> None:
    followed = until(rows, as_of - timedelta(days=90))
    assert measures.num_customers == len(rows)
    assert measures.num_repeat == int((rows["num_sale_days"] >= 2).sum())
    assert measures.num_repeat_same_day_included == int((rows["num_orders"] >= 2).sum())
    assert measures.num_followed == len(followed)
    assert measures.num_early == int((followed["days_to_return"] <= 90).sum())
    assert measures.num_active == int((rows["recency_days"] <= 365).sum())
    assert measures.num_orders == int(rows["num_orders"].sum())
    assert measures.revenue_amount * 100 == int(rows["revenue_amount"].sum())
    assert measures.sum_review_score == int(rows["sum_review_score"].sum())
    assert measures.num_reviewed_orders == int(rows["num_reviewed_orders"].sum())


def tile(view: CustomersData, key: str) -> str:
    return next(one for one in tiles.tiles(view) if one.key == key).html()


# The sums


def test_new_customers_are_those_whose_first_sale_lies_in_the_period(
    view: CustomersData, mart: pd.DataFrame
) -> None:
    assert_same(view.new.now, within(mart, view.period), view.info.as_of_date)
    for one in (view.new.previous, view.new.year_earlier):
        if one.measures is not None:
            assert_same(one.measures, within(mart, one.period), view.info.as_of_date)


def test_the_repeat_rate_of_a_day_counts_what_was_known_on_that_day(
    view: CustomersData, mart: pd.DataFrame
) -> None:
    assert view.base.previous.measures is not None
    for measures, day in (
        (view.base.now, view.period.end),
        (view.base.previous.measures, view.base.previous.period.end),
    ):
        known = until(mart, day)
        assert measures.num_customers == len(known)
        returned = known["return_date"] <= pd.Timestamp(day)
        second = known["second_order_date"] <= pd.Timestamp(day)
        assert measures.num_repeat == int(returned.sum())
        assert measures.num_repeat_same_day_included == int(second.sum())
        assert measures.repeat_rate == pytest.approx(returned.sum() / len(known))


@pytest.mark.parametrize(
    ("scope", "column", "value"),
    [
        ({"states": ("RJ",)}, "state", "RJ"),
        ({"regions": ("South",)}, "region", "South"),
        ({"segments": ("CHURNED",)}, "customer_segment", "CHURNED"),
    ],
    ids=["a state", "a region", "a segment"],
)
@pytest.mark.parametrize("whom", list(Whom))
def test_a_filter_leaves_the_persons_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: CustomersData,
    mart: pd.DataFrame,
    scope: dict[str, tuple[str, ...]],
    column: str,
    value: str,
    whom: Whom,
) -> None:
    period = Period(view.calendar.first_date, view.period.end)
    segments = scope.get("segments", ())
    places = {name: chosen for name, chosen in scope.items() if name != "segments"}
    found = data.load(path, Scope(period, **places), segments, whom)
    rows = within(mart, period) if whom is Whom.NEW else until(mart, period.end)
    assert_same(found.shown, rows[rows[column] == value], found.info.as_of_date)
    assert sum(cell.num_customers for cell in found.rfm) == found.shown.num_customers


def test_groups_scores_and_months_are_those_of_the_mart(
    view: CustomersData, mart: pd.DataFrame
) -> None:
    known = until(mart, view.period.end)
    for groups, column in (
        (view.by_segment, "customer_segment"),
        (view.by_rfm_segment, "rfm_segment"),
        (view.by_state, "state"),
        (view.by_category, "first_category"),
        (view.by_payment, "first_payment_type"),
    ):
        assert sum(group.measures.num_customers for group in groups) == len(known)
        for group in groups:
            rows = known[
                known[column].isna() if group.name is None else known[column] == group.name
            ]
            assert_same(group.measures, rows, view.info.as_of_date)
    scores = known.groupby(["recency_score", "frequency_score", "monetary_score"]).size()
    assert {
        (cell.recency, cell.frequency, cell.monetary): cell.num_customers for cell in view.rfm
    } == scores.to_dict()
    months = mart.groupby("cohort_month").size()
    for point in view.months:
        assert point.measures.num_customers == months.get(pd.Timestamp(point.month), 0)


def test_the_median_return_is_that_of_the_persons(
    view: CustomersData, mart: pd.DataFrame
) -> None:
    days = until(mart, view.period.end)["days_to_return"].dropna()
    assert median_days(view.return_days) == median(days)
    assert sum(one.num_customers for one in return_classes(view.return_days)) == len(days)


def test_cohorts_are_those_of_the_mart_and_none_is_complete_beside_an_incomplete_month(
    path: Path, view: CustomersData
) -> None:
    with open_reader(path) as connection:
        rows = connection.execute(
            """
            select cohort_month, months_since_first, num_active_customers, retention_rate
            from marts.mart_cohort_analysis where cohort_month <= ?
            """,
            [view.period.end],
        ).fetchall()
    assert len(view.cohorts) == len(rows)
    for cohort, months, num_active, rate in rows:
        cell = view.cohorts[cohort, months]
        assert cell.num_active == num_active
        assert cell.retention_rate == pytest.approx(rate)
        if cell.is_complete:
            assert view.calendar.is_complete(cohort)


def test_payments_are_those_of_the_months_of_the_period(
    path: Path, view: CustomersData
) -> None:
    with open_reader(path) as connection:
        row = connection.execute(
            """
            select sum(payment_amount), count(*) filter (payment_amount > 0)
            from core.fact_payments
            where not is_orphan and order_date between ? and ?
            """,
            [view.period.start, view.period.end],
        ).fetchone()
    assert row is not None
    assert sum(one.payment_amount for one in view.payments.values()) == row[0]
    assert sum(one.num_payments for one in view.payments.values()) >= row[1]


# The page


def test_every_tile_names_its_unit_and_the_page_its_period(view: CustomersData) -> None:
    shown = tiles.tiles(view)
    assert len({one.key for one in shown}) == len(shown) == 10
    day = f"{view.period.end.day} {view.period.end:%b %Y}"
    for one in shown:
        assert view.period.label in one.unit or day in one.unit, one.key


def test_a_segment_is_never_compared_with_an_earlier_period(
    path: Path, view: CustomersData
) -> None:
    found = data.load(path, Scope(view.period), ("NEW",), Whom.EVERYBODY)
    assert found.new.previous.measures is None
    assert "segments are those of" in tile(found, "new_customers")


def test_nobody_who_has_not_had_ninety_days_counts_for_the_early_return(path: Path) -> None:
    calendar = data.load_outline(path).calendar
    last = calendar.complete_months[-1]
    found = data.load(path, Scope(Period.of_months(last, 1)), (), Whom.EVERYBODY)
    assert found.new.now.num_followed == 0
    assert '<p class="dw-value">n/a</p>' in tile(found, "early_return_rate")


def test_no_group_below_the_minimum_is_ranked_by_repeat_rate(view: CustomersData) -> None:
    shown = {chart.key: chart for chart in charts.charts(view)}
    assert "at least 300 customers" in shown["repeat_by_state"].subtitle
    few = {g.name for g in view.by_state if g.measures.num_customers < 300}
    assert not few & set(shown["repeat_by_state"].panels[0].figure.data[0].x)


def test_a_csv_holds_the_persons_of_most_revenue_to_the_centavo(
    view: CustomersData, mart: pd.DataFrame
) -> None:
    table = tables.tables(view)[0]
    rows = list(csv.DictReader(io.StringIO(table.csv().decode("utf-8"))))
    best = until(mart, view.period.end).sort_values(
        ["revenue_amount", "customer_unique_id"], ascending=[False, True]
    )
    expected = list(best["customer_unique_id"][: data.MAX_PERSONS])
    assert [row["Customer"] for row in rows] == expected
    assert Decimal(rows[0]["Revenue (R$)"]) * 100 == int(best["revenue_amount"].iloc[0])


def test_filters_that_leave_nobody_say_so_calmly(path: Path, view: CustomersData) -> None:
    nobody = data.load(path, Scope(view.period, states=("XX",)), (), Whom.EVERYBODY)
    assert nobody.is_empty
    assert "No customers match these filters" in sections.answer(nobody).text
    assert sections.why(nobody) is None
    assert sections.rows(nobody) is None


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(
    path: Path, view: CustomersData
) -> None:
    evil = "SP') or ('1'='1"
    assert data.load(path, Scope(view.period, states=(evil,)), (), Whom.EVERYBODY).is_empty


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert median_days([ReturnDays(10, 1), ReturnDays(0, 1)]) == 5
    assert median_days([ReturnDays(0, 2), ReturnDays(7, 1)]) == 0
    assert median_days([]) is None


@pytest.mark.benchmark
def test_the_whole_page_is_read_within_a_second(path: Path, view: CustomersData) -> None:
    start = time.perf_counter()
    data.load(path, Scope(view.period), (), Whom.EVERYBODY)
    assert time.perf_counter() - start < 1
