"""One browser and one server for all browser tests: one worker has them all.

They live as long as tests of this package run, not the whole session: while playwright holds
the thread's event loop, no other test could run one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import WIDE, chromium, new_context, served, watched


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as one:
        yield one


@pytest.fixture(scope="package")
def dashboards_url(built_warehouse: Path) -> Iterator[str]:
    """Address of a server over the generated warehouse; it ends with a slash."""
    with served(built_warehouse.parent) as url:
        yield url


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[Page]:
    """One for all pages, as a reader has it: what it has compiled of marimo's scripts stays."""
    context = new_context(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """A blank page in which a console error or a failed request fails the test."""
    tab.set_viewport_size(WIDE)
    with watched(tab):
        yield tab
