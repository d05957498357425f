"""The geography dashboard in a real browser, over the generated warehouse.

The page is opened once and asked much: opening it is what takes the time.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.geography import PAGE
from orchestration.warehouse.store import open_reader
from tests.support.browser import (
    NARROW,
    PATIENCE,
    chart,
    choose,
    download,
    expect_fitting,
    settle,
    tile,
    widen,
)
from tests.support.pages import view_of

pytestmark = pytest.mark.browser


def _one(warehouse: Path, query: str) -> Decimal:
    with open_reader(warehouse) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return Decimal(str(row[0]))


def _revenue(warehouse: Path, condition: str = "true") -> Decimal:
    days = view_of(PAGE, warehouse).period
    return _one(
        warehouse,
        "select sum(revenue_amount) from marts.mart_executive_dashboard "
        f"where order_date between '{days.start}' and '{days.end}' and {condition}",
    )


def _expect_revenue(page: Page, amount: Decimal) -> None:
    shown = f"R$\N{NO-BREAK SPACE}{amount:,.0f}"
    expect(tile(page, "revenue").locator(".dw-value")).to_have_text(shown, timeout=PATIENCE)


def test_the_page_answers_fits_its_screens_and_every_filter_changes_what_it_should(
    page: Page, dashboards_url: str, built_warehouse: Path
) -> None:
    page.goto(f"{dashboards_url}geography")
    _expect_revenue(page, _revenue(built_warehouse))
    expect(page.locator("[data-tile]")).to_have_count(10)
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    settle(page)
    expect(chart(page, "state_map").locator("g.scatterlayer .trace")).to_have_count(27)
    _expect_all_cities_in_the_download(page, built_warehouse)
    expect_fitting(page, "geography")
    _expect_charts_to_keep_their_height_when_the_screen_is_turned(page)
    widen(page)

    _select(page, "Map of states", "Delivery time")
    title = chart(page, "state_map").locator("h3")
    expect(title).to_contain_text("Delivery time is longest in", timeout=PATIENCE)
    settle(page)

    choose(page, "States", "SP, São Paulo")
    _expect_revenue(page, _revenue(built_warehouse, "customer_state = 'SP'"))
    settle(page)
    revenue = tile(page, "revenue").inner_text()

    _select(page, "Cities with", "50 orders or more")
    cities = _one(
        built_warehouse,
        "select count(*) from marts.mart_geographic_analysis "
        "where state = 'SP' and num_orders >= 50",
    )
    expect(tile(page, "cities")).to_contain_text(f"{cities} of them", timeout=PATIENCE)
    settle(page)
    expect(page.locator("table tbody tr")).to_have_count(int(cities))
    assert tile(page, "revenue").inner_text() == revenue

    # The address says it all: a link restores the page.
    assert set(page.url.partition("?")[2].split("&")) == {
        "state=SP",
        "cities=50-orders-or-more",
        "map=delivery-time",
    }
    page.goto(f"{page.url}&region=Southeast")
    _expect_revenue(page, _revenue(built_warehouse, "customer_state = 'SP'"))
    expect(title).to_contain_text("Delivery time in São Paulo", timeout=PATIENCE)
    expect(tile(page, "cities")).to_contain_text(f"{cities} of them")
    expect(page.locator(".dw-filter").get_by_text("Southeast", exact=True)).to_be_visible()
    settle(page)

    # A minimum that leaves no city leaves the rest.
    page.goto(f"{dashboards_url}geography/?region=North&cities=500-orders-or-more")
    _expect_revenue(page, _revenue(built_warehouse, "region = 'North'"))
    settle(page)
    expect(chart(page, "city_map")).to_have_count(0)
    expect(page.get_by_role("tab", name="By city")).to_have_count(0)
    expect(chart(page, "state_map")).to_be_visible()


def _select(page: Page, label: str, option: str) -> None:
    page.locator(".dw-filter", has_text=label).locator("select").select_option(label=option)


def _expect_all_cities_in_the_download(page: Page, warehouse: Path) -> None:
    _, rows = download(page, "by city")
    assert sum(Decimal(row["Revenue (R$)"]) for row in rows) == _one(
        warehouse,
        "select sum(revenue_amount) from marts.mart_geographic_analysis where num_orders >= 20",
    )


def _expect_charts_to_keep_their_height_when_the_screen_is_turned(page: Page) -> None:
    page.set_viewport_size({"width": NARROW["height"], "height": NARROW["width"]})
    settle(page)
    box = chart(page, "city_map").bounding_box()
    assert box is not None
    assert box["height"] > 400
