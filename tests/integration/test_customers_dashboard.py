"""The customers dashboard's figures, read from a warehouse and counted again in pandas."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import pytest

from dashboards.customers import PAGE
from dashboards.lib import render, shell
from dashboards.lib.parts import customers as parts
from dashboards.lib.periods import Period
from dashboards.lib.source import Source
from dashboards.lib.view import View
from orchestration.dbt.variables import var
from orchestration.warehouse.store import open_reader
from tests.support.pages import chart, table, tile, view_of

# The metrics that count or add up, and those that divide two of them.
SUMS = (
    *(
        "num_profiled_customers",
        "num_new_customers",
        "num_repeat_customers",
        "num_followed_customers",
    ),
    *("num_customers_with_second_order", "num_active_customers", "num_customer_sales"),
    *("lifetime_revenue_amount", "num_reviewed_customer_orders"),
)
RATIOS = ("repeat_rate", "early_return_rate", "active_customer_rate", "customer_review_score")
NEW = {"whom": "New ones only"}


def customers_of(path: Path) -> pd.DataFrame:
    """The whole mart of customers, its days as days and its revenue in centavos."""
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
    return customers_of(path)


@pytest.fixture(scope="module")
def view(path: Path) -> View:
    return view_of(PAGE, path)


def within(mart: pd.DataFrame, period: Period) -> pd.DataFrame:
    first = mart["first_order_date"]
    return mart[(first >= pd.Timestamp(period.start)) & (first <= pd.Timestamp(period.end))]


def until(mart: pd.DataFrame, day: date) -> pd.DataFrame:
    return mart[mart["first_order_date"] <= pd.Timestamp(day)]


def assert_same(values: Mapping[str, Any], rows: pd.DataFrame, as_of: date) -> None:
    followed = until(rows, as_of - timedelta(days=90))
    early = int((followed["days_to_return"] <= 90).sum())
    assert values["num_profiled_customers"] == values["num_new_customers"] == len(rows)
    assert values["num_repeat_customers"] == int((rows["num_sale_days"] >= 2).sum())
    second = int((rows["num_orders"] >= 2).sum())
    assert values["num_customers_with_second_order"] == second
    assert values["num_followed_customers"] == len(followed)
    assert values["num_active_customers"] == int((rows["recency_days"] <= 365).sum())
    assert values["num_customer_sales"] == int(rows["num_orders"].sum())
    assert values["lifetime_revenue_amount"] * 100 == int(rows["revenue_amount"].sum())
    assert values["num_reviewed_customer_orders"] == int(rows["num_reviewed_orders"].sum())
    for name, above, below in (
        ("repeat_rate", (rows["num_sale_days"] >= 2).sum(), len(rows)),
        ("early_return_rate", early, len(followed)),
        ("active_customer_rate", (rows["recency_days"] <= 365).sum(), len(rows)),
        (
            "customer_review_score",
            rows["sum_review_score"].sum(),
            rows["num_reviewed_orders"].sum(),
        ),
    ):
        if below:
            assert values[name] == pytest.approx(above / below), name
        else:
            assert values[name] is None, name


def asked(view: View, by: Sequence[str] = (), period: Period | None = None) -> list[Any]:
    return view.ask((*SUMS, *RATIOS), by, period=period)


def as_of(view: View) -> date:
    return view.source.info.as_of_date


# The sums


def test_new_customers_are_those_whose_first_sale_lies_in_the_period(
    view: View, mart: pd.DataFrame
) -> None:
    periods = [view.period]
    periods += [one.period for one in view.comparisons if one.reason is None]
    for period in periods:
        assert_same(asked(view, period=period)[0], within(mart, period), as_of(view))


def test_the_repeat_rate_of_a_day_counts_what_was_known_on_that_day(
    view: View, mart: pd.DataFrame
) -> None:
    assert view.previous.reason is None
    for period in (view.period, view.previous.period):
        values = parts.known(view, period)
        known = until(mart, period.end)
        assert values["num_customers"] == len(known)
        returned = known["return_date"] <= pd.Timestamp(period.end)
        second = known["second_order_date"] <= pd.Timestamp(period.end)
        assert values["repeat_rate"] == pytest.approx(returned.sum() / len(known))
        assert values["repeat_rate_same_day_included"] == pytest.approx(
            second.sum() / len(known)
        )


@pytest.mark.parametrize(
    ("where", "column", "value"),
    [
        ({"state": ("RJ",)}, "state", "RJ"),
        ({"region": ("South",)}, "region", "South"),
        ({"segment": ("CHURNED",)}, "customer_segment", "CHURNED"),
    ],
    ids=["a state", "a region", "a segment"],
)
@pytest.mark.parametrize("chosen", [{}, NEW], ids=["all", "new"])
def test_a_filter_leaves_the_customers_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: View,
    mart: pd.DataFrame,
    where: dict[str, tuple[str, ...]],
    column: str,
    value: str,
    chosen: dict[str, str],
) -> None:
    period = Period(view.calendar.first_date, view.period.end)
    found = view_of(PAGE, path, period, where, chosen)
    rows = within(mart, period) if chosen else until(mart, period.end)
    own = rows[rows[column] == value]
    assert_same(asked(found.shown)[0], own, as_of(view))
    assert sum(cell["n"] for cell in parts.rfm(found)) == len(own)


def test_groups_scores_and_months_are_those_of_the_mart(view: View, mart: pd.DataFrame) -> None:
    known = until(mart, view.period.end)
    for column in (
        *("customer_segment", "rfm_segment", "state"),
        *("first_category", "first_payment_type"),
    ):
        groups = asked(view.shown, (column,))
        assert sum(group["num_profiled_customers"] for group in groups) == len(known)
        for group in groups:
            name = group[column]
            rows = known[known[column].isna() if name is None else known[column] == name]
            assert_same(group, rows, as_of(view))
    scores = known.groupby(["recency_score", "frequency_score", "monetary_score"]).size()
    assert {
        (cell["recency_score"], cell["frequency_score"], cell["monetary_score"]): cell["n"]
        for cell in parts.rfm(view)
    } == scores.to_dict()
    months = mart.groupby("cohort_month").size()
    for month, values in view.by_month(("num_new_customers",)).items():
        assert values.get("num_new_customers", 0) == months.get(pd.Timestamp(month), 0)


def test_the_median_return_is_that_of_the_customers(view: View, mart: pd.DataFrame) -> None:
    days = until(mart, view.period.end)["days_to_return"].dropna()
    assert parts.return_days(view) == {"days": median(days), "n": len(days)}
    classes = parts.return_classes(view)
    assert sum(number for _, number in classes) == len(days)
    assert classes[0] == ("1\N{EN DASH}7 days", int((days <= 7).sum()))


def test_cohorts_are_those_of_the_mart_and_none_is_complete_beside_an_incomplete_month(
    path: Path, view: View
) -> None:
    with open_reader(path) as connection:
        rows = connection.execute(
            """
            select cohort_month, months_since_first, num_active_customers, retention_rate
            from marts.mart_cohort_analysis where cohort_month <= ?
            """,
            [view.period.end],
        ).fetchall()
    found = {
        (row["cohort_month"], row["months_since_first"]): row
        for row in parts.cohort_cells(view)
    }
    assert len(found) == len(rows)
    for cohort, months, num_active, rate in rows:
        cell = found[cohort, months]
        assert cell["num_active_customers"] == num_active
        assert cell["retention_rate"] == pytest.approx(rate)
        if cell["is_complete"]:
            assert view.calendar.is_complete(cohort)


def test_payments_are_those_of_the_months_of_the_period(path: Path, view: View) -> None:
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
    shown = table(view, "payments")
    columns = [one.name for one in shown.columns]
    paid, number = columns.index("Paid (R$)"), columns.index("Payments")
    assert sum(Decimal(str(one[paid])) for one in shown.rows) == row[0]
    assert sum(int(str(one[number])) for one in shown.rows) >= row[1]
    plans = sum(Decimal(str(cell)) for one in shown.rows for cell in one[-4:])
    assert plans == row[0]


# The page


def test_every_tile_names_its_unit_and_the_page_its_period(view: View) -> None:
    shown = render.tiles(view)
    assert len({one.key for one in shown}) == len(shown) == 10
    day = f"{view.period.end.day} {view.period.end:%b %Y}"
    for one in shown:
        assert view.period.label in one.unit or day in one.unit, one.key


def test_a_segment_is_never_compared_with_an_earlier_period(view: View) -> None:
    found = replace(view, where={"segment": ("NEW",)})
    assert found.previous.reason is not None
    assert "segments are those of" in tile(found, "new_customers").html()
    assert "segments are those of" in tile(found, "customers").html()


def test_nobody_who_has_not_had_ninety_days_counts_for_the_early_return(view: View) -> None:
    last = view.calendar.complete_months[-1]
    found = replace(view, period=Period.of_months(last, 1))
    assert found.total()["num_followed_customers"] == 0
    assert tile(found, "early_return_rate").value == "n/a"


def test_the_ninety_days_of_the_metrics_are_those_of_the_models(view: View) -> None:
    """No var is rendered in a semantic model: the number stands there a second time."""
    measures = view.source.definitions.measures
    assert var("new_customer_within_days") == 90
    assert "days_to_return <= 90" in measures["num_back_early"].expression
    assert "- 90" in measures["num_followed_customers"].expression


def test_no_group_below_the_minimum_is_ranked_by_repeat_rate(view: View) -> None:
    shown = chart(view, "repeat_by_state")
    assert "with 300 customers by first sale or more" in shown.subtitle
    few = {
        row["state"]
        for row in asked(view.shown, ("state",))
        if row["num_profiled_customers"] < 300
    }
    assert not few & set(shown.panels[0].figure.data[0].x)


def test_a_csv_holds_all_customers_to_the_centavo(view: View, mart: pd.DataFrame) -> None:
    shown = table(view, "customers")
    rows = list(csv.DictReader(io.StringIO(shown.csv().decode("utf-8"))))
    best = until(mart, view.period.end).sort_values(
        ["revenue_amount", "customer_unique_id"], ascending=[False, True]
    )
    assert [row["Customer"] for row in rows] == list(best["customer_unique_id"])
    assert [row[0] for row in shown.rows] == list(best["customer_unique_id"][: len(shown.rows)])
    revenue = sum(Decimal(row["Revenue (R$)"]) for row in rows)
    assert revenue * 100 == int(best["revenue_amount"].sum())


def test_filters_that_leave_nobody_say_so_calmly(view: View) -> None:
    nobody = replace(view, where={"state": ("XX",)})
    assert nobody.is_empty
    assert "No customers match these filters" in shell.summary(nobody).text
    assert shell.charts(nobody) is None
    assert shell.rows(nobody) is None


def test_customers_of_earlier_periods_are_shown_where_none_is_new(view: View) -> None:
    churned = replace(view, where={"segment": ("CHURNED",)})
    assert not churned.is_empty
    assert tile(churned, "new_customers").value == "0"
    assert chart(churned, "segments").finding.startswith("Churned")
    assert len(render.charts(churned)) == 9
    assert replace(churned, chosen=NEW).is_empty


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(view: View) -> None:
    assert replace(view, where={"state": ("SP') or ('1'='1",)}).is_empty


@pytest.mark.benchmark
def test_the_whole_page_is_read_within_a_second(view: View) -> None:
    fresh = replace(view, where={"state": ("SP", "RJ")})
    asked: dict[str, tuple[str, Mapping[str, Any]]] = {}
    read = Source.rows

    def recorded(source: Source, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        asked[repr((sql, values))] = sql, values
        return read(source, sql, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Source, "rows", recorded)
        shell.summary(fresh)
        render.charts(fresh)
        render.tables(fresh)
    assert len(asked) > 10
    # The same queries once more, of which nothing is kept.
    start = time.perf_counter()
    for sql, values in asked.values():
        fresh.source.connection.execute(sql, values).fetchall()
    assert time.perf_counter() - start < 1
