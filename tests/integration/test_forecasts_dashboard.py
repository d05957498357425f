"""The page of forecasts shows what its marts hold, in words that say how sure it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.forecasts import PAGE
from dashboards.lib import format as fmt
from dashboards.lib import render
from dashboards.lib.parts import anomalies, forecast_tables, forecasts
from dashboards.lib.view import View
from tests.support.pages import chart, table, tile, view_of

QUARTER = (
    "select forecast_value, low_80_value, high_80_value from marts.mart_demand_forecast "
    "where forecast_grain = 'quarter' and is_forecast and metric_name = ? "
    "and series_type = ? and series_name = ?"
)


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def warehouse(request: pytest.FixtureRequest) -> Path:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    path: Path = request.getfixturevalue(name)
    return path


@pytest.fixture
def marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(warehouse.resolve()), read_only=True) as connection:
        yield connection


@pytest.fixture
def changed(tmp_path: Path, built_warehouse: Path) -> Path:
    """A copy of the warehouse that a test may change."""
    path = tmp_path / "olist.duckdb"
    shutil.copy(built_warehouse.resolve(), path)
    path.chmod(0o600)
    return path


def _text(view: View) -> str:
    return str(forecasts.summary(view).text)


def test_tiles_and_sentence_have_the_quarter_of_the_mart_with_its_interval(
    warehouse: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    for chosen, metric, words in (
        ("Orders", "num_orders", fmt.number),
        ("Revenue", "revenue_amount", fmt.brl),
    ):
        view = view_of(PAGE, warehouse, chosen={"metric": chosen})
        found = marts.execute(QUARTER, [metric, "total", "all"]).fetchone()
        assert found is not None
        value, low, high = map(words, found)
        assert tile(view, "quarter").value == value
        assert f"80% interval {low} to {high}" in tile(view, "quarter").unit
        assert f"80% interval {low} to {high}" in _text(view)


def test_a_chosen_state_and_category_are_series_of_their_own(
    warehouse: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    view = view_of(PAGE, warehouse, where={"state": ("SP",), "category": ("health_beauty",)})
    found = marts.execute(QUARTER, ["num_orders", "state", "SP"]).fetchone()
    assert found is not None
    assert tile(view, "quarter").value == fmt.number(found[0])
    assert _text(view).count("SP: ") == 1
    assert [one.caption for one in chart(view, "forecast").panels] == ["SP", "Health & beauty"]


def test_more_series_than_fit_are_left_to_the_tables(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, where={"state": ("MG", "PR", "RJ", "RS", "SP")})
    shown = chart(view, "forecast")
    assert len(shown.panels) == 3
    assert "2 more are in the tables" in shown.subtitle


def test_tables_of_states_and_categories_add_up_to_the_total(
    warehouse: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    view = view_of(PAGE, warehouse)
    found = marts.execute(QUARTER, ["num_orders", "total", "all"]).fetchone()
    assert found is not None
    for key in ("by_state", "by_category"):
        assert sum(row[2] for row in table(view, key).rows) == pytest.approx(found[0])  # type: ignore[misc]


def test_the_table_of_weeks_has_the_year_before_and_the_quarter_ahead(warehouse: Path) -> None:
    rows = table(view_of(PAGE, warehouse), "weeks").rows
    ahead = [row for row in rows if row[2] is None]
    assert len(ahead) == 13
    assert len(rows) == 13 + 52
    assert all(row[3] is None for row in rows[13:])
    days = [str(row[0]) for row in rows]
    assert days == sorted(days, reverse=True)


def test_black_friday_is_said_to_be_a_calculation_that_nothing_tests(
    warehouse: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    view = view_of(PAGE, warehouse)
    rows = marts.execute(
        "select first_date, forecast_value, event_factor, low_80_value, weeks_ahead "
        "from marts.mart_demand_forecast where event_name = 'Black Friday' and is_forecast "
        "and forecast_grain = 'day' and series_type = 'total' and metric_name = 'num_orders' "
        "order by first_date"
    ).fetchall()
    assert len(rows) == 8
    friday = rows[1]
    assert friday[0].weekday() == 4
    assert all(row[3] is None for row in rows if row[4] > 13)
    shown = chart(view, "black_friday")
    assert "nothing tests" in shown.subtitle
    assert fmt.day(max(rows, key=lambda row: row[1])[0]) in shown.finding


def test_every_day_that_stands_out_is_in_the_table(
    warehouse: Path, marts: duckdb.DuckDBPyConnection
) -> None:
    number = marts.execute(
        "select count(*) from marts.mart_metric_anomalies where is_anomaly"
    ).fetchone()
    assert number == (len(table(view_of(PAGE, warehouse), "days_that_stand_out").rows),)


@pytest.mark.real_data
def test_black_friday_and_the_strike_are_marked_and_raise_no_alarm(
    real_warehouse: Path,
) -> None:
    rows = table(view_of(PAGE, real_warehouse), "days_that_stand_out").rows
    for name, day in (("Black Friday", "2017-11-24"), ("Truckers' strike", "2018-05-24")):
        for figure in ("Orders a day", "Revenue a day"):
            [row] = [one for one in rows if one[0] == day and one[1] == figure]
            assert (row[7], row[8]) == (name, "")
    assert all(row[8] == "" for row in rows if row[7])


def _with_an_alarm(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update marts.mart_metric_anomalies set is_anomaly = true, is_alarm = true, "
            "anomaly_kind = 'point', episode_first_date = metric_date, expected_value = 40, "
            "z_score = -5, metric_value = 7, known_event = null "
            "where metric_name = 'num_orders' and metric_date = scored_as_of_date - 3"
        )


def test_an_alarm_is_in_the_sentence_the_tile_the_chart_and_the_table(changed: Path) -> None:
    assert "No day stood out" in _text(view_of(PAGE, changed))
    _with_an_alarm(changed)
    with duckdb.connect(str(changed)) as connection:
        # Another version, as far as a page's cache knows.
        connection.execute("update ops.warehouse_info set run_id = 'changed'")
    view = view_of(PAGE, changed)
    assert "Once in the 90 days" in _text(view)
    assert "(orders a day: 7, 40 likely)" in _text(view)
    assert tile(view, "alarms").value == "1"
    assert chart(view, "anomalies").finding.startswith("1 figure stood out")
    [row] = table(view, "days_that_stand_out").rows
    assert row[1:5] == ("Orders a day", "7", "40", "one day")
    assert row[8] == "yes"


def test_a_version_without_forecasts_says_so_and_shows_nothing(changed: Path) -> None:
    with duckdb.connect(str(changed)) as connection:
        connection.execute("delete from marts.mart_demand_forecast")
        connection.execute("update ops.warehouse_info set run_id = 'without'")
    view = view_of(PAGE, changed)
    assert "No forecast" in _text(view)
    assert [one.key for one in render.charts(view)] == ["anomalies"]
    assert forecast_tables.rows(view) is None


@pytest.mark.parametrize("is_tested", [True, False])
def test_the_error_is_that_of_the_backtest_or_there_is_none(
    changed: Path, is_tested: bool
) -> None:
    figures: list[tuple[Any, ...]] = [
        *(
            ("demand_forecast", fold, "num_orders_weeks_1_to_8_mase", 2.0, 2.5, 8)
            for fold in "ab"
        ),
        ("demand_forecast", "pooled", "num_orders_weeks_1_to_8_mase", 2.0, 2.5, 16),
        ("demand_forecast", "pooled", "num_orders_weeks_in_80_interval", 0.77, None, 16),
        ("late_order_risk", "pooled", "auc", 0.7, 0.5, 16),
    ]
    with duckdb.connect(str(changed)) as connection:
        connection.execute(
            "create or replace table marts.mart_model_quality (model_name varchar, "
            "fold varchar, metric_name varchar, metric_value double, naive_value double, "
            "num_rows integer)"
        )
        if is_tested:
            connection.executemany(
                "insert into marts.mart_model_quality values (?, ?, ?, ?, ?, ?)", figures
            )
        connection.execute(f"update ops.warehouse_info set run_id = 'tested {is_tested}'")
    view = view_of(PAGE, changed)
    shown = tile(view, "error")
    if is_tested:
        assert shown.value == "\N{MINUS SIGN}20.0%"
        assert "from 2 origins" in shown.unit
        assert "77.0%" in (shown.note or "")
        assert len(table(view, "tests").rows) == 2
    else:
        assert shown.value == fmt.NOT_AVAILABLE
        assert "backtest" in (shown.note or "")


def test_every_watched_metric_has_a_name_and_a_way_to_be_written(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    names = marts.execute("select distinct metric_name from marts.mart_metric_anomalies")
    assert {name for (name,) in names.fetchall()} == set(anomalies.WATCHED)
