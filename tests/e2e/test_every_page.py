"""What every page has, in a real browser: the bar, its landmarks, dark colours, paper.

Each page is opened once for all tests of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from dashboards.lib.catalogue import DASHBOARDS, Dashboard
from tests.support.browser import (
    ARTIFACTS,
    NARROW,
    WIDE,
    choose,
    new_context,
    served,
    settle,
    tile,
    watched,
)
from tests.support.looks import grave_findings, words_on_pages

pytestmark = pytest.mark.browser

# A4 less 12 mm on each side, in pixels of 1/96 inch.
PAPER: ViewportSize = {"width": 702, "height": 1032}
PAGES = ["/", *(f"{one.path}/" for one in DASHBOARDS)]


def has_come(page: Page) -> None:
    """Wait until the page itself stands in the place of its first paint."""
    expect(page.locator("[data-first]")).to_have_count(0)
    settle(page)


@pytest.fixture(scope="module", params=DASHBOARDS, ids=lambda one: one.slug)
def opened(
    browser: Browser, dashboards_url: str, request: pytest.FixtureRequest
) -> Iterator[tuple[Dashboard, Page]]:
    """A page that has come, in a context of its own."""
    one: Dashboard = request.param
    context = new_context(browser)
    page = context.new_page()
    with watched(page):
        page.goto(f"{dashboards_url}{one.slug}/")
        has_come(page)
        yield one, page
    context.close()


@pytest.fixture
def shown(opened: tuple[Dashboard, Page]) -> Iterator[tuple[Dashboard, Page]]:
    """The open page as a screen shows it, whatever a test does to it."""
    one, page = opened
    yield one, page
    page.emulate_media(media="null", color_scheme="light")
    page.set_viewport_size(WIDE)


def test_the_bar_leads_to_every_page_and_marks_this_one(
    shown: tuple[Dashboard, Page],
) -> None:
    one, page = shown
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    paths = [urlsplit(link.get_attribute("href") or "").path for link in links.all()]
    assert paths == [*PAGES, "/catalog/"]
    current = page.locator(".dw-bar [aria-current=page]")
    expect(current).to_have_count(1)
    expect(current).to_have_text(one.name)


def test_the_bar_stays_within_a_narrow_screen_and_in_sight(
    shown: tuple[Dashboard, Page],
) -> None:
    _, page = shown
    page.set_viewport_size(NARROW)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(".dw-bar")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")


def test_each_section_that_the_bar_names_is_on_the_page(shown: tuple[Dashboard, Page]) -> None:
    one, page = shown
    links = page.get_by_role("navigation", name="On this page").get_by_role("link")
    assert links.count() == len(one.sections)
    for link in links.all():
        heading = page.locator(link.get_attribute("href") or "")
        expect(heading).to_have_text(link.inner_text())


def test_the_page_has_the_title_of_its_first_paint_and_one_main_part(
    shown: tuple[Dashboard, Page],
) -> None:
    one, page = shown
    expect(page.locator("h1")).to_have_text(one.title)
    expect(page.locator(".dw-header")).to_contain_text(one.question)
    expect(page.get_by_role("main")).to_have_count(1)


def test_each_chart_is_a_figure_named_by_its_finding(shown: tuple[Dashboard, Page]) -> None:
    _, page = shown
    for card in page.locator("[data-chart]").all():
        expect(card).to_have_role("figure")
        expect(card).to_have_accessible_name(card.locator("h3").inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(shown: tuple[Dashboard, Page], scheme: str) -> None:
    one, page = shown
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    settle(page)
    assert grave_findings(page) == []
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{one.slug}_{scheme}.png", full_page=True)


def test_tables_have_no_tools_of_those_who_write_notebooks(
    shown: tuple[Dashboard, Page],
) -> None:
    _, page = shown
    for name in ("Columns", "Explore", "Column options"):
        tools = page.locator("marimo-table").get_by_role("button", name=name, exact=True)
        assert [tool.is_visible() for tool in tools.all()].count(True) == 0
    expect(page.get_by_test_id("notebook-actions-dropdown")).to_be_hidden()


def test_paper_gets_the_whole_page_and_nothing_to_click(
    shown: tuple[Dashboard, Page],
) -> None:
    one, page = shown
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    (ARTIFACTS / f"{one.slug}.pdf").write_bytes(pdf)
    words = words_on_pages(pdf)
    assert words
    assert min(words) > 0, f"a page of {words} is blank"
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    settle(page)
    expect(page.locator(".dw-header")).to_contain_text("Data as of")
    for part in (".dw-bar", "marimo-download a"):
        assert not any(found.is_visible() for found in page.locator(part).all()), part
    cut = page.evaluate(
        """height => [...document.querySelectorAll(".dw-tile, .dw-card")]
            .filter(e => getComputedStyle(e).breakInside !== "avoid" || e.offsetHeight > height
                || e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.dataset.tile ?? e.dataset.chart)""",
        PAPER["height"],
    )
    assert cut == []


def test_tables_take_the_width_of_the_paper(shown: tuple[Dashboard, Page]) -> None:
    _, page = shown
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    settle(page)
    for table in page.locator("marimo-table table:visible").all():
        box = table.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PAPER["width"] + 1


def test_the_first_paint_is_in_the_page_as_it_is_sent(
    browser: Browser, dashboards_url: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=WIDE)
    page = context.new_page()
    for one in DASHBOARDS:
        page.goto(f"{dashboards_url}{one.slug}/")
        expect(page.get_by_role("heading", name=one.title, exact=True)).to_be_visible()
        expect(page.get_by_text(one.question)).to_be_visible()
        expect(page.locator(".dw-blank:visible")).to_have_count(one.num_filters + one.num_tiles)
        sent = page.request.get(page.url).text()
        assert "needs JavaScript" in sent[sent.index("<noscript>") : sent.index("</noscript>")]
    context.close()


def test_links_to_other_pages_take_along_what_pages_share(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}pipeline/?region=South&state=PR&state=SC&q=5&period=")
    has_come(page)
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Delivery")
    link.focus()
    address = urlsplit(link.get_attribute("href") or "")
    assert (address.path, address.query) == ("/delivery/", "region=South&state=PR&state=SC")


def test_the_link_of_a_page_can_be_copied(browser: Browser, dashboards_url: str) -> None:
    context = new_context(browser)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{dashboards_url}?region=South")
    button = page.get_by_role("button", name="Copy link")
    button.click()
    expect(page.locator("[data-copy]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{dashboards_url}?region=South"
    context.close()


def test_the_first_link_of_a_page_leads_to_its_content(page: Page, dashboards_url: str) -> None:
    page.goto(dashboards_url)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("To the content")
    assert page.locator(":focus").evaluate("e => getComputedStyle(e).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_axe_finds_nothing_serious_on_the_front_door(page: Page, dashboards_url: str) -> None:
    page.goto(dashboards_url)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert grave_findings(page) == [], scheme
    page.emulate_media(color_scheme="light")


def test_the_front_door_has_five_figures_with_their_change_and_course(
    page: Page, dashboards_url: str
) -> None:
    page.goto(dashboards_url)
    expect(page.locator("[data-tile]")).to_have_count(5)
    for one in page.locator("[data-tile]").all():
        expect(one.locator(".dw-value")).not_to_have_text("n/a")
        expect(one.locator(".dw-delta")).to_contain_text("vs ")
        expect(one.locator("svg polyline")).to_have_count(1)
    expect(page.locator("[data-attention] li")).not_to_have_count(0)
    page.get_by_label("Search").fill("late")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/ask/\?search=late"))
    has_come(page)


def test_a_page_whose_server_was_restarted_says_so_and_offers_to_reload(
    browser: Browser, built_warehouse: Path
) -> None:
    context = new_context(browser)
    page = context.new_page()
    word = page.locator(".dw-gone")
    with served(built_warehouse.parent) as url:
        page.goto(f"{url}executive/")
        expect(tile(page, "revenue")).to_be_visible()
        settle(page)
        expect(word).to_be_hidden()
    expect(word).to_contain_text("The server cannot be reached")
    with served(built_warehouse.parent, "--port", str(urlsplit(url).port)):
        expect(word).to_contain_text("The server was restarted")
        choose(page, "Regions", "South")
        page.wait_for_timeout(1_000)
        expect(word).to_contain_text("The server was restarted")
        word.get_by_role("button", name="Reload").click()
        expect(tile(page, "revenue")).to_be_visible()
        expect(word).to_be_hidden()
    context.close()
