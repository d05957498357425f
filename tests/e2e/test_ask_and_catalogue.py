"""The page /ask and the data catalogue in a real browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.lib.server import Serving
from orchestration.dbt.catalogue import make_catalogue
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.store import Warehouse
from tests.support import tiny
from tests.support.browser import ARTIFACTS, PATIENCE, WIDE, chart, settle
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
    expect(page.locator("[data-finding]")).to_contain_text("bought again on a later day")
    page.get_by_role("tab", name="SQL", exact=True).click()
    expect(page.locator(".cm-content").last).to_contain_text("One row per complete month")
    page.get_by_role("tab", name="Lineage").click()
    expect(page.locator("[data-lineage]").last).to_contain_text("mart_cohort_analysis")
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / "ask_wide.png", full_page=True)

    page.get_by_role("tab", name="Free SQL").click()
    page.get_by_role("button", name="Run").click()
    # Customers and not their addresses, and nobody who is unknown.
    expect(page.locator("[data-sql-rows]")).to_contain_text("5 rows.", timeout=PATIENCE)
    page.locator(".cm-content").first.fill("drop table core.dim_customer")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-sql-error]")).to_contain_text("kind 'drop'", timeout=PATIENCE)


@pytest.mark.usefixtures("questions")
def test_a_search_without_a_hit_and_a_number_that_does_not_exist_say_so(
    page: Page, dashboards_url: str
) -> None:
    for asked in ("999", "abc"):
        page.goto(f"{dashboards_url}ask/?q={asked}")
        box = page.locator(".dw-message")
        expect(box).to_contain_text("There is no such question", timeout=PATIENCE)
        expect(box).to_contain_text(f"asks for question '{asked}'. They are numbered 1 to 100")
        settle(page, 0)
        expect(page.locator("[data-question]")).to_have_count(0)
        expect(page.get_by_role("cell", name="Month-over-month")).to_be_visible()

    search = page.get_by_placeholder("late, repeat, freight")
    search.fill("xyzzy")
    found_nothing = page.locator(".dw-message", has_text="No question matches")
    expect(found_nothing).to_contain_text("\u201cxyzzy\u201d", timeout=PATIENCE)
    expect(page.locator("[data-question]")).to_have_count(0)
    search.fill("repeat purchase rate")  # the list comes back, and with it the answer
    expect(page.locator('[data-question="36"]')).to_be_visible(timeout=PATIENCE)
    expect(found_nothing).to_have_count(0)
    settle(page)


@pytest.mark.usefixtures("questions")
def test_every_choice_is_in_the_address_and_survives_a_reload(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}ask/?search=late&area=Delivery and operations&tier=1,2,3")
    listed = page.locator("marimo-table").first.locator("tbody tr")
    expect(page.get_by_placeholder("late, repeat, freight")).to_have_value("late")
    expect(listed.first).to_contain_text("Delivery and operations", timeout=PATIENCE)
    expect(listed.first).not_to_contain_text("...", timeout=PATIENCE)  # its finding is there
    settle(page)
    assert "q=" not in page.url, "the first of a list is where it begins"
    number = listed.last.locator("td").nth(1).inner_text()
    listed.last.locator("[role=checkbox]").click()
    expect(page.locator(f'[data-question="{number}"]')).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.get_by_role("tab", name="Lineage").click()
    expect(page).to_have_url(re.compile("part=Lineage"))
    for part in (f"q={number}", "search=late", "area=Delivery", "tier=1"):
        expect(page).to_have_url(re.compile(part))
    page.reload()
    expect(page.locator(f'[data-question="{number}"]')).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-lineage]").last).to_be_visible()
    settle(page)
    page.goto(f"{dashboards_url}ask/?tab=Free SQL&sql=select 6 * 7 as found")
    page.get_by_role("button", name="Run").click(timeout=PATIENCE)
    expect(page.get_by_role("cell", name="42", exact=True)).to_be_visible(timeout=PATIENCE)
    settle(page)


@pytest.mark.usefixtures("questions")
def test_a_query_can_be_stopped_and_the_next_one_takes_its_place(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}ask/")
    settle(page, 1)
    page.get_by_role("tab", name="Free SQL").click()
    editor, run = page.locator(".cm-content").first, page.get_by_role("button", name="Run")
    editor.fill("select sum(a.range * b.range) from range(1000000) a, range(1000000) b")
    run.click()
    expect(page.locator("[data-sql-running]")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop the query").click()
    stopped = page.locator(".dw-message", has_text="was stopped before it had ended")
    expect(stopped).to_be_visible(timeout=5_000)  # its own time would be twice as long

    run.click()  # the same once more
    expect(page.locator("[data-sql-running]")).to_be_visible(timeout=PATIENCE)
    editor.fill("select 41 + 1 as found")
    run.click()
    expect(page.locator("[data-sql-rows]")).to_have_text("1 row.", timeout=5_000)
    expect(page.get_by_role("cell", name="42", exact=True)).to_be_visible(timeout=PATIENCE)
    editor.fill("select repeat('x', 7000000)")
    run.click()
    expect(page.locator("[data-sql-error]")).to_contain_text("first row alone is larger")


@pytest.mark.usefixtures("questions")
def test_what_the_data_hold_is_text_to_a_reader_and_fetches_nothing(
    page: Page, dashboards_url: str
) -> None:
    """The page is watched: a request to another address fails the test."""
    texts = (
        "http://attacker.invalid/pixel.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "![](http://attacker.invalid/markdown.png)",
        "[click](javascript:alert(1))",
        "<img src=http://attacker.invalid/html.png onerror=alert(1)>",
        '["text/html:<img src=http://attacker.invalid/json.png>"]',
        "<marimo-plotly data-figure='1'></marimo-plotly>",
        "x" * 3000,
    )
    page.goto(f"{dashboards_url}ask/")
    settle(page, 1)
    page.get_by_role("tab", name="Free SQL").click()
    values = ", ".join("('" + text.replace("'", "''") + "')" for text in texts)
    sql = (
        f"""select t as "http://attacker.invalid/heading.png" from (values {values}) as v(t)"""
    )
    page.locator(".cm-content").first.fill(sql)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-sql-rows]")).to_have_text("8 rows.", timeout=PATIENCE)
    cells = page.locator("marimo-table").locator("tbody tr")
    shown = [*texts[:-1], "x" * 500 + "\N{HORIZONTAL ELLIPSIS} (3,000 characters)"]
    expect(cells).to_have_text(shown, timeout=PATIENCE)
    assert cells.locator("a, img, marimo-plotly, button").count() == 0
    settle(page)


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
