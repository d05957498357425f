"""The pipeline page in a real browser: a real good run, after which one failed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestration.runs.history import read_history
from orchestration.runs.records import create_run_directory, new_run_id, write_summary
from orchestration.runs.summary import CheckResult, StageTime
from tests.support.browser import (
    PATIENCE,
    SIZES,
    chart,
    served,
    tile,
    watched_page,
    wider_than_the_screen,
)
from tests.unit.test_run_history import summary

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def after_a_failure(tmp_path_factory: pytest.TempPathFactory, built_warehouse: Path) -> Path:
    """The generated warehouse with one more run on record, which failed."""
    directory = tmp_path_factory.mktemp("after_a_failure")
    (directory / "olist.duckdb").symlink_to(built_warehouse.resolve())
    shutil.copytree(built_warehouse.parent / "runs", directory / "runs")
    good = read_history(directory / "runs").runs[0]
    problem = CheckResult(
        *("raw", "raw.orders", "order_status is known", "critical", "failed"),
        *("one of 8 statuses", "1 row with another", 1, ("order_id=o1",), "Ask for the files."),
    )
    failed = summary(
        0,
        run_id=new_run_id(good.finished_at),
        status="failed",
        started_at=good.finished_at,
        finished_at=good.finished_at,
        stages=(StageTime("prepare", 0.5), StageTime("extract", 2.0)),
        problems=(problem,),
        error="The raw gate failed.",
        error_type="GateError",
    )
    write_summary(create_run_directory(directory / "runs", failed.run_id, keep=9), failed)
    return directory


def _settled(page: Page, url: str) -> None:
    page.goto(f"{url}pipeline")
    expect(page.locator("[data-tile]")).to_have_count(10, timeout=PATIENCE)
    expect(chart(page, "durations").locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")


def test_the_page_shows_a_failed_last_run_first_and_fits_every_screen(
    browser: Browser, after_a_failure: Path
) -> None:
    with served(after_a_failure) as url, watched_page(browser) as page:
        _settled(page, url)
        alarm = page.locator("[data-alarm]")
        expect(alarm).to_contain_text("The last run failed at extract")
        expect(alarm).to_contain_text("order_id=o1")
        expect(tile(page, "last_run")).to_contain_text("Failed")
        expect(tile(page, "success_rate")).to_contain_text("50.0%")
        page.get_by_role("tab", name="Checks that did not pass").click()
        expect(page.get_by_role("cell", name="order_status is known")).to_be_visible()
        page.get_by_role("tab", name="Runs", exact=True).click()
        page.locator("marimo-dropdown", has_text="Runs").locator("select").select_option(
            label="the last 10"
        )
        expect(tile(page, "last_run")).to_contain_text("Failed")
        page.wait_for_url(re.compile("/pipeline/?[?]runs=10$"), wait_until="commit")
        page.reload()  # as a link would
        expect(tile(page, "last_run")).to_contain_text("Failed", timeout=PATIENCE)
        chosen = page.locator("marimo-dropdown", has_text="Runs").locator("option:checked")
        expect(chosen).to_have_text("the last 10")
        expect(chart(page, "durations").locator(".main-svg").first).to_be_visible()
        for screen, size in SIZES.items():
            page.set_viewport_size(size)
            page.wait_for_timeout(500)
            assert wider_than_the_screen(page, f"pipeline_{screen}", size) == []
