"""The sellers and the delivery dashboard in a real browser, over generated data.

Each page is opened once and asked much: opening it is what takes the time. What the tiles
are expected to show is added up from the marts by statements of the tests' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period, add_months
from dashboards.lib.queries.warehouse import read_calendar
from orchestration.warehouse.store import open_reader
from tests.support.browser import (
    PATIENCE,
    chart,
    download,
    expect_fitting,
    select,
    settle,
    tile,
    widen,
)

pytestmark = pytest.mark.browser

CHARTS = {"sellers": 9, "delivery": 9}
TILES = {"sellers": 10, "delivery": 11}


@dataclass(frozen=True)
class Mart:
    """The warehouse behind the page, and the period the page opens on."""

    connection: duckdb.DuckDBPyConnection
    period: Period

    def one(self, statement: str) -> Any:  # noqa: ANN401 - whatever the statement selects
        """The only value of a statement; ``{period}`` stands for the chosen months."""
        months = f"order_month between '{self.period.start}' and '{self.period.end}'"
        row = self.connection.execute(statement.format(period=months)).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture(scope="module")
def mart(built_warehouse: Path) -> Iterator[Mart]:
    with open_reader(built_warehouse) as connection:
        found = connection.execute("select as_of_date from ops.warehouse_info").fetchone()
        assert found is not None
        assert isinstance(found[0], date)
        yield Mart(connection, read_calendar(connection, found[0]).default_period())


def open_page(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}{name}")
    expect(page.locator("[data-tile]")).to_have_count(TILES[name], timeout=PATIENCE)
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    settle(page, CHARTS[name])


def expect_value(page: Page, key: str, text: str) -> None:
    expect(tile(page, key).locator(".dw-value")).to_have_text(text, timeout=PATIENCE)


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a filter that holds several: a long list shows what is typed."""
    page.locator("marimo-multiselect", has_text=label).locator("button").first.click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def expect_delivery_from_its_link(page: Page, address: str, opened: str, chosen: str) -> None:
    """Every choice is in the address: a link shows the same."""
    link = page.url
    for choice in ("from=", "region=Southeast", "state=SP", "seller_state=SP", "least=20"):
        assert choice in link
    page.goto(f"{address}delivery")
    expect_value(page, "on_time_rate", opened)
    settle(page)
    page.goto(link)
    expect_value(page, "on_time_rate", chosen)
    expect(chart(page, "states")).to_contain_text("with 20 deliveries or more")
    for label, option in (
        ("Customer regions", "Southeast"),
        ("Customer states", "SP, São Paulo"),
        ("Seller states", "SP, São Paulo"),
    ):
        expect(page.locator("marimo-multiselect", has_text=label)).to_contain_text(option)
    settle(page)


def test_delivery_fits_its_screens_and_every_filter_changes_what_it_should(
    page: Page, dashboards_url: str, mart: Mart
) -> None:
    def late(where: str = "true") -> str:
        rate = mart.one(
            "select sum(num_on_time) / sum(num_deliveries) from marts.mart_delivery_metrics "
            f"where {{period}} and {where}"
        )
        return fmt.percent(rate)

    open_page(page, dashboards_url, "delivery")
    expect_value(page, "on_time_rate", late())
    stuck = mart.one("select sum(num_stuck) from marts.mart_order_funnel")
    expect_value(page, "stuck", fmt.count(int(stuck)))

    file_name, rows = download(page, "by route")
    assert file_name == f"delivery_by_route_{mart.period.start}_{mart.period.end}.csv"
    deliveries = mart.one(
        "select sum(num_deliveries) from marts.mart_delivery_metrics where {period}"
    )
    assert sum(int(row["Deliveries"]) for row in rows) == deliveries
    expect_fitting(page, "delivery")
    widen(page)

    select(page, "Ranked from", "20 deliveries")
    expect(chart(page, "states")).to_contain_text(
        "with 20 deliveries or more", timeout=PATIENCE
    )
    settle(page)
    pick(page, "Customer regions", "Southeast")
    expect_value(page, "on_time_rate", late("customer_region = 'Southeast'"))
    expect_value(
        page,
        "stuck",
        fmt.count(
            int(
                mart.one(
                    "select sum(num_stuck) from marts.mart_order_funnel "
                    "where customer_region = 'Southeast'"
                )
            )
        ),
    )
    settle(page)
    pick(page, "Customer states", "SP, São Paulo")
    expect_value(page, "on_time_rate", late("customer_state = 'SP'"))
    settle(page)
    pick(page, "Seller states", "SP, São Paulo")
    own = "customer_state = 'SP' and seller_state = 'SP'"
    expect_value(page, "on_time_rate", late(own))
    settle(page)

    select(page, "From month", f"{mart.period.end:%b %Y}")
    last = f"order_month = '{mart.period.end.replace(day=1)}' and {own}"
    expect_value(page, "on_time_rate", late(last))
    expect(tile(page, "on_time_rate")).to_contain_text(f"{mart.period.end:%b %Y}")
    settle(page)

    expect_delivery_from_its_link(page, dashboards_url, late(), late(last))

    # The data begin with a trickle that leaves out a month.
    first = mart.one("select min(order_month) from marts.mart_delivery_metrics")
    empty = add_months(first, 1)
    assert (
        mart.one(
            f"select count(*) from marts.mart_delivery_metrics where order_month = '{empty}'"
        )
        == 0
    )
    chosen = page.locator(".dw-filter select option:checked").first
    expect(chosen).to_have_text("As set beside it")
    select(page, "To month", f"{empty:%b %Y}")
    box = page.locator(".dw-message")
    expect(box).to_contain_text(f"lies after To month, {empty:%b %Y}", timeout=PATIENCE)
    select(page, "From month", f"{empty:%b %Y}")
    expect(box).to_contain_text("No shipments match these filters", timeout=PATIENCE)
    expect(box).to_contain_text(f"in {empty:%b %Y} in Southeast, SP, from SP")
    expect(page.locator("[data-tile], [data-chart]")).to_have_count(0)


