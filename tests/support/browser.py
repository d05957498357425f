"""What browser tests share: a Chromium, a server as a user starts it, a page that is watched.

Fixtures over these are in tests/e2e/conftest.py. Figures of one dashboard are not its affair.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    HttpCredentials,
    Locator,
    Page,
    Request,
    Response,
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
expect.set_options(timeout=PATIENCE)

# What a page may ask: this machine, and what it holds itself.
_OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")

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
def served(
    warehouse: Path,
    *arguments: str,
    log: Path | None = None,
    descriptors: int | None = None,
    **settings: str,
) -> Iterator[str]:
    """Serve the dashboards over a warehouse directory on a free port; yields the address.

    Args:
        warehouse: The warehouse directory.
        *arguments: More arguments of ``python -m dashboards``.
        log: The file its error output goes to; None puts it to the rest.
        descriptors: File descriptors it may have; None leaves them.
        **settings: Environment variables, such as ``OLIST_DASHBOARDS_PASSWORD_HASH``.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("OLIST_")
    }
    command = [sys.executable, "-m", "dashboards", "--no-browser", "--port", "0", *arguments]
    if descriptors is not None:
        command = ["bash", "-c", f'ulimit -n {descriptors}; exec "$@"', "-", *command]
    errors = None if log is None else log.open("wb")
    process = subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=environment | {"OLIST_WAREHOUSE_DIR": str(warehouse)} | settings,
        stdout=subprocess.PIPE,
        stderr=errors or subprocess.STDOUT,
        text=True,
    )
    if errors is not None:
        errors.close()
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
    """A page in a context of its own, watched as by `watched`."""
    context = new_context(browser, http_credentials)
    try:
        page = context.new_page()
        with watched(page):
            yield page
    finally:
        context.close()


def new_context(
    browser: Browser, http_credentials: HttpCredentials | None = None
) -> BrowserContext:
    """A context whose pages open on a wide screen and tell when they are done."""
    context = browser.new_context(
        viewport=WIDE,
        locale="en-GB",
        reduced_motion="reduce",
        http_credentials=http_credentials,
    )
    context.add_init_script(_TELL_OF_RUNS)
    return context


