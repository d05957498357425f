"""What browser tests share: a Chromium, a server as a user starts it, a page that is watched.

Fixtures over these are in tests/e2e/conftest.py. Figures of one dashboard are not its affair.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    HttpCredentials,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

PROJECT_ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = PROJECT_ROOT / "tests" / "artifacts"
WIDE: ViewportSize = {"width": 1440, "height": 1000}
NARROW: ViewportSize = {"width": 390, "height": 844}
SIZES = {"wide": WIDE, "narrow": NARROW}
# Milliseconds. Generous: the machine may be busy, and the first reader waits for imports.
PATIENCE = 30_000

_CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; where there is none the test is skipped, on CI it fails."""
    executable = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(executable).is_file():
        reason = "there is no Chromium: install Debian's package chromium"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=_CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


@contextmanager
def served(warehouse: Path, *arguments: str, **settings: str) -> Iterator[str]:
    """Serve the dashboards over a warehouse directory on a free port; yields the address.

    Args:
        warehouse: The warehouse directory.
        *arguments: More arguments of ``python -m dashboards``.
        **settings: Environment variables, such as ``OLIST_DASHBOARDS_PASSWORD_HASH``.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("OLIST_")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards", "--no-browser", "--port", "0", *arguments],
        cwd=PROJECT_ROOT,
        env=environment | {"OLIST_WAREHOUSE_DIR": str(warehouse)} | settings,
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


@contextmanager
def watched_page(
    browser: Browser, http_credentials: HttpCredentials | None = None
) -> Iterator[Page]:
    """A fresh page; a console error, a failed request or one to elsewhere fails the test."""
    context = browser.new_context(
        viewport=WIDE, locale="en-GB", http_credentials=http_credentials
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "response",
        lambda answer: problems.append(answer.url) if answer.status >= 400 else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
            else problems.append(f"asked the outside world: {request.url}")
        ),
    )
    yield page
    context.close()
    assert problems == []


def tile(page: Page, key: str) -> Locator:
    """A tile by its key."""
    return page.locator(f'[data-tile="{key}"]')


def chart(page: Page, key: str) -> Locator:
    """A chart's card by its key."""
    return page.locator(f'[data-chart="{key}"]')


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of one of the filters that hold several."""
    page.locator("marimo-multiselect", has_text=label).locator("button").first.click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def expect_charts(page: Page, count: int) -> None:
    """That many cards are there, each with its figure drawn."""
    cards = page.locator("[data-chart]")
    expect(cards).to_have_count(count, timeout=PATIENCE)
    for card in cards.all():
        expect(card.locator(".main-svg").first).to_be_visible(timeout=PATIENCE)


# Resolves once nothing of the page has changed for so many milliseconds.
_QUIET = """quiet => new Promise(resolve => {
    let timer = setTimeout(resolve, quiet);
    new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(resolve, quiet);
    }).observe(document, {subtree: true, childList: true, attributes: true});
})"""


def settle(page: Page, charts: int) -> None:
    """Wait until the charts are drawn: plotly complains of one that goes while it draws it."""
    expect_charts(page, charts)
    page.wait_for_load_state("networkidle")
    page.evaluate(_QUIET, 400)


def wider_than_the_screen(page: Page, picture: str, size: ViewportSize) -> list[str]:
    """What of the open page is wider than a screen of that width; leaves a picture of it all.

    Args:
        page: The page, with its charts drawn.
        picture: Name of the screenshot in tests/artifacts, without suffix.
        size: The screen; its height is stretched to that of the page.
    """
    # The page scrolls inside marimo's own element; all of it is shown for the picture.
    height = page.locator("#App").evaluate("element => element.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})
    page.wait_for_timeout(1500)
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
                '#App, .dw-tile, .dw-card, .dw-header, .dw-filter')]
            .filter(e => e.scrollWidth > e.clientWidth + 1
                || e.getBoundingClientRect().right > window.innerWidth)
            .map(e => e.className)"""
    )
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{picture}.png")
    return found
