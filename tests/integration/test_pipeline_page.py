"""The pipeline page over a log of runs of every kind: figures, words, empty states."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pytest

from dashboards.lib import format as fmt
from dashboards.lib.parts import pipeline, runs
from dashboards.lib.parts.pipeline import Log
from orchestration.runs.summary import (
    CheckCounts,
    CheckResult,
    GateSummary,
    NodeTime,
    RunSummary,
    StageTime,
    TableRows,
)
from tests.unit.test_run_history import NOW, account, summary, written

_DAY = timedelta(hours=24)
_BROKEN = CheckResult(
    gate="raw",
    table="raw.orders",
    name="order_status is <known>",
    severity="critical",
    status="failed",
    expected="one of 8 statuses",
    observed="3 rows with others",
    num_unexpected=3,
    sample=("order_id=o1, order_status=<b>entregue</b>",),
    advice="Ask for the files again.",
)


def _good(day: int, seconds: float, rows: int, quarantined: int = 0) -> RunSummary:
    base = summary(day)
    return summary(
        day,
        finished_at=base.started_at + timedelta(seconds=seconds),
        stages=(StageTime("extract", seconds / 4), StageTime("transform", seconds * 3 / 4)),
        tables=(TableRows("raw", "orders", rows), TableRows("core", "fact_orders", rows)),
        checks=CheckCounts(96, 1, 0, 0),
        gates=(GateSummary("raw", 3, 0, 0, 0.5),),
        accounts=(account("orders", rows=rows, quarantined=quarantined),),
        nodes=(
            NodeTime("fact_orders", "model", "ok", 2.0),
            NodeTime("mart_slow", "model", "ok", 5.5),
            NodeTime("seed", "seed", "ok", 0.1),
            NodeTime("keys_are_unique", "test", "ok", 0.7),
        ),
    )


def _failed(day: int, **more: Any) -> RunSummary:  # noqa: ANN401
    values: dict[str, Any] = {
        "status": "failed",
        "error": "The raw gate failed.\nmore of it",
        "error_type": "GateError",
        "stages": (StageTime("extract", 4.0), StageTime("check_raw", 1.0)),
        "gates": (GateSummary("raw", 2, 0, 1, 0.5),),
        "problems": (_BROKEN,),
    }
    return summary(day, **(values | more))


@dataclass(frozen=True)
class Place:
    """A warehouse directory with a version and a log of runs."""

    directory: Path

    def load(self, num_runs: int = 30) -> Log:
        """What the page shows of it."""
        return pipeline.load(
            self.directory / "olist.duckdb", self.directory / "runs", _DAY, num_runs, NOW
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, built_warehouse: Path) -> Place:
    directory = tmp_path_factory.mktemp("pipeline_page")
    version = directory / "versions" / "x" / "olist.duckdb"
    version.parent.mkdir(parents=True)
    shutil.copy(built_warehouse.resolve(), version)
    version.chmod(0o644)
    with duckdb.connect(str(version)) as connection:
        connection.execute(
            "insert into ops.quarantined_rows by name select 'orders' as table_name, "
            "'k' || i as row_key, 'status is odd (' || i || ')' as reason, "
            "'text' as source_text "
            "from range(4) as t(i)"
        )
        connection.execute(
            "insert into ops.rejected_lines by name select batch_id, table_name, "
            "'orders.csv' as source_file, 7 as line_number, 'a field too many' as reason, "
            "'a,b' as line_text, loaded_at from ops.load_audit "
            "where table_name = 'orders' "
            "union all select 'an older load', 'orders', 'orders.csv', 8, 'a field too many', "
            "'c,d', loaded_at from ops.load_audit where table_name = 'orders'"
        )
    (directory / "olist.duckdb").symlink_to(version)
    written(
        directory / "runs",
        _good(20, 30.0, 1000),
        _good(21, 20.0, 1010),
        _failed(22, error_type="KeyboardInterrupt"),
        summary(23, kind="validation"),
        _good(24, 40.0, 1030, quarantined=3),
        _failed(29),
    )
    return Place(directory)


def test_the_tiles_are_those_of_the_log(place: Place) -> None:
    view = place.load()
    shown = {tile.key: tile for tile in pipeline.tiles(view)}
    assert shown["last_run"].value == "Failed"
    assert shown["success_rate"].value == fmt.percent(3 / 4)
    assert "missed" in shown["success_rate"].html()
    assert shown["freshness"].value == "5 days"
    assert shown["quality_score"].value == fmt.percent(99 / 100 * 1027 / 1030)
    assert "kept" in shown["quality_score"].html()
    assert shown["duration"].value == "40.0 s"
    assert pipeline.seconds(40 - median([30, 20])) in shown["duration"].html()
    assert shown["rows"].value == "2,060"
    assert "40</b>" in shown["rows"].html()
    assert shown["unusable"].value == "3"
    assert shown["checks"].value == "99 of 100"
    assert shown["now"].value == "Idle"


def test_a_failed_last_run_comes_first_with_its_rows_and_what_to_do(place: Place) -> None:
    alarm = pipeline.alarm(place.load())
    assert alarm is not None
    for words in (
        "The last run failed at check raw",
        "The raw gate failed.",
        "order_status is &lt;known&gt;",
        "&lt;b&gt;entregue&lt;/b&gt;",
        "Ask for the files again.",
        "run.log",
        "Readers see version",
    ):
        assert words in alarm


def test_the_charts_hold_the_runs_that_were_to_publish_oldest_first(place: Place) -> None:
    view = place.load()
    shown = {chart.key: chart for chart in runs.charts(view)}
    order = list(shown["durations"].panels[0].figure.layout.xaxis.categoryarray)
    assert order == sorted(order)
    assert len(order) == 4  # neither the interrupted one nor the validation
    extract = shown["durations"].panels[0].figure.data[0]
    assert list(extract.y) == [7.5, 5.0, 10.0, 4.0]
    failed = shown["durations"].panels[0].figure.data[-1]
    assert list(failed.x) == [order[-1]]
    slow = shown["slowest_models"].panels[0].figure.data[0]
    assert list(slow.y) == ["mart_slow", "fact_orders", "seed"]
    assert "5.5 s of 7.6 s that all 3 take" in shown["slowest_models"].finding


def test_tests_whose_names_are_cut_alike_keep_a_bar_each(tmp_path: Path) -> None:
    names = [f"stg_orders_{n}_columns_keys_are_unique" for n in ("many", "more", "most")]
    run = summary(29, nodes=tuple(NodeTime(name, "test", "ok", 1.0) for name in names))
    written(tmp_path / "runs", run)
    shown = {chart.key: chart for chart in runs.charts(Place(tmp_path).load())}
    bars, _ = shown["slowest_tests"].panels[0].figure.data
    assert len(set(bars.y)) == 3
    assert all(len(name) < 30 for name in bars.y)


def test_what_cannot_be_used_is_counted_by_table_and_reason(place: Place) -> None:
    found = {
        (row["table"], row["unusable_kind"], row["reason"]): row
        for row in place.load().unusable
    }
    assert found["orders", "quarantined", "status is odd"]["num_rows"] == 4
    # That of an older load is gone with its file.
    rejected = found["orders", "rejected", "a field too many"]
    assert (rejected["num_rows"], rejected["example"]) == (1, "orders.csv line 7: a,b")


def test_the_tables_have_every_run_and_every_check_that_did_not_pass(place: Place) -> None:
    view = place.load()
    found = {table.key: table for table in runs.tables(view)}
    assert len(found["runs"].rows) == 6
    read = list(csv.DictReader(io.StringIO(found["checks_not_passed"].csv().decode("utf-8"))))
    assert {row["Check"] for row in read} == {_BROKEN.name}
    assert read[0]["Some of them"] == _BROKEN.sample[0]
    change = {row[1]: row[4] for row in found["tables"].rows}
    assert change == {"orders": 1030 - 1010, "fact_orders": 1030 - 1010}


def test_the_filter_takes_the_newest_runs(place: Place) -> None:
    view = place.load(2)
    assert [run.run_id for run in view.shown] == [_failed(29).run_id, _good(24, 1, 1).run_id]
    # Objectives are of their own span, whatever is shown.
    assert view.objectives == place.load().objectives


def test_before_the_first_run_the_page_says_what_to_do(tmp_path: Path) -> None:
    view = Place(tmp_path).load()
    assert "There is no run yet" in runs.summary(view).text
    assert pipeline.alarm(view) is None
    assert runs.trends(view) is None
    assert runs.data(view) is None
    assert view.info is None


def test_after_a_first_run_that_failed_the_page_shows_why(tmp_path: Path) -> None:
    written(tmp_path / "runs", _failed(29, problems=(), gates=()))
    view = Place(tmp_path).load()
    alarm = pipeline.alarm(view)
    assert alarm is not None
    assert "more of it" in alarm
    assert "Readers see nothing" in alarm
    assert len(pipeline.tiles(view)) == 10
    assert len(runs.charts(view)) == 8
    assert runs.data(view) is not None


def test_a_good_first_run_is_compared_with_nothing(tmp_path: Path) -> None:
    written(tmp_path / "runs", _good(29, 20.0, 100))
    view = Place(tmp_path).load()
    assert pipeline.alarm(view) is None
    shown = {tile.key: tile.html() for tile in pipeline.tiles(view)}
    assert "the first run" in shown["duration"]
    assert "the first version" in shown["rows"]
    assert {chart.finding for chart in runs.charts(view)} >= {
        "The first run took 20.0 s",
        "The first version holds 200 rows",
    }
