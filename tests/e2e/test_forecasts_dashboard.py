"""The page of forecasts in a real browser, over generated data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboards.lib import format as fmt
from orchestration.warehouse.store import open_reader
from tests.support.browser import PATIENCE, chart, select, settle, tile

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def marts(built_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_reader(built_warehouse) as connection:
        yield connection


def _expected(marts: duckdb.DuckDBPyConnection, metric: str, kind: str, name: str) -> float:
    row = marts.execute(
        "select forecast_value from marts.mart_demand_forecast where is_forecast "
        "and forecast_grain = 'quarter' and metric_name = ? and series_type = ? "
        "and series_name = ?",
        [metric, kind, name],
    ).fetchone()
    assert row is not None
    return float(row[0])


def test_a_choice_changes_the_forecast_and_stands_in_the_address(
    page: Page, dashboards_url: str, marts: duckdb.DuckDBPyConnection
) -> None:
    page.goto(f"{dashboards_url}forecasts/")
    value = tile(page, "quarter").locator(".dw-value")
    total = _expected(marts, "num_orders", "total", "all")
    expect(value).to_have_text(fmt.number(total), timeout=PATIENCE)
    settle(page)
    expect(chart(page, "anomalies")).to_be_visible()
    expect(page.get_by_role("tab", name="Days that stand out")).to_be_visible()
    select(page, "Forecast of", "Revenue")
    revenue = _expected(marts, "revenue_amount", "total", "all")
    expect(value).to_have_text(fmt.brl(revenue), timeout=PATIENCE)
    settle(page)
    assert "metric=revenue" in page.url
    page.goto(f"{dashboards_url}forecasts/?state=SP")
    state = _expected(marts, "num_orders", "state", "SP")
    expect(value).to_have_text(fmt.number(state), timeout=PATIENCE)
    settle(page)
