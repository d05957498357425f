"""The products dashboard's figures, read from a warehouse and counted again in pandas."""

from __future__ import annotations

import csv
import io
import time
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from dashboards.lib.periods import Period
from dashboards.lib.products import charts, data, sections, tables, tiles
from dashboards.lib.products.data import ProductsData
from dashboards.lib.products.measures import (
    CategoryMeasures,
    CurvePoint,
    Slice,
    curve_points,
    gmv_rate_at,
)
from dashboards.lib.queries.products import ProductScope
from orchestration.warehouse import open_reader


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
    return mart_of(path, "mart_product_performance")


@pytest.fixture(scope="module")
def view(path: Path) -> ProductsData:
    calendar = data.load_outline(path).calendar
    return data.load(path, ProductScope(calendar.default_period()))


def within(sales: pd.DataFrame, period: Period) -> pd.DataFrame:
    return sales[pd.to_datetime(sales["order_month"]).isin(pd.to_datetime(period.months))]


def assert_same(measures: CategoryMeasures, rows: pd.DataFrame) -> None:
    for name in ("num_units", "num_orders", "num_canceled_orders", "sum_review_score"):
        assert getattr(measures, name) == int(rows[name].sum()), name
    for name in ("gmv_amount", "freight_amount", "revenue_amount"):
        assert getattr(measures, name) * 100 == int(rows[name].sum()), name


# The sums


def test_totals_and_the_periods_they_are_compared_with_are_those_of_the_mart(
    view: ProductsData, sales: pd.DataFrame
) -> None:
    assert_same(view.current, within(sales, view.period))
    for one in (view.previous, view.year_earlier):
        if one.measures is not None:
            assert_same(one.measures, within(sales, one.period))


def test_months_and_categories_add_up_to_their_own_rows(
    view: ProductsData, sales: pd.DataFrame
) -> None:
    chosen = within(sales, view.period)
    for one in view.categories:
        assert_same(one.now, chosen[chosen["category_name_english"] == one.name])
    for point in view.months:
        assert_same(
            point.measures,
            sales[pd.to_datetime(sales["order_month"]) == pd.Timestamp(point.month)],
        )


def test_growth_is_that_of_gmv_on_the_compared_period(
    view: ProductsData, sales: pd.DataFrame
) -> None:
    now, before = (
        within(sales, period)
        .groupby("category_name_english")[["gmv_amount", "num_units"]]
        .sum()
        for period in (view.period, view.growth_base.period)
    )
    for one in view.categories:
        was = before["gmv_amount"].get(one.name, 0)
        grown = now["gmv_amount"].get(one.name, 0) / was - 1 if was else None
        assert one.change == (None if grown is None else pytest.approx(grown)), one.name


def test_categories_are_ranked_by_growth_from_a_hundred_units_on(
    view: ProductsData, sales: pd.DataFrame
) -> None:
    before = within(sales, view.growth_base.period)
    units = before.groupby("category_name_english")["num_units"].sum()
    ranked = [one.name for one in view.rankable]
    assert set(ranked) == set(units[units >= 100].index)
    changes = [one.change or 0 for one in view.rankable]
    assert changes == sorted(changes, reverse=True)


@pytest.mark.parametrize(
    ("chosen", "column", "value"),
    [
        ({"states": ("RJ",)}, "customer_state", "RJ"),
        ({"regions": ("South",)}, "region", "South"),
        ({"categories": ("health_beauty",)}, "category_name_english", "health_beauty"),
        ({"groups": ("Home & Furniture",)}, "category_group", "Home & Furniture"),
    ],
    ids=["a state", "a region", "a category", "a group"],
)
def test_a_filter_leaves_the_sales_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: ProductsData,
    sales: pd.DataFrame,
    chosen: dict[str, tuple[str, ...]],
    column: str,
    value: str,
) -> None:
    found = data.load(path, ProductScope(view.period, **chosen))
    rows = within(sales, view.period)
    assert not found.has_no_sales
    assert_same(found.current, rows[rows[column] == value])


