"""The executive dashboard in a real browser, served as a user would serve it.

The page is opened few times and asked much: opening it is what takes the time. Screenshots are
left in tests/artifacts/ to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures_warehouse import BUILT_WAREHOUSE
from tests.support.browser import (
    PATIENCE,
    chart,
    choose,
    download,
    expect_fitting,
    served,
    settle,
    tile,
    widen,
)
from tests.support.executive_mart import added_up, publish, rows
from tests.support.questions import lend_questions
from tests.support.shared_setup import shared_directory

pytestmark = pytest.mark.browser

CHARTS = 8


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("warehouse")
    publish(directory)
    # Other tests may have had them compiled; to build their warehouse for that would be dearer.
    built = shared_directory(tmp_path_factory) / BUILT_WAREHOUSE
    lend_questions(built / "cache", directory / "cache")
    with served(directory) as url:
        yield url


def choose_period(page: Page, preset: str) -> None:
    page.locator(".dw-filter select").select_option(label=preset)


def type_day(page: Page, end: str, text: str) -> None:
    """Type a day, with a rest between keys in which the page could get in the way."""
    field = page.get_by_label(f"{end} day")
    field.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text, delay=150)
    expect(field).to_have_value(text)
    page.keyboard.press("Enter")


def expect_period(page: Page, preset: str) -> None:
    chosen = page.locator(".dw-filter select option:checked").first
    expect(chosen).to_have_text(preset, timeout=PATIENCE)


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


def test_the_page_answers_fits_its_screens_and_every_filter_changes_what_it_should(
    page: Page, address: str
) -> None:
    page.goto(f"{address}executive")
    expect_revenue(page, revenue(*HALF_YEAR))
    expect(tile(page, "revenue")).to_contain_text("Mar\N{EN DASH}Aug 2018")
    expect(page.locator("[data-tile]")).to_have_count(11)
    expect(page.locator(".dw-header")).to_contain_text("Data as of 31 Aug 2018")
    expect(page.locator(".dw-footer")).to_contain_text("20180901T060000", timeout=PATIENCE)
    expect(page.locator(".dw-banner")).to_have_count(0)
    settle(page, CHARTS)
    expect_fitting(page, "executive")
    cards = [card.bounding_box() for card in page.locator("[data-chart]").all()]
    assert len({round(card["x"]) for card in cards if card}) == 1  # below each other
    widen(page)

    # A period with one click; one whose comparison is incomplete says so instead of a change.
    choose_period(page, "Last 12 complete months")
    expect(tile(page, "revenue")).to_contain_text(
        "n/a vs Sep 2016\N{EN DASH}Aug 2017 (no data before Jan 2017)", timeout=PATIENCE
    )
    settle(page, CHARTS)
    choose_period(page, "Last 3 complete months")
    expect_revenue(page, revenue(date(2018, 6, 1), date(2018, 8, 31)))
    expect(tile(page, "revenue")).to_contain_text("vs Mar\N{EN DASH}May 2018")
    settle(page, CHARTS)

    days = expect_typed_days(page)

    choose(page, "States", "RS, Rio Grande do Sul")
    expect_revenue(page, revenue(*days, customer_state="RS"))
    expect(chart(page, "states").locator("h3")).to_have_text(
        "All revenue shown comes from RS", timeout=PATIENCE
    )
    settle(page)
    expect(page.locator("table tbody tr")).to_have_count(1)

    # The address says it all: a link, and the way back.
    assert page.url.endswith(
        "?period=last-3-complete-months&from=2018-06-02&to=2018-08-30&state=RS"
    )
    page.reload()
    expect_revenue(page, revenue(*days, customer_state="RS"))
    expect_period(page, "As set beside it")
    expect(page.get_by_label("First day")).to_have_value("2 Jun 2018")

    settle(page, CHARTS)

    # Filters that exclude each other say so, and neither is dropped.
    choose(page, "Regions", "Southeast")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("No orders match these filters", timeout=PATIENCE)
    expect(box).to_contain_text("Regions and States may exclude each other")
    choose(page, "States", "SP, São Paulo")
    expect_revenue(page, revenue(*days, customer_state="SP"))
    settle(page)
    page.go_back()
    expect(box).to_contain_text("may exclude each other", timeout=PATIENCE)
    page.go_forward()
    expect_revenue(page, revenue(*days, customer_state="SP"))
    settle(page)

    page.goto(f"{address}executive/?region=North")  # bought in 2017 only
    expect(box).to_contain_text("No orders match these filters", timeout=PATIENCE)
    expect(box).to_contain_text("North")
    expect(page.locator("[data-tile], [data-chart]")).to_have_count(0)


def expect_typed_days(page: Page) -> tuple[date, date]:
    """Days count as they are typed; returns those that are chosen in the end."""
    # The preset no longer says what is not so.
    expect_period(page, "Last 3 complete months")
    type_day(page, "First", "2 Jun 2018")
    expect_revenue(page, revenue(date(2018, 6, 2), date(2018, 8, 31)))
    expect_period(page, "As set beside it")
    settle(page, CHARTS)
    type_day(page, "Last", "30/08/2018")
    days = (date(2018, 6, 2), date(2018, 8, 30))
    expect_revenue(page, revenue(*days))
    expect(tile(page, "gmv")).to_contain_text("2 Jun\N{EN DASH}30 Aug 2018")
    settle(page, CHARTS)
    # What selects nothing is said, of the days that were typed, and changes into no other days.
    for wrong, words in (
        ("11/24", "'11/24' is no day"),
        (
            "15 Mar 2015",
            "You chose 15 Mar 2015 to 30 Aug 2018, and the data run from 15 Jan 2017",
        ),
        ("31 Aug 2018", "The first day, 31 Aug 2018, lies after the last, 30 Aug 2018"),
    ):
        type_day(page, "First", wrong)
        expect(page.locator(".dw-message")).to_contain_text(words, timeout=PATIENCE)
        expect(page.locator("[data-tile]")).to_have_count(0)
    type_day(page, "First", "2018-06-02")
    expect_revenue(page, revenue(*days))
    settle(page, CHARTS)
    return days


def test_the_front_door_leads_to_rows_that_can_be_sorted_turned_to_months_and_taken_away(
    page: Page, address: str
) -> None:
    page.goto(address)
    state = page.get_by_label("State of the data")
    expect(state).to_contain_text("Data as of")
    expect(state).to_contain_text("31 Aug 2018")
    page.get_by_role("link", name="Executive dashboard").click()
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)
    assert page.url == f"{address}executive/"
    settle(page, CHARTS)

    file_name, rows_taken = download(page, "by state")
    assert file_name == "executive_by_state_2018-03-01_2018-08-31.csv"
    assert {row["Customer state"]: row["Revenue (R$)"] for row in rows_taken} == {
        state: str(revenue(*HALF_YEAR, customer_state=state)) for state in ("SP", "RJ", "RS")
    }

    # By size, and not as text.
    heading = page.locator("th", has_text="Revenue (R$)")
    heading.hover()
    heading.get_by_role("button", name="Sort column ascending").click()
    first_cells = page.locator("table tbody tr td:first-child")
    expect(first_cells).to_have_text(["RS", "RJ", "SP"], timeout=PATIENCE)

    page.get_by_role("tab", name="By month").click()
    months = [f"2018-0{month}" for month in range(3, 9)]
    expect(first_cells).to_have_text(months, timeout=PATIENCE)


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
        settle(page, CHARTS)
        page.goto("about:blank")  # before its server ends


def test_an_open_page_keeps_its_version_over_a_publish_and_says_that_there_is_a_newer_one(
    page: Page, tmp_path: Path
) -> None:
    first, second = "20180901T000000", "20180902T000000"
    three_months = (date(2018, 6, 1), date(2018, 8, 31))
    note = page.locator(".dw-message", has_text="There are newer data")
    publish(tmp_path, run_id=first)
    with served(tmp_path) as url:
        page.goto(f"{url}executive/")
        expect_revenue(page, revenue(*HALF_YEAR))
        settle(page, CHARTS)
        expect(note).to_have_count(0)

        publish(tmp_path, run_id=second, is_synthetic=True, keep=lambda r: r.region == "South")
        choose_period(page, "Last 3 complete months")
        expect_revenue(page, revenue(*three_months))
        expect(note).to_contain_text(f"Version {second}", timeout=PATIENCE)
        settle(page, CHARTS)
        for place in (".dw-header", ".dw-footer"):
            expect(page.locator(place)).to_contain_text(first)
            expect(page.locator(place)).not_to_contain_text(second)
        expect(page.locator(".dw-banner")).to_have_count(0)

        page.reload()
        expect_revenue(page, revenue(*three_months, region="South"))
        expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
        expect(note).to_have_count(0)
        settle(page, CHARTS)

        # Removed, as it is once enough newer ones are kept.
        (tmp_path / "olist.duckdb").resolve().unlink()
        choose_period(page, "Last 6 complete months")
        expect(page.locator(".dw-message").first).to_contain_text(
            "has been removed, after newer ones were published. Reload", timeout=PATIENCE
        )
        page.goto("about:blank")


@pytest.mark.benchmark
def test_the_first_paint_comes_within_three_seconds(page: Page, address: str) -> None:
    page.goto(f"{address}executive")
    expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)
    milliseconds = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert milliseconds < 3000
