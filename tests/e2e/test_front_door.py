"""The front door in a real browser, and what holds for every page behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.lib.catalogue import DASHBOARDS, Dashboard
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


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.slug)
def test_every_dashboard_renders_from_its_door_and_asks_only_this_machine(
    page: Page, dashboards_url: str, dashboard: Dashboard
) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2].split(":")[0]))
    page.on("websocket", lambda socket: asked.add(socket.url.split("/")[2].split(":")[0]))
    page.goto(dashboards_url)
    page.locator(f'.dw-doors a[href="{dashboard.path}/"]').click()
    expect(page.locator("[data-tile]").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible(timeout=PATIENCE)
    assert page.url == f"{dashboards_url}{dashboard.slug}/"
    expect(page.locator(".dw-banner")).to_contain_text("Synthetic data")
    page.wait_for_load_state("networkidle")
    assert asked - {""} == {"127.0.0.1"}


@pytest.mark.parametrize("name", SIZES)
def test_the_front_door_shows_all_doors_and_the_state_of_the_data(
    page: Page, dashboards_url: str, name: str
) -> None:
    page.set_viewport_size(SIZES[name])
    page.goto(dashboards_url)
    expect(page.locator(".dw-doors li")).to_have_count(len(DASHBOARDS))
    expect(page.locator("[data-health]")).to_have_attribute("data-health", "healthy")
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"front_door_{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[name]["width"]


def test_with_a_password_a_dashboard_works_in_the_browser_of_who_knows_it(
    browser: Browser, built_warehouse: Path
) -> None:
    setting = {"OLIST_DASHBOARDS_PASSWORD_HASH": hash_password(PASSWORD)}
    with served(built_warehouse.parent, **setting) as url:
        with watched_page(
            browser, http_credentials={"username": "olist", "password": PASSWORD}
        ) as page:
            page.goto(f"{url}executive")
            # Tiles come through the web socket: it was let in as well.
            expect(tile(page, "revenue")).to_be_visible(timeout=PATIENCE)
        context = browser.new_context()
        answer = context.request.get(f"{url}executive/")
        status = answer.status
        context.close()
    assert status == 401
