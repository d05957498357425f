"""The page /ask and the data catalogue in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.lib.server import Serving
from orchestration.catalogue import make_catalogue
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse import Warehouse
from tests.support import tiny
from tests.support.browser import ARTIFACTS, PATIENCE, WIDE, chart
from tests.support.serving import running

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("questions")  # compiled: the page need not wait for dbt
def test_a_question_is_searched_chosen_and_answered_and_free_sql_is_run_or_refused(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}ask/?q=2")
    expect(page.locator("[data-finding]")).to_contain_text("bought for the first time in")
    expect(page.locator('[data-question="2"]')).to_contain_text("by a proxy")
    expect(page.locator('[data-question="2"]')).to_contain_text("Its limit.")
    expect(chart(page, "question_2").locator(".main-svg").first).to_be_visible(timeout=PATIENCE)

    page.get_by_placeholder("late, repeat, freight").fill("repeat purchase rate")
    expect(page.locator('[data-question="36"]')).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-finding]")).to_contain_text("bought a second time")
    page.get_by_role("tab", name="SQL", exact=True).click()
    expect(page.locator(".cm-content").last).to_contain_text("One row per complete month")
    page.get_by_role("tab", name="Lineage").click()
    expect(page.locator("[data-lineage]").last).to_contain_text("mart_cohort_analysis")
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / "ask_wide.png", full_page=True)

    page.get_by_role("tab", name="Free SQL").click()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-sql-rows]")).to_contain_text("rows.", timeout=PATIENCE)
    page.locator(".cm-content").first.fill("drop table core.dim_customer")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-sql-error]")).to_contain_text("kind 'drop'", timeout=PATIENCE)


def test_the_catalogue_has_its_pages_and_lineage_and_says_how_to_make_it_before(
    page: Page, tmp_path: Path
) -> None:
    """On a tiny project with the real pages: to describe the whole one takes many seconds."""
    warehouse = Warehouse(tmp_path / "warehouse")
    tiny.publish(warehouse, tiny.numbered_run(1), 1)
    project = tiny.write_project(tmp_path / "project", a="select 1 as value")
    shutil.copy(PROJECT_ROOT / "olist_dw_dbt" / "models" / "_catalogue.md", project / "models")
    path = tmp_path / "warehouse" / "catalog" / "index.html"
    before = warehouse.published_path.resolve().read_bytes()
    serving = Serving(warehouse.published_path, tmp_path, catalog_path=path)
    with running(serving) as server:
        unmade = server.get("/catalog/")
        assert (unmade.status, "make docs" in unmade.text) == (404, True)
        make_catalogue(warehouse, project, tmp_path / "cache", path)
        page.set_viewport_size(WIDE)
        page.goto(f"http://127.0.0.1:{server.port}/catalog")
        expect(page.locator("h2").first).to_have_text("The data catalogue of Olist DW")
        page.get_by_role("link", name="marts", exact=True).first.click()
        expect(page.locator("h2").first).to_have_text("Marts")
        page.goto("about:blank")
        page.goto(f"http://127.0.0.1:{server.port}/catalog/#!/model/model.tiny.a?g_v=1")
        expect(page.locator("canvas").first).to_be_visible()
    assert warehouse.published_path.resolve().read_bytes() == before
