"""The front door in a real browser. What is behind it is opened by the tests of each page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.password import hash_password
from tests.support.browser import (
    ARTIFACTS,
    PATIENCE,
    SIZES,
    served,
    tile,
    watched_page,
)

pytestmark = pytest.mark.browser

PASSWORD = "a password of the tests"  # noqa: S105


def test_the_front_door_shows_a_door_to_every_page_and_the_state_of_the_data(
    page: Page, dashboards_url: str
) -> None:
    page.goto(dashboards_url)
    doors = page.locator(".dw-doors a")
    paths = [door.get_attribute("href") for door in doors.all()]
    assert paths == [f"{one.path}/" for one in DASHBOARDS]
    for one in DASHBOARDS:
        answer = page.request.get(f"{dashboards_url}{one.slug}/")
        assert (answer.status, answer.url) == (200, f"{dashboards_url}{one.slug}/")
    expect(page.locator("[data-health]")).to_have_attribute("data-health", "healthy")
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for screen, size in SIZES.items():
        page.set_viewport_size(size)
        page.screenshot(path=ARTIFACTS / f"front_door_{screen}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_with_a_password_a_dashboard_works_in_the_browser_of_who_knows_it(
    browser: Browser, built_warehouse: Path
) -> None:
    stored = hash_password(PASSWORD)
    with served(built_warehouse.parent, OLIST_DASHBOARDS_PASSWORD_HASH=stored) as url:
        with watched_page(
            browser, http_credentials={"username": "olist", "password": PASSWORD}
        ) as page:
            page.goto(f"{url}pipeline")
            # Tiles come through the web socket: it was let in as well.
            expect(tile(page, "last_run")).to_be_visible(timeout=PATIENCE)
        context = browser.new_context()
        answer = context.request.get(f"{url}pipeline/")
        status = answer.status
        context.close()
    assert status == 401