@contextmanager
def watched(page: Page) -> Iterator[None]:
    """Watch a page; a console error, a failed request or one to elsewhere fails the test.

    The page is left blank.
    """
    problems: list[str] = []

    def asked(what: str, url: str) -> None:
        if not url.startswith(_OWN):
            problems.append(f"{what} to the outside world: {url}")

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            problems.append(f"status {answer.status}: {answer.url}")

    def failed(request: Request) -> None:
        # What the browser itself gave up, as the page was left or loaded again, is no fault.
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"failed: {request.url} ({request.failure})")

    listeners: dict[str, Callable[[Any], None]] = {
        "console": lambda m: problems.append(_words(m)) if m.type == "error" else None,
        "pageerror": lambda error: problems.append(f"{error}\n{error.stack or ''}"),
        "requestfailed": failed,
        "response": answered,
        "request": lambda request: asked("a request", request.url),
        "websocket": lambda socket: asked("a web socket", socket.url),
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        yield
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.goto("about:blank")
    assert not problems, "the page complained:\n" + "\n".join(problems)


def _words(message: ConsoleMessage) -> str:
    place = message.location
    return f"{message.text} ({place['url']}:{place['lineNumber']})"


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


def select(page: Page, label: str, option: str) -> None:
    """Choose an option of one of the filters that hold one."""
    page.locator("marimo-dropdown", has_text=label).locator("select").select_option(
        label=option
    )


def download(page: Page, label: str) -> tuple[str, list[dict[str, str]]]:
    """Take a table away as CSV: the name of the file, and its rows by their headings."""
    with page.expect_download(timeout=PATIENCE) as started:
        page.locator("marimo-download").get_by_text(f"Download CSV, {label}").click()
    text = Path(started.value.path()).read_text(encoding="utf-8")
    return started.value.suggested_filename, list(csv.DictReader(io.StringIO(text)))


# Runs in a page before its own scripts: marimo's kernel tells by the web socket when it has
# cells to run and when the run is over, and this keeps what it said last.
_TELL_OF_RUNS = """
window.kernelIsBusy = false;
window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
        super(...given);
        window.kernelIsBusy = true;
        this.addEventListener("message", ({data}) => {
            if (typeof data !== "string" || data.length > 2000) return;
            const {op, data: told} = JSON.parse(data);
            if (op === "completed-run") window.kernelIsBusy = false;
            if (op === "cell-op" && told.status === "queued") window.kernelIsBusy = true;
        });
    }
};
"""

# Charts live in shadow roots, into which an observer of the document does not see. Time is
# counted in frames and turns of the page's own loop: on a busy machine it waits for longer.
# Plotly fits a chart to its place a tenth of a second after it has drawn it.
_SETTLE = """async ({charts, patience}) => {
    const until = performance.now() + patience;
    const everything = {subtree: true, childList: true, attributes: true};
    let changes = 0;
    const observer = new MutationObserver(() => { changes += 1; });
    observer.observe(document, everything);
    const isDrawn = plot => {
        const drawing = plot.shadowRoot?.querySelector(".main-svg");
        return drawing && drawing.getBoundingClientRect().height > 0;
    };
    const missing = () => {
        const cards = [...document.querySelectorAll("[data-chart]")];
        const plots = [...document.querySelectorAll("marimo-plotly")];
        if (window.kernelIsBusy) return "the kernel is still running cells";
        if (charts !== null && cards.length !== charts)
            return `there are ${cards.length} cards instead of ${charts}`;
        const blank = plots.filter(plot => !isDrawn(plot))
            .map(plot => plot.closest("[data-chart]")?.dataset.chart);
        if (charts !== null) blank.push(...cards
            .filter(card => !card.querySelector("marimo-plotly"))
            .map(card => card.dataset.chart));
        return blank.length ? `not drawn: ${blank.join(", ")}` : "";
    };
    let why = "";
    for (let quiet = 0; quiet < 4;) {
        if (performance.now() > until) {
            observer.disconnect();
            return why || "it does not stop changing";
        }
        changes = 0;
        for (const plot of document.querySelectorAll("marimo-plotly"))
            if (plot.shadowRoot) observer.observe(plot.shadowRoot, everything);
        await new Promise(requestAnimationFrame);
        await new Promise(resolve => setTimeout(resolve, 40));
        why = missing();
        quiet = why || changes ? 0 : quiet + 1;
    }
    observer.disconnect();
    return "";
}"""


def settle(page: Page, charts: int | None = None) -> None:
    """Wait until cells have run and charts are drawn, and nothing of the page changes.

    Plotly complains of a chart that goes while it draws it, so that nothing that draws the
    charts again may be chosen before. After a choice, first expect what it changes: until the
    kernel has heard of it, the page looks as if it were done.

    Args:
        page: The page.
        charts: How many cards with a figure there must be; without it, any number of them
            may be there and may be without one.
    """
    why = page.evaluate(_SETTLE, {"charts": charts, "patience": PATIENCE})
    assert not why, f"{page.url} is not done after {PATIENCE / 1000:.0f} s: {why}"


def expect_fitting(page: Page, name: str) -> None:
    """Nothing is wider than a wide or a narrow screen; leaves a picture of both.

    Args:
        page: The page; it is left on the narrow screen, for `widen` to end that.
        name: Of the page; the screenshots are tests/artifacts/<name>_<screen>.png.
    """
    for screen, size in SIZES.items():
        assert wider_than_the_screen(page, f"{name}_{screen}", size) == []


def widen(page: Page) -> None:
    """Show the page on a wide screen again."""
    page.set_viewport_size(WIDE)
    settle(page)


def wider_than_the_screen(page: Page, picture: str, size: ViewportSize) -> list[str]:
    """What of the open page is wider than a screen of that width; leaves a picture of it all.

    Args:
        page: The page.
        picture: Name of the screenshot in tests/artifacts, without suffix.
        size: The screen; its height is stretched to that of the page.
    """
    page.set_viewport_size(size)
    settle(page)
    # The page scrolls inside marimo's own element; all of it is shown for the picture.
    height = page.locator("#App").evaluate("element => element.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})
    settle(page)
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