def expect_one_seller_when_looked_up(page: Page, mart: Mart) -> None:
    first, other = (
        mart.one(f"select seller_id from marts.mart_seller_scorecard where gmv_rank = {rank}")
        for rank in (1, 7)
    )
    figures = page.locator('[data-figures="seller"]')
    expect(figures).to_contain_text(first)
    lookup = page.locator("marimo-dropdown", has_text="Seller, by rank")
    lookup.locator("button").first.click()
    page.keyboard.type(other)
    page.get_by_role("option").filter(has_text=other).click()
    expect(figures).to_contain_text(other, timeout=PATIENCE)
    gmv = mart.one("select gmv_amount from marts.mart_seller_scorecard where gmv_rank = 7")
    expect(figures.locator("tbody tr").first).to_contain_text(fmt.number(gmv))
    settle(page)

    file_name, rows = download(page, "scorecard")
    assert file_name.startswith("sellers_scorecard_")
    assert len(rows) == mart.one("select count(*) from marts.mart_seller_scorecard")
    assert rows[6]["Seller"] == other


def test_sellers_fits_its_screens_finds_one_seller_and_every_filter_changes_what_it_should(
    page: Page, dashboards_url: str, mart: Mart
) -> None:
    def sellers(where: str = "true") -> str:
        number = mart.one(
            "select count(distinct months.seller_key) from marts.mart_seller_months as months "
            "inner join marts.mart_seller_scorecard as cards using (seller_key) "
            f"where months.num_sales > 0 and {{period}} and {where}"
        )
        return fmt.count(number)

    open_page(page, dashboards_url, "sellers")
    expect_value(page, "num_sellers", sellers())
    expect_fitting(page, "sellers")
    widen(page)
    expect_one_seller_when_looked_up(page, mart)

    chosen = "cards.region = 'Southeast'"
    pick(page, "Seller regions", "Southeast")
    expect_value(page, "num_sellers", sellers(chosen))
    settle(page)

    chosen += " and cards.state = 'SP'"
    pick(page, "Seller states", "SP, São Paulo")
    expect_value(page, "num_sellers", sellers(chosen))
    settle(page)

    chosen += " and cards.is_active"
    select(page, "Activity", "Active sellers")
    expect_value(page, "num_sellers", sellers(chosen))
    settle(page)

    chosen += " and cards.num_orders >= 5"
    select(page, "Orders of the seller", "5 orders or more")
    expect_value(page, "num_sellers", sellers(chosen))
    settle(page)

    chosen += " and cards.seller_tier = 'BRONZE'"
    pick(page, "Tiers", "Bronze")
    expect_value(page, "num_sellers", sellers(chosen))
    settle(page)

    category = mart.one(
        "select cards.main_category from marts.mart_seller_months "
        "inner join marts.mart_seller_scorecard as cards using (seller_key) "
        f"where {{period}} and {chosen} order by 1 limit 1"
    )
    pick(page, "Main categories", fmt.name(category))
    expect_value(
        page, "num_sellers", sellers(f"{chosen} and cards.main_category = '{category}'")
    )
    settle(page)

    select(page, "Orders of the seller", "500 orders or more")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No sellers match these filters", timeout=PATIENCE)
    expect(box).to_contain_text("500 orders or more")
    expect(page.locator("[data-tile], [data-chart], [data-figures]")).to_have_count(0)


def test_a_link_to_sellers_restores_its_choices(
    page: Page, dashboards_url: str, mart: Mart
) -> None:
    seller = mart.one(
        "select seller_id from marts.mart_seller_scorecard where state = 'SP' and is_active "
        "and num_orders >= 5 and seller_tier = 'BRONZE' order by gmv_rank limit 1 offset 2"
    )
    category = mart.one(
        f"select main_category from marts.mart_seller_scorecard where seller_id = '{seller}'"
    )
    month = f"{mart.period.end:%Y-%m}-01"
    page.goto(
        f"{dashboards_url}sellers/?period=last-3-complete-months&from={month}&seller_state=SP"
        f"&seller_region=Southeast&tier=BRONZE&category={category}&activity=active-sellers"
        f"&orders=5-orders-or-more&seller={seller}"
    )
    number = mart.one(
        "select count(distinct months.seller_key) from marts.mart_seller_months as months "
        "inner join marts.mart_seller_scorecard as cards using (seller_key) "
        f"where months.num_sales > 0 and months.order_month = '{month}' "
        "and cards.state = 'SP' and cards.is_active and cards.num_orders >= 5 "
        f"and cards.seller_tier = 'BRONZE' and cards.main_category = '{category}'"
    )
    expect_value(page, "num_sellers", fmt.count(number))
    expect(page.locator('[data-figures="seller"]')).to_contain_text(seller, timeout=PATIENCE)
    expect(page.locator(".dw-heading").first).to_contain_text(
        f"Southeast, SP, Bronze, {fmt.name(category)}, active sellers, 5 orders or more"
    )
    settle(page)
    assert f"seller={seller}" in page.url