@pytest.mark.parametrize(
    ("chosen", "column", "value"),
    [
        ({}, "is_unknown", None),
        ({"stages": ("DISCONTINUED",)}, "lifecycle_stage", "DISCONTINUED"),
        ({"classes": ("A",)}, "abc_class", "A"),
        ({"categories": ("health_beauty",)}, "category_name_english", "health_beauty"),
    ],
    ids=["everything", "a stage", "a class", "a category"],
)
def test_a_filter_leaves_the_products_it_names(  # noqa: PLR0913, PLR0917 - each is a value
    path: Path,
    view: ProductsData,
    catalogue: pd.DataFrame,
    chosen: dict[str, tuple[str, ...]],
    column: str,
    value: str | None,
) -> None:
    found = data.load(path, ProductScope(view.period, **chosen))
    rows = catalogue if value is None else catalogue[catalogue[column] == value]
    assert found.catalogue.num_products == len(rows)
    assert found.catalogue.gmv_amount * 100 == int(rows["gmv_amount"].sum())
    assert {one.name: one.measures.num_products for one in found.stages} == rows[
        "lifecycle_stage"
    ].value_counts().to_dict()
    assert found.num_recent == int((rows["num_recent_units"] > 0).sum())


def test_the_number_behind_eighty_percent_is_that_of_class_a(
    view: ProductsData, catalogue: pd.DataFrame
) -> None:
    classes = catalogue["abc_class"].value_counts()
    assert view.concentration.num_to_cuts == (classes["A"], classes["A"] + classes["B"])


def test_rated_products_have_reviews_enough_and_the_best_come_first(
    view: ProductsData, catalogue: pd.DataFrame
) -> None:
    ranked = catalogue[catalogue["num_reviewed_orders"] >= 10]["average_review_score"]
    best = [one.average_review_score for one in view.best]
    worst = [one.average_review_score for one in view.worst]
    assert best == pytest.approx(sorted(ranked, reverse=True)[: len(best)])
    assert worst == pytest.approx(sorted(ranked)[: len(worst)])


# The page


def test_every_tile_names_its_unit_and_its_period_or_its_day(view: ProductsData) -> None:
    shown = tiles.tiles(view)
    day = f"{view.info.as_of_date.day} {view.info.as_of_date:%b %Y}"
    assert len({one.key for one in shown}) == len(shown) == 10
    for one in shown:
        assert view.period.label in one.unit or day in one.unit, one.key


def test_rankings_name_the_volume_from_which_they_rank(view: ProductsData) -> None:
    shown = {chart.key: chart.subtitle for chart in charts.charts(view)}
    assert "100 units or more" in shown["growth"]
    assert "100 units or more" in shown["freight"]
    assert "100 reviewed orders or more" in shown["category_stars"]
    assert "10 reviewed orders or more" in shown["product_stars"]


def test_charts_that_a_filter_does_not_act_on_say_so(view: ProductsData) -> None:
    shown = {chart.key: chart.subtitle for chart in charts.charts(view)}
    for key in ("abc", "stages", "product_stars"):
        assert "period and states do not act here" in shown[key]


def test_an_incomplete_period_is_not_compared(path: Path, view: ProductsData) -> None:
    found = data.load(path, ProductScope(view.calendar.whole_months))
    assert found.growth_base.measures is None
    assert found.rankable == ()
    assert all(one.change is None for one in found.categories)


def test_a_csv_of_categories_adds_up_to_the_tile_to_the_centavo(view: ProductsData) -> None:
    table = next(one for one in tables.tables(view) if one.key == "by_category")
    rows = csv.DictReader(io.StringIO(table.csv().decode("utf-8")))
    assert sum(Decimal(row["GMV (R$)"]) for row in rows) == view.current.gmv_amount


def test_filters_that_leave_no_sale_keep_the_products_and_say_so(
    path: Path, view: ProductsData
) -> None:
    found = data.load(path, ProductScope(view.period, states=("XX",)))
    assert found.has_no_sales
    text = sections.answer(found).text
    assert "No sales match these filters" in text
    assert 'data-tile="products"' in text
    assert 'data-tile="gmv"' not in text


def test_filters_that_leave_nothing_say_so_calmly(path: Path, view: ProductsData) -> None:
    found = data.load(path, ProductScope(view.period, categories=("no such thing",)))
    assert "No products match these filters" in sections.answer(found).text
    assert sections.why(found) is None
    assert sections.rows(found) is None


def test_a_curve_runs_from_nothing_to_everything() -> None:
    points = curve_points([Slice(1, Decimal(60)), Slice(1, Decimal(30)), Slice(2, Decimal(10))])
    assert points[0] == CurvePoint(0, 0)
    assert points[1] == CurvePoint(0.25, 0.6)
    assert points[-1] == CurvePoint(1, 1)
    assert gmv_rate_at(points, 0.375) == pytest.approx(0.75)
    assert curve_points([Slice(5, Decimal(0))]) == ()


@pytest.mark.benchmark
def test_the_whole_page_is_read_within_a_second(path: Path, view: ProductsData) -> None:
    start = time.perf_counter()
    data.load(path, view.scope)
    assert time.perf_counter() - start < 1
