"""The customers and the products dashboard in a real browser, over generated data.

Each page is opened once and asked much: opening it is what takes the time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.customers import PAGE as CUSTOMERS
from dashboards.lib import format as fmt
from dashboards.lib.parts import customers as parts
from dashboards.lib.parts.products import CATALOGUE
from dashboards.lib.periods import Period
from dashboards.lib.view import View
from dashboards.products import PAGE
from tests.support.browser import (
    PATIENCE,
    chart,
    choose,
    download,
    expect_fitting,
    select,
    settle,
    tile,
    widen,
)
from tests.support.pages import table, view_of

pytestmark = pytest.mark.browser

CHARTS = {"customers": 9, "products": 8}
TILES = {"customers": 10, "products": 10}


def value(page: Page, key: str) -> Callable[[str], None]:
    """What a tile is expected to show."""

    def shows(text: str) -> None:
        expect(tile(page, key).locator(".dw-value")).to_have_text(text, timeout=PATIENCE)

    return shows


def open_page(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}")
    expect(page.locator("[data-tile]")).to_have_count(TILES[name], timeout=PATIENCE)
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    # Generated customers are few: where none can be ranked a card has no figure.
    expect(page.locator("[data-chart]")).to_have_count(CHARTS[name])
    settle(page)


@pytest.fixture(scope="module")
def half_year(built_warehouse: Path) -> Period:
    return view_of(CUSTOMERS, built_warehouse).period


def test_customers_fits_its_screens_and_every_filter_changes_what_it_should(
    page: Page, dashboards_url: str, built_warehouse: Path, half_year: Period
) -> None:
    def expected(period: Period, **where: tuple[str, ...]) -> View:
        return view_of(CUSTOMERS, built_warehouse, period, where)

    def new(view: View) -> str:
        return fmt.count(view.total()["num_new_customers"])

    def to_date(view: View) -> str:
        return fmt.count(parts.known(view, view.period)["num_customers"])

    open_page(page, dashboards_url, "customers")
    whole = expected(half_year)
    value(page, "new_customers")(new(whole))
    value(page, "customers")(to_date(whole))
    name, rows = download(page, "customers")
    assert name == f"customers_customers_{half_year.start}_{half_year.end}.csv"
    listed = [row["Customer"] for row in rows]
    assert f"{len(listed):,}" == to_date(whole)
    first = table(whole, "customers").rows
    assert listed[: len(first)] == [row[0] for row in first]

    expect_fitting(page, "customers")
    widen(page)

    page.locator(".dw-filter select").first.select_option(label="Last 3 complete months")
    quarter = whole.calendar.last_complete(3)
    assert quarter is not None
    value(page, "new_customers")(new(expected(quarter)))
    settle(page)

    choose(page, "Regions", "Southeast")
    value(page, "new_customers")(new(expected(quarter, region=("Southeast",))))
    settle(page)

    choose(page, "States", "SP, São Paulo")
    places = {"region": ("Southeast",), "state": ("SP",)}
    value(page, "new_customers")(new(expected(quarter, **places)))
    settle(page)

    choose(page, "Segments", "Churned")
    value(page, "customers")(to_date(expected(quarter, **places, segment=("CHURNED",))))
    expect(tile(page, "customers")).to_contain_text("segments are those of")
    page.get_by_role("tab", name="By segment").click()
    expect(page.locator("table tbody tr td").first).to_have_text("Churned")
    settle(page)

    # Who is new in the last three months cannot have stayed away for a year.
    select(page, "Charts and rows show", "New ones only")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No customers match these filters", timeout=PATIENCE)
    expect(page.locator("[data-tile], [data-chart]")).to_have_count(0)


def test_a_link_to_customers_restores_its_choices(
    page: Page, dashboards_url: str, built_warehouse: Path
) -> None:
    where = {"region": ("Southeast",), "state": ("SP", "RJ"), "segment": ("NEW",)}
    period = Period.of_months(view_of(CUSTOMERS, built_warehouse).period.end, 1)
    view = view_of(CUSTOMERS, built_warehouse, period, where)
    page.goto(
        f"{dashboards_url}customers/?period=last-3-complete-months&from={period.start}"
        "&region=Southeast&state=SP,RJ&segment=NEW&whom=new-ones-only"
    )
    value(page, "new_customers")(fmt.count(view.total()["num_new_customers"]))
    expect(page.locator(".dw-heading").first).to_contain_text(
        f"{period.label}, Southeast, RJ, SP, New"
    )
    expect(chart(page, "segments")).to_contain_text(f"first sale {period.label}")
    settle(page)


def test_products_fits_its_screens_and_every_filter_changes_what_it_should(  # noqa: PLR0915
    page: Page, dashboards_url: str, built_warehouse: Path, half_year: Period
) -> None:
    def shows(**chosen: tuple[str, ...]) -> None:
        expected = view_of(PAGE, built_warehouse, period, chosen)
        if expected.has_rows(CATALOGUE):
            products = fmt.count(expected.total(CATALOGUE)["num_products"])
            value(page, "products")(products)
        value(page, "gmv")(fmt.brl(expected.total()["gmv_amount"]))

    period = half_year
    open_page(page, dashboards_url, "products")
    shows()
    name, rows = download(page, "products")
    opened = view_of(PAGE, built_warehouse)
    days = opened.all_days  # a product's sales know no period
    assert name == f"products_products_{days.start}_{days.end}.csv"
    assert [row["Product"] for row in rows] == [
        row[0] for row in table(opened, "products").all_rows()
    ]

    expect_fitting(page, "products")
    widen(page)

    period = Period.of_months(half_year.end, 1)
    page.locator(".dw-filter select").nth(1).select_option(label=period.label)
    shows()
    settle(page)

    choose(page, "Regions", "Southeast")
    shows(region=("Southeast",))
    settle(page)

    chosen: dict[str, tuple[str, ...]] = {"region": ("Southeast",), "state": ("SP",)}
    choose(page, "States", "SP, S\u00e3o Paulo")
    shows(**chosen)
    settle(page)

    chosen["category_group"] = ("Health & Beauty",)
    choose(page, "Groups", "Health & Beauty")
    shows(**chosen)
    settle(page)

    chosen["category"] = ("health_beauty",)
    choose(page, "Categories", "Health & beauty")
    shows(**chosen)
    settle(page)

    chosen["abc_class"] = ("B",)
    choose(page, "ABC classes", "B")
    shows(**chosen)
    expect(chart(page, "abc")).to_contain_text("class B")
    settle(page)

    choose(page, "Stages", "Steady")  # what sells steadily is of class A here
    expect(page.locator(".dw-message")).to_contain_text(
        "No products match these filters", timeout=PATIENCE
    )
    expect(tile(page, "gmv")).to_be_visible()

    settle(page)

    # The address says it all: a link restores the page.
    choose(page, "Stages", "Discontinued")
    chosen["stage"] = ("STEADY", "DISCONTINUED")
    shows(**chosen)
    settle(page)
    page.goto(page.url)
    shows(**chosen)
    settle(page)
    for label in ("Southeast", "SP, S\u00e3o Paulo", "Health & Beauty", "Health & beauty", "B"):
        expect(page.locator(".dw-filter").get_by_text(label, exact=True)).to_be_visible()
    assert page.url.endswith(
        f"?from={period.start}&region=Southeast&state=SP&category_group=Health+%26+Beauty"
        "&category=health_beauty&abc_class=B&stage=DISCONTINUED%2CSTEADY"
    )
