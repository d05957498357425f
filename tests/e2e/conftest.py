"""One browser and one server for all browser tests of a worker.

They live as long as tests of this package run, not the whole session: while playwright holds
the thread's event loop, no other test could run one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import chromium, new_context, served, watched


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
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all pages, so that marimo's scripts are fetched once, as by a reader."""
    one = new_context(browser)
    yield one
    one.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh browser page in which a console error or a failed request fails the test."""
    with watched(context) as one:
        yield one
