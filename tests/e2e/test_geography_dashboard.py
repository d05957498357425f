"""The geography dashboard in a real browser, over the generated warehouse."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from dashboards.lib.executive.data import load_outline
from orchestration.warehouse import open_reader
from tests.support.browser import (
    PATIENCE,
    SIZES,
    chart,
    choose,
    expect_charts,
    settle,
    tile,
    wider_than_the_screen,
)

pytestmark = pytest.mark.browser

CHARTS = 8


def _one(warehouse: Path, query: str) -> Decimal:
    with open_reader(warehouse) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return Decimal(str(row[0]))


def _revenue(warehouse: Path, condition: str = "true") -> Decimal:
    days = load_outline(warehouse).calendar.default_period()
    return _one(
        warehouse,
        "select sum(revenue_amount) from marts.mart_executive_dashboard "
        f"where order_date between '{days.start}' and '{days.end}' and {condition}",
    )


def _open(page: Page, url: str) -> None:
    page.goto(f"{url}geography")
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)


def _expect_revenue(page: Page, amount: Decimal) -> None:
    shown = f"R$\N{NO-BREAK SPACE}{amount:,.0f}"
    expect(tile(page, "revenue").locator(".dw-value")).to_have_text(shown, timeout=PATIENCE)


def test_the_page_opens_with_the_answer_the_maps_and_a_banner(
    page: Page, dashboards_url: str, built_warehouse: Path
) -> None:
    _open(page, dashboards_url)
    _expect_revenue(page, _revenue(built_warehouse))
    expect(page.locator("[data-tile]")).to_have_count(10)
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    expect_charts(page, CHARTS)
    expect(chart(page, "state_map").locator("g.scatterlayer .trace")).to_have_count(27)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_nothing_is_wider_than_the_screen(
    page: Page, dashboards_url: str, name: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    _open(page, dashboards_url)
    expect_charts(page, CHARTS)
    assert wider_than_the_screen(page, f"geography_{name}", size) == []


def test_charts_keep_their_height_when_the_screen_is_turned(
    page: Page, dashboards_url: str
) -> None:
    page.set_viewport_size(SIZES["narrow"])
    _open(page, dashboards_url)
    settle(page, CHARTS)
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_timeout(1500)
    box = chart(page, "city_map").bounding_box()
    assert box is not None
    assert box["height"] > 400


def test_states_and_the_minimum_of_orders_change_what_they_should(
    page: Page, dashboards_url: str, built_warehouse: Path
) -> None:
    _open(page, dashboards_url)
    settle(page, CHARTS)
    choose(page, "States", "SP")
    _expect_revenue(page, _revenue(built_warehouse, "customer_state = 'SP'"))
    settle(page, CHARTS)
    revenue = tile(page, "revenue").inner_text()

    page.locator(".dw-filter", has_text="Cities with").locator("select").select_option(
        label="50 orders or more"
    )
    cities = _one(
        built_warehouse,
        "select count(*) from marts.mart_geographic_analysis "
        "where state = 'SP' and num_orders >= 50",
    )
    expect(tile(page, "cities")).to_contain_text(f"{cities} of them", timeout=PATIENCE)
    expect(page.locator("table tbody tr")).to_have_count(int(cities))
    assert tile(page, "revenue").inner_text() == revenue


def test_a_minimum_that_leaves_no_city_says_so_and_keeps_the_rest(
    page: Page, dashboards_url: str
) -> None:
    _open(page, dashboards_url)
    settle(page, CHARTS)
    choose(page, "Regions", "North")
    settle(page, CHARTS - 1)
    expect(page.locator(".dw-message")).to_contain_text("No city matches", timeout=PATIENCE)
    expect(page.get_by_role("tab", name="By city")).to_have_count(0)
    expect(chart(page, "state_map")).to_be_visible()


def test_the_map_shows_the_measure_that_is_chosen(page: Page, dashboards_url: str) -> None:
    _open(page, dashboards_url)
    settle(page, CHARTS)
    page.locator(".dw-filter", has_text="Map of states").locator("select").select_option(
        label="Delivery time"
    )
    title = chart(page, "state_map").locator("h3")
    expect(title).to_contain_text("Delivery time is longest in", timeout=PATIENCE)


def test_the_cities_can_be_taken_away_as_csv(
    page: Page, dashboards_url: str, built_warehouse: Path
) -> None:
    _open(page, dashboards_url)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download CSV, by city").click()
    text = Path(started.value.path()).read_text(encoding="utf-8")
    found = [Decimal(row["Revenue (R$)"]) for row in csv.DictReader(io.StringIO(text))]
    expected = _one(
        built_warehouse,
        "select sum(revenue_amount) from marts.mart_geographic_analysis where num_orders >= 20",
    )
    assert sum(found) == expected
