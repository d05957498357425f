"""The products dashboard's figures, read from a warehouse and counted again in pandas."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards.lib import render, shell
from dashboards.lib.growth import grown
from dashboards.lib.parts.products import CATALOGUE, CATEGORY, GROWTH, cuts
from dashboards.lib.periods import Period
from dashboards.lib.view import View
from dashboards.products import PAGE
from orchestration.warehouse.store import open_reader
from tests.support.pages import chart, table, tile, view_of

# The metrics that are sums, and the columns of the mart they are of.
SUMS = {
    "num_items": "num_units",
    "num_category_orders": "num_orders_of_any_status",
    "num_reviewed_category_orders": "num_reviewed_orders",
    "gmv_amount": "gmv_amount",
    "freight_amount": "freight_amount",
    "revenue_amount": "revenue_amount",
}
RATIOS = {
    "category_cancellation_rate": ("num_canceled_orders", "num_orders_of_any_status"),
    "category_review_score": ("sum_review_score", "num_reviewed_orders"),
    "freight_share": ("freight_amount", "revenue_amount"),
}
METRICS = (*SUMS, *RATIOS)


def mart_of(path: Path, name: str) -> pd.DataFrame:
    """A whole mart, its amounts in centavos."""
    with open_reader(path) as connection:
        return connection.execute(
            f"""
            select * replace (
                cast(gmv_amount * 100 as bigint) as gmv_amount,
                cast(freight_amount * 100 as bigint) as freight_amount,
                cast(revenue_amount * 100 as bigint) as revenue_amount
            )
            from marts.{name}
            """
        ).df()


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def path(request: pytest.FixtureRequest) -> Path:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    found: Path = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module")
def sales(path: Path) -> pd.DataFrame:
    return mart_of(path, "mart_category_performance")


@pytest.fixture(scope="module")
def catalogue(path: Path) -> pd.DataFrame:
    return mart_of(path, CATALOGUE)


@pytest.fixture(scope="module")
def view(path: Path) -> View:
    return view_of(PAGE, path)


def within(sales: pd.DataFrame, period: Period) -> pd.DataFrame:
    return sales[pd.to_datetime(sales["order_month"]).isin(pd.to_datetime(period.months))]


def assert_same(found: Mapping[str, Any], rows: pd.DataFrame) -> None:
    for name, column in SUMS.items():
        in_mart = int(rows[column].sum())
        assert found[name] * (100 if name.endswith("_amount") else 1) == in_mart, name
    for name, (above, below) in RATIOS.items():
        whole = int(rows[below].sum())
        expected = pytest.approx(int(rows[above].sum()) / whole) if whole else None
        assert found[name] == expected, name


# The sums


def test_totals_and_the_periods_they_are_compared_with_are_those_of_the_mart(
    view: View, sales: pd.DataFrame
) -> None:
    for period in (view.period, view.previous.period, view.year_earlier.period):
        assert_same(view.ask(METRICS, period=period)[0], within(sales, period))


def test_months_and_categories_add_up_to_their_own_rows(
    view: View, sales: pd.DataFrame
) -> None:
    chosen = within(sales, view.period)
    for row in view.ask(METRICS, CATEGORY):
        assert_same(row, chosen[chosen["category_name_english"] == row[CATEGORY[0]]])
    for month, values in view.by_month(METRICS).items():
        own = sales[pd.to_datetime(sales["order_month"]) == pd.Timestamp(month)]
        if values:
            assert_same(values, own)
        else:
            assert own.empty


def test_growth_is_that_of_gmv_on_the_compared_period_from_a_hundred_units_on(
    view: View, sales: pd.DataFrame
) -> None:
    now, before = (
        within(sales, period)
        .groupby("category_name_english")[["gmv_amount", "num_units"]]
        .sum()
        for period in (view.period, view.growth_base.period)
    )
    rows = grown(view, GROWTH)
    ranked = before[before["num_units"] >= 100].index
    assert {row.before[CATEGORY[0]] for row in rows} == set(ranked)
    for row in rows:
        name = row.before[CATEGORY[0]]
        size = now["gmv_amount"].get(name, 0) / before["gmv_amount"][name] - 1
        assert row.growth == pytest.approx(size), name
    sizes = [row.growth for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    growing = str(sum(size > 0 for size in sizes)) if sizes else "n/a"
    assert tile(view, "growing_categories").value == growing


@pytest.mark.parametrize(
    ("chosen", "column", "value"),
    [
        ({"state": ("RJ",)}, "customer_state", "RJ"),
        ({"region": ("South",)}, "region", "South"),
        ({"category": ("health_beauty",)}, "category_name_english", "health_beauty"),
        ({"category_group": ("Home & Furniture",)}, "category_group", "Home & Furniture"),
    ],
    ids=["a state", "a region", "a category", "a group"],
)
def test_a_filter_leaves_the_sales_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: View,
    sales: pd.DataFrame,
    chosen: dict[str, tuple[str, ...]],
    column: str,
    value: str,
) -> None:
    found = view_of(PAGE, path, view.period, chosen)
    rows = within(sales, view.period)
    assert found.has_rows()
    assert_same(found.ask(METRICS)[0], rows[rows[column] == value])


@pytest.mark.parametrize(
    ("chosen", "column", "value"),
    [
        ({}, "is_unknown", None),
        ({"stage": ("DISCONTINUED",)}, "lifecycle_stage", "DISCONTINUED"),
        ({"abc_class": ("A",)}, "abc_class", "A"),
        ({"category": ("health_beauty",)}, "category_name_english", "health_beauty"),
    ],
    ids=["everything", "a stage", "a class", "a category"],
)
def test_a_filter_leaves_the_products_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: View,
    catalogue: pd.DataFrame,
    chosen: dict[str, tuple[str, ...]],
    column: str,
    value: str | None,
) -> None:
    found = view_of(PAGE, path, view.period, chosen)
    rows = catalogue if value is None else catalogue[catalogue[column] == value]
    total = found.total(CATALOGUE)
    assert total["num_products"] == len(rows)
    gmv = found.ask(("gmv_of_products_amount",), mart=CATALOGUE)[0]["gmv_of_products_amount"]
    assert gmv * 100 == int(rows["gmv_amount"].sum())
    stages = found.ask(("num_products",), ("lifecycle_stage",), mart=CATALOGUE)
    assert {row["lifecycle_stage"]: row["num_products"] for row in stages} == rows[
        "lifecycle_stage"
    ].value_counts().to_dict()
    assert total["num_recently_sold_products"] == int((rows["num_recent_units"] > 0).sum())
    gone = rows["lifecycle_stage"] == "DISCONTINUED"
    assert total["discontinued_product_rate"] == pytest.approx(gone.mean())
    assert total["discontinued_gmv_rate"] == pytest.approx(
        rows[gone]["gmv_amount"].sum() / rows["gmv_amount"].sum()
    )


def test_the_number_behind_eighty_percent_is_that_of_class_a(
    view: View, catalogue: pd.DataFrame
) -> None:
    classes = catalogue["abc_class"].value_counts()
    found = cuts(view)
    assert (found["num_a"], found["num_b"]) == (classes["A"], classes["A"] + classes["B"])


def test_the_curve_is_the_cumulative_gmv_of_the_products_sold(
    view: View, catalogue: pd.DataFrame
) -> None:
    sold = catalogue[catalogue["num_units"] > 0].sort_values("gmv_rank")["gmv_amount"]
    so_far = (sold.cumsum() / sold.sum()).to_list()
    curve = chart(view, "abc").panels[0].figure.data[0]
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    for x, y in list(zip(curve.x, curve.y, strict=True))[1:]:
        assert y == pytest.approx(so_far[round(x * len(sold)) - 1])
    assert len(curve.x) > 100
    top = so_far[int(0.2 * len(sold)) - 1]
    assert f"make {top:.1%} of GMV" in chart(view, "abc").finding


def test_rated_products_have_reviews_enough_and_the_best_come_first(
    view: View, catalogue: pd.DataFrame
) -> None:
    ranked = catalogue[catalogue["num_reviewed_orders"] >= 10]["average_review_score"]
    best, worst = (list(one.figure.data[0].x) for one in chart(view, "product_stars").panels)
    assert best == pytest.approx(sorted(ranked, reverse=True)[: len(best)])
    assert worst == pytest.approx(sorted(ranked)[: len(worst)])


# The page


def test_every_tile_names_its_unit_and_its_period_or_its_day(view: View) -> None:
    shown = render.tiles(view)
    as_of = view.source.info.as_of_date
    assert len({one.key for one in shown}) == len(shown) == 10
    for one in shown:
        assert view.period.label in one.unit or f"{as_of.day} {as_of:%b %Y}" in one.unit


def test_rankings_name_the_volume_from_which_they_rank(view: View) -> None:
    shown = {chart.key: chart.subtitle for chart in render.charts(view)}
    assert "100 units sold or more" in shown["growth"]
    assert "100 units sold or more" in shown["freight"]
    assert "100 reviewed orders by category or more" in shown["category_stars"]
    assert "10 reviewed orders by product or more" in shown["product_stars"]


def test_charts_that_a_filter_does_not_act_on_say_so(view: View) -> None:
    shown = {chart.key: chart.subtitle for chart in render.charts(view)}
    for key in ("abc", "stages", "product_stars"):
        assert "period and states do not act here" in shown[key]


def test_an_incomplete_period_is_not_compared(path: Path, view: View) -> None:
    found = view_of(PAGE, path, view.calendar.whole_months)
    assert grown(found, GROWTH) == []
    assert chart(found, "growth").panels == ()
    place = [one.name for one in table(found, "by_category").columns].index("GMV change (%)")
    assert {row[place] for row in table(found, "by_category").rows} == {None}


def test_the_tables_add_up_to_the_tile_and_leave_no_product_out(
    view: View, catalogue: pd.DataFrame
) -> None:
    for key in ("by_category", "by_month"):
        rows = csv.DictReader(io.StringIO(table(view, key).csv().decode("utf-8")))
        assert sum(Decimal(row["GMV (R$)"]) for row in rows) == view.total()["gmv_amount"]
    listed = [row[0] for row in table(view, "products").all_rows()]
    assert listed == catalogue.sort_values("gmv_rank")["product_id"].to_list()


def test_filters_that_leave_no_sale_keep_the_products_and_say_so(
    path: Path, view: View
) -> None:
    found = view_of(PAGE, path, view.period, {"state": ("XX",)})
    assert not found.has_rows()
    text = shell.summary(found).text
    assert "No sales match these filters" in text
    assert 'data-tile="products"' in text
    assert 'data-tile="gmv"' not in text
    assert {one.key for one in render.charts(found)} == {"abc", "stages", "product_stars"}
    assert [one.key for one in render.tables(found)] == ["products"]


def test_filters_that_leave_nothing_say_so_calmly(path: Path, view: View) -> None:
    found = view_of(PAGE, path, view.period, {"category": ("no such thing",)})
    assert "No products match these filters" in shell.summary(found).text
    assert shell.charts(found) is None
    assert shell.rows(found) is None


@pytest.mark.benchmark
def test_the_whole_page_is_read_within_a_second(view: View) -> None:
    start = time.perf_counter()
    render.tiles(view)
    render.charts(view)
    assert time.perf_counter() - start < 1
