"""The sellers and the delivery dashboard in a real browser, over generated data.

Each page is opened few times and asked much: opening it is what takes the time. What the tiles
are expected to show is added up from the marts by statements of the tests' own.
"""

from __future__ import annotations

import csv
import io
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
from dashboards.lib.queries.executive import read_calendar
from orchestration.warehouse import open_reader
from tests.support.browser import (
    PATIENCE,
    SIZES,
    chart,
    expect_charts,
    settle,
    tile,
    wider_than_the_screen,
)

pytestmark = pytest.mark.browser

CHARTS = {"sellers": 9, "delivery": 9}
TILES = 10


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
    expect(page.locator("[data-tile]")).to_have_count(TILES, timeout=PATIENCE)
    settle(page, CHARTS[name])


def expect_value(page: Page, key: str, text: str) -> None:
    expect(tile(page, key).locator(".dw-value")).to_have_text(text, timeout=PATIENCE)


def select(page: Page, label: str, option: str) -> None:
    """Choose an option of one of the filters that hold one."""
    page.locator("marimo-dropdown", has_text=label).locator("select").select_option(
        label=option
    )


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a filter that holds several: a long list shows what is typed."""
    page.locator("marimo-multiselect", has_text=label).locator("button").first.click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def let_draw(page: Page) -> None:
    """Wait until charts are drawn: plotly complains of one that goes while it draws it.

    Few sellers leave some cards without a figure, so that these cannot be waited for.
    """
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)


def download(page: Page, label: str) -> tuple[str, list[dict[str, str]]]:
    with page.expect_download() as started:
        page.get_by_role("link", name=f"Download CSV, {label}").click()
    text = Path(started.value.path()).read_text(encoding="utf-8")
    return started.value.suggested_filename, list(csv.DictReader(io.StringIO(text)))


def expect_fitting(page: Page, name: str) -> None:
    """Nothing is wider than a wide or a narrow screen; leaves a picture of both."""
    for screen, size in SIZES.items():
        page.set_viewport_size(size)
        expect_charts(page, CHARTS[name])
        assert wider_than_the_screen(page, f"{name}_{screen}", size) == []


def test_every_filter_of_delivery_changes_what_it_should(
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

    select(page, "Ranked from", "20 deliveries")
    expect(chart(page, "states")).to_contain_text("with 20 deliveries or more")
    let_draw(page)
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
    let_draw(page)
    pick(page, "Customer states", "SP")
    expect_value(page, "on_time_rate", late("customer_state = 'SP'"))
    let_draw(page)
    pick(page, "Seller states", "SP")
    own = "customer_state = 'SP' and seller_state = 'SP'"
    expect_value(page, "on_time_rate", late(own))
    let_draw(page)

    select(page, "From month", f"{mart.period.end:%b %Y}")
    last = f"order_month = '{mart.period.end.replace(day=1)}' and {own}"
    expect_value(page, "on_time_rate", late(last))
    expect(tile(page, "on_time_rate")).to_contain_text(f"{mart.period.end:%b %Y}")
    let_draw(page)

    # The data begin with a trickle that leaves out a month.
    first = mart.one("select min(order_month) from marts.mart_delivery_metrics")
    empty = add_months(first, 1)
    assert (
        mart.one(
            f"select count(*) from marts.mart_delivery_metrics where order_month = '{empty}'"
        )
        == 0
    )
    select(page, "To month", f"{empty:%b %Y}")
    let_draw(page)
    select(page, "From month", f"{empty:%b %Y}")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No shipments match these filters", timeout=PATIENCE)
    expect(box).to_contain_text(f"{empty:%b %Y}, to SP, from SP")
    expect(page.locator("[data-tile], [data-chart]")).to_have_count(0)


def test_delivery_fits_its_screens_and_its_rows_can_be_taken_away(
    page: Page, dashboards_url: str, mart: Mart
) -> None:
    open_page(page, dashboards_url, "delivery")
    file_name, rows = download(page, "by route")
    assert file_name == f"delivery_by_route_{mart.period.start}_{mart.period.end}.csv"
    deliveries = mart.one(
        "select sum(num_deliveries) from marts.mart_delivery_metrics where {period}"
    )
    assert sum(int(row["Deliveries"]) for row in rows) == deliveries
    expect_fitting(page, "delivery")


def test_every_filter_of_sellers_changes_what_it_should(
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
    chosen = "cards.region = 'Southeast'"
    pick(page, "Seller regions", "Southeast")
    expect_value(page, "num_sellers", sellers(chosen))
    let_draw(page)

    chosen += " and cards.state = 'SP'"
    pick(page, "Seller states", "SP")
    expect_value(page, "num_sellers", sellers(chosen))
    let_draw(page)

    chosen += " and cards.is_active"
    select(page, "Activity", "Active sellers")
    expect_value(page, "num_sellers", sellers(chosen))
    let_draw(page)

    chosen += " and cards.num_orders >= 5"
    select(page, "Orders of the seller", "5 or more")
    expect_value(page, "num_sellers", sellers(chosen))
    let_draw(page)

    chosen += " and cards.seller_tier = 'BRONZE'"
    pick(page, "Tiers", "BRONZE")
    expect_value(page, "num_sellers", sellers(chosen))
    let_draw(page)

    category = mart.one(
        "select cards.main_category from marts.mart_seller_months "
        "inner join marts.mart_seller_scorecard as cards using (seller_key) "
        f"where {{period}} and {chosen} order by 1 limit 1"
    )
    pick(page, "Main categories", category)
    expect_value(
        page, "num_sellers", sellers(f"{chosen} and cards.main_category = '{category}'")
    )
    let_draw(page)

    select(page, "Orders of the seller", "500 or more")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No sellers match these filters", timeout=PATIENCE)
    expect(box).to_contain_text("500 orders or more")
    expect(page.locator("[data-tile], [data-chart], [data-figures]")).to_have_count(0)


def test_sellers_fit_their_screens_and_one_is_looked_up_and_all_are_taken_away(
    page: Page, dashboards_url: str, mart: Mart
) -> None:
    open_page(page, dashboards_url, "sellers")
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
    let_draw(page)

    file_name, rows = download(page, "scorecard")
    assert file_name.startswith("sellers_scorecard_")
    assert len(rows) == mart.one("select count(*) from marts.mart_seller_scorecard")
    assert rows[6]["Seller"] == other

    expect_fitting(page, "sellers")
