"""The executive dashboard in a real browser, served as a user would serve it.

Screenshots are left in tests/artifacts/ to be looked at.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.browser import (
    NARROW,
    PATIENCE,
    SIZES,
    choose,
    expect_charts,
    served,
    settle,
    tile,
    wider_than_the_screen,
)
from tests.support.executive_mart import added_up, publish, rows

pytestmark = pytest.mark.browser

CHARTS = 8


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("warehouse")
    publish(directory)
    with served(directory) as url:
        yield url


def open_executive(page: Page, address: str) -> None:
    page.goto(f"{address}executive")
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)


def step_day(page: Page, field: int, key: str, steps: int) -> None:
    """Move a field of the date filter by its arrow keys; the first is the day of the start."""
    one = page.get_by_role("spinbutton").nth(field)
    for _ in range(steps):
        before = one.inner_text()
        one.focus()
        page.keyboard.press(key)
        expect(one).not_to_have_text(before)


def expect_revenue(page: Page, amount: Decimal) -> None:
    shown = f"R$\N{NO-BREAK SPACE}{amount:,.0f}"
    expect(tile(page, "revenue").locator(".dw-value")).to_have_text(shown, timeout=PATIENCE)


def revenue(first: date, last: date, **having: object) -> Decimal:
    chosen = [
        row
        for row in rows()
        if first <= row.order_date <= last
        and all(getattr(row, name) == wanted for name, wanted in having.items())
    ]
    return added_up(chosen, "revenue_amount")


HALF_YEAR = (date(2018, 3, 1), date(2018, 8, 31))


# The page as it opens


def test_the_page_opens_with_the_answer_of_the_default_period(page: Page, address: str) -> None:
    open_executive(page, address)
    expect_revenue(page, revenue(*HALF_YEAR))
    expect(tile(page, "revenue")).to_contain_text("Mar\N{EN DASH}Aug 2018")
    expect(page.locator("[data-tile]")).to_have_count(10)
    expect(page.locator(".dw-header")).to_contain_text("Data as of 31 Aug 2018")
    expect(page.locator(".dw-footer")).to_contain_text("20180901T060000")
    expect(page.locator(".dw-banner")).to_have_count(0)
    expect_charts(page, CHARTS)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_nothing_is_wider_than_the_screen(
    page: Page, address: str, name: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    open_executive(page, address)
    expect_charts(page, CHARTS)
    too_wide = wider_than_the_screen(page, f"executive_{name}", size)
    assert too_wide == []


def test_tiles_wrap_on_a_narrow_screen_and_cards_stand_below_each_other(
    page: Page, address: str
) -> None:
    page.set_viewport_size(NARROW)
    open_executive(page, address)
    expect_charts(page, CHARTS)
    boxes = [card.bounding_box() for card in page.locator("[data-chart]").all()]
    lefts = {round(box["x"]) for box in boxes if box}
    assert len(lefts) == 1


# Filters


def test_a_period_chosen_with_one_click_changes_the_tiles(page: Page, address: str) -> None:
    open_executive(page, address)
    page.locator(".dw-filter select").select_option(label="Last 3 complete months")
    expect_revenue(page, revenue(date(2018, 6, 1), date(2018, 8, 31)))
    expect(tile(page, "revenue")).to_contain_text("vs Mar\N{EN DASH}May 2018")


def test_days_chosen_in_the_date_filter_change_the_tiles(page: Page, address: str) -> None:
    open_executive(page, address)
    start_day, end_day = 0, 3
    step_day(page, start_day, "ArrowUp", 4)
    step_day(page, end_day, "ArrowDown", 1)
    expect_revenue(page, revenue(date(2018, 3, 5), date(2018, 8, 30)))
    expect(tile(page, "gmv")).to_contain_text("5 Mar\N{EN DASH}30 Aug 2018")


def test_a_state_changes_tiles_charts_and_rows(page: Page, address: str) -> None:
    open_executive(page, address)
    choose(page, "States", "RS")
    expect_revenue(page, revenue(*HALF_YEAR, customer_state="RS"))
    expect(page.locator('[data-chart="states"] h3')).to_have_text(
        "All revenue shown comes from RS"
    )
    expect(page.locator("table tbody tr")).to_have_count(1)


def test_a_region_changes_the_tiles_and_leaves_only_its_states_to_choose(
    page: Page, address: str
) -> None:
    open_executive(page, address)
    choose(page, "Regions", "Southeast")
    expect_revenue(page, revenue(*HALF_YEAR, region="Southeast"))
    page.locator("marimo-multiselect", has_text="States").locator("button").first.click()
    options = page.get_by_role("option")
    expect(options.filter(has_text=re.compile("^[A-Z]{2}$"))).to_have_text(["RJ", "SP"])


def test_filters_that_leave_nothing_say_so_calmly(page: Page, address: str) -> None:
    open_executive(page, address)
    settle(page, CHARTS)
    choose(page, "States", "AC")  # bought in 2017 only
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No orders match these filters", timeout=PATIENCE)
    expect(box).to_contain_text("AC")
    expect(page.locator("[data-tile], [data-chart]")).to_have_count(0)


def test_an_incomplete_period_shows_not_available_and_why(page: Page, address: str) -> None:
    open_executive(page, address)
    page.locator(".dw-filter select").select_option(label="Last 12 complete months")
    expect(tile(page, "revenue")).to_contain_text(
        "n/a vs Sep 2016\N{EN DASH}Aug 2017 (no data before Jan 2017)", timeout=PATIENCE
    )


# Rows


def test_the_rows_can_be_taken_away_as_csv(page: Page, address: str) -> None:
    open_executive(page, address)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download CSV, by state").click()
    download = started.value
    assert download.suggested_filename == "executive_by_state_2018-03-01_2018-08-31.csv"
    text = Path(download.path()).read_text(encoding="utf-8")
    found = {row["State"]: row["Revenue (R$)"] for row in csv.DictReader(io.StringIO(text))}
    assert found == {
        state: str(revenue(*HALF_YEAR, customer_state=state)) for state in ("SP", "RJ", "RS")
    }


def test_a_click_on_a_heading_sorts_by_size_and_not_as_text(page: Page, address: str) -> None:
    open_executive(page, address)
    heading = page.locator("th", has_text="Revenue (R$)")
    heading.hover()
    heading.get_by_role("button", name="Sort column ascending").click()
    first_cells = page.locator("table tbody tr td:first-child")
    expect(first_cells).to_have_text(["RS", "RJ", "SP"], timeout=PATIENCE)


def test_the_rows_can_be_seen_by_month(page: Page, address: str) -> None:
    open_executive(page, address)
    page.get_by_role("tab", name="By month").click()
    months = page.locator("table tbody tr td:first-child")
    expect(months).to_have_text([f"2018-0{month}" for month in range(3, 9)])


# The front door, and the warehouse behind it


def test_the_front_door_leads_to_the_dashboard(page: Page, address: str) -> None:
    page.goto(address)
    state = page.get_by_label("State of the data")
    expect(state).to_contain_text("Data as of")
    expect(state).to_contain_text("31 Aug 2018")
    page.get_by_role("link", name="Executive dashboard").click()
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)
    assert page.url == f"{address}executive/"


def test_a_page_served_before_the_first_publish_says_what_to_do_and_then_follows_each_publish(
    page: Page, tmp_path: Path
) -> None:
    with served(tmp_path) as url:
        page.goto(f"{url}executive/")
        box = page.locator(".dw-message")
        expect(box).to_contain_text("make pipeline", timeout=PATIENCE)

        publish(tmp_path, run_id="20180901T000000", is_synthetic=True)
        page.reload()
        expect_revenue(page, revenue(*HALF_YEAR))
        expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
        settle(page, CHARTS)

        publish(tmp_path, run_id="20180902T000000", keep=lambda row: row.region == "South")
        page.reload()
        expect_revenue(page, revenue(*HALF_YEAR, region="South"))
        expect(page.locator(".dw-banner")).to_have_count(0)


@pytest.mark.benchmark
def test_the_first_paint_comes_within_three_seconds(page: Page, address: str) -> None:
    open_executive(page, address)
    milliseconds = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert milliseconds < 3000
