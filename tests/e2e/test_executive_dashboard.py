"""The executive dashboard in a real browser, served as a user would serve it.

Screenshots are left in tests/artifacts/ to be looked at.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.support.executive_mart import added_up, publish, rows

pytestmark = pytest.mark.browser

PROJECT_ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = PROJECT_ROOT / "tests" / "artifacts"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1440, "height": 1000}
NARROW: ViewportSize = {"width": 390, "height": 844}
# Generous: the machine may be busy, and the first reader waits for imports.
PATIENCE = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(executable).is_file():
        reason = "there is no Chromium: install Debian's package chromium"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@contextmanager
def served(warehouse: Path) -> Iterator[str]:
    """Serve the dashboards over a warehouse directory; yields the address."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("OLIST_")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards", "--no-browser", "--port", "0"],
        cwd=PROJECT_ROOT,
        env=environment | {"OLIST_WAREHOUSE_DIR": str(warehouse)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the server said {line!r} instead of its address"
        yield found.group()
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("warehouse")
    publish(directory)
    with served(directory) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser context in which a console error or a failed request fails the test."""
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    one = context.new_page()
    problems: list[str] = []
    one.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    one.on("pageerror", lambda error: problems.append(str(error)))
    one.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    one.on(
        "response",
        lambda answer: problems.append(answer.url) if answer.status >= 400 else None,
    )
    one.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else problems.append(f"asked the outside world: {request.url}")
        ),
    )
    yield one
    context.close()
    assert problems == []


def open_executive(page: Page, address: str) -> None:
    page.goto(f"{address}executive")
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)


def tile(page: Page, key: str) -> Locator:
    return page.locator(f'[data-tile="{key}"]')


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of one of the filters that hold several."""
    page.locator("marimo-multiselect", has_text=label).locator("button").first.click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


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


def settle(page: Page) -> None:
    """Wait until the charts are drawn: plotly complains of one that goes while it draws it."""
    expect_charts(page)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


def expect_charts(page: Page) -> None:
    """All eight cards are there, each with its figure drawn."""
    expect(page.locator("[data-chart]")).to_have_count(8, timeout=PATIENCE)
    for card in page.locator("[data-chart]").all():
        expect(card.locator(".main-svg").first).to_be_visible(timeout=PATIENCE)


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
    expect_charts(page)


@pytest.mark.parametrize(("name", "size"), [("wide", WIDE), ("narrow", NARROW)])
def test_nothing_is_wider_than_the_screen(
    page: Page, address: str, name: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    open_executive(page, address)
    expect_charts(page)
    # The page scrolls inside marimo's own element; all of it is shown for the picture.
    height = page.locator("#App").evaluate("element => element.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})
    page.wait_for_timeout(1000)
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll(
                '#App, .dw-tile, .dw-card, .dw-header, .dw-filter')]
            .filter(e => e.scrollWidth > e.clientWidth + 1
                || e.getBoundingClientRect().right > window.innerWidth)
            .map(e => e.className)"""
    )
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"executive_{name}.png")
    assert too_wide == []


def test_tiles_wrap_on_a_narrow_screen_and_cards_stand_below_each_other(
    page: Page, address: str
) -> None:
    page.set_viewport_size(NARROW)
    open_executive(page, address)
    expect_charts(page)
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
    settle(page)
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
    expect(page.locator("body")).to_contain_text("Data as of 31 Aug 2018")
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
        settle(page)

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
