"""The page /explore in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import (
    PATIENCE,
    chart,
    choose,
    expect_fitting,
    select,
    settle,
    tile,
    widen,
)

pytestmark = pytest.mark.browser

_EVERYTHING = {
    "q": "revenue_amount, average_review_score by order_month, region, order_status where "
    "customer_state = PR, SP from 2018-01-01 to 2018-06-30",
    "compare": "year",
    "sort": "-revenue_amount",
}


def _address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def _value(page: Page, label: str) -> str:
    box = page.locator("marimo-dropdown", has=page.get_by_text(label, exact=True))
    chosen: str = box.locator("select").evaluate("box => box.selectedOptions[0].label")
    return chosen


def test_a_link_with_every_choice_restores_the_page_and_survives_a_reload(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}explore/?{urlencode(_EVERYTHING)}")
    for _ in range(2):
        expect(chart(page, "revenue_amount")).to_be_visible(timeout=PATIENCE)
        settle(page, 2)
        assert _address(page) == _EVERYTHING
        chosen = {
            "Time": "Month",
            "By": "Region of the customer",
            "And by": "Order status",
            "Period": "Other days",
            "Compare with": "The year before",
            "Sort": "Revenue, largest first",
        }
        assert {label: _value(page, label) for label in chosen} == chosen
        for text in ("First day", "Last day", "State of the customer (empty: all)"):
            expect(page.get_by_text(text, exact=True).last).to_be_visible()
        page.reload()
    expect(chart(page, "revenue_amount")).to_be_visible(timeout=PATIENCE)
    settle(page, 2)


def test_choices_stand_in_the_address_and_only_what_can_be_combined_is_offered(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}explore/")
    expect(chart(page, "num_sales")).to_be_visible(timeout=PATIENCE)
    settle(page, 2)
    assert _address(page) == {}, "a page that is as it begins leads back to the one before"
    by = page.locator("marimo-dropdown", has=page.get_by_text("By", exact=True))
    offered = by.locator("option").all_inner_texts()
    assert "Region of the customer" in offered
    assert "Category" not in offered  # sales are orders, which have no one category
    select(page, "Time", "None")
    expect(tile(page, "num_sales")).to_be_visible(timeout=PATIENCE)
    assert _address(page)["q"].startswith("revenue_amount, num_sales from 2017-")
    select(page, "Compare with", "The period before")
    expect(tile(page, "num_sales")).to_contain_text("on the period before", timeout=PATIENCE)
    choose(page, "Metrics", "Sales")  # taken away
    expect(tile(page, "num_sales")).to_have_count(0, timeout=PATIENCE)
    settle(page, 0)
    by.locator("select").select_option(label="Category")
    expect(chart(page, "revenue_amount")).to_be_visible(timeout=PATIENCE)
    settle(page, 1)
    found = _address(page)
    assert found["q"].startswith("revenue_amount by category from 2017-")
    assert found["compare"] == "before"


def test_a_row_leads_to_its_orders_and_all_rows_can_be_taken_away(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}explore/?{urlencode({'q': 'num_orders by region'})}")
    expect(chart(page, "num_orders")).to_be_visible(timeout=PATIENCE)
    settle(page, 1)
    page.locator("marimo-table tbody tr [role=checkbox]").first.click()
    behind = page.locator("[data-orders]")
    expect(behind).to_contain_text("Orders behind Central-West", timeout=PATIENCE)
    expect(behind).to_contain_text("orders.")
    expect(page.locator("marimo-table").last).to_contain_text("Revenue of the order (R$)")
    settle(page, 1)
    for label, start in (("CSV", b"Region"), ("XLSX", b"PK"), ("Parquet", b"PAR1")):
        with page.expect_download(timeout=PATIENCE) as taken:
            page.get_by_text(f"Download {label}", exact=True).click()
        assert Path(taken.value.path()).read_bytes().startswith(start)
    page.get_by_role("button", name="SQL of the rows").click()
    expect(page.locator("[data-sql]").last).to_contain_text("fact_orders", timeout=PATIENCE)
    expect_fitting(page, "explore")
    widen(page)


def test_a_wrong_link_says_what_there_is_and_the_page_can_be_used(
    page: Page, dashboards_url: str
) -> None:
    page.goto(f"{dashboards_url}explore/?{urlencode({'q': 'revenu by region'})}")
    box = page.locator(".dw-message")
    expect(box).to_contain_text("Did you mean revenue_amount?", timeout=PATIENCE)
    settle(page, 0)
    choose(page, "Metrics", "Revenue")
    expect(tile(page, "revenue_amount")).to_be_visible(timeout=PATIENCE)
    expect(box).to_have_count(0)
    settle(page, 0)
    assert _address(page)["q"].startswith("revenue_amount from ")
