"""Dagster on generated data: one whole run, one stopped by its gate, and how all of it looks.

Both runs are in this process and share one warehouse directory, so the file stays together.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from extract.tables import TABLES, TABLES_BY_NAME
from orchestration.dagster import steps
from orchestration.dagster.assets import PUBLISHED
from orchestration.dagster.code_location import build_definitions
from orchestration.dagster.jobs import DAILY
from orchestration.dagster.steps import RESOURCE
from orchestration.runs.records import last_run
from orchestration.settings import Settings, load_settings
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support.same_tables import differences

NIGHT = datetime(2026, 11, 21, 5, tzinfo=UTC)  # 02:00 in São Paulo


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The definitions for a warehouse of their own, and a record of what Dagster ran on it."""

    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def run(self, job: str, **config: str) -> dg.ExecuteInProcessResult:
        """Run a job in this process, with settings of the run."""
        found = self.definitions.resolve_job_def(job)
        return found.execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            run_config={"resources": {RESOURCE: {"config": config}}},
        )


@pytest.fixture(scope="module")
def scheduled(
    tmp_path_factory: pytest.TempPathFactory, generated_files: Path
) -> Iterator[Scheduled]:
    settings = load_settings(
        env_file=None,
        warehouse_dir=tmp_path_factory.mktemp("dagster") / "dw",
        source=str(generated_files),
    )
    with dg.DagsterInstance.ephemeral() as instance:
        yield Scheduled(settings, build_definitions(settings), instance)


@pytest.fixture(scope="module")
def night(scheduled: Scheduled) -> dg.ExecuteInProcessResult:
    """The first of the two runs."""
    return scheduled.run(DAILY)


@pytest.fixture(scope="module")
def graph(scheduled: Scheduled) -> dg.AssetGraph:
    return scheduled.definitions.resolve_asset_graph()


def _failed_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    return [e.step_key or "" for e in result.all_events if e.is_step_failure]


def _started_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    return [e.step_key or "" for e in result.all_events if e.is_step_start]


def _fingerprints(path: Path) -> list[tuple[object, ...]]:
    """The rows of each raw table, but for when and by which run they came."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = []
        for table in TABLES:
            counted = f"'{table.name}', count(*), bit_xor(hash(_row_hash))"
            rows += connection.execute(f"select {counted} from raw.{table.name}").fetchall()
        return rows


# The whole run


def test_both_ways_publish_the_same_warehouse(
    scheduled: Scheduled, night: dg.ExecuteInProcessResult, built_warehouse: Path
) -> None:
    assert night.success, _failed_steps(night)
    ours = scheduled.settings.published_path.resolve()
    assert _fingerprints(ours) == _fingerprints(built_warehouse.resolve())
    assert differences(built_warehouse.resolve(), ours) == []


def test_every_asset_of_the_run_says_its_rows_and_how_long_it_took(
    scheduled: Scheduled, night: dg.ExecuteInProcessResult, graph: dg.AssetGraph
) -> None:
    told = {
        event.asset_key: event.materialization.metadata
        for event in night.get_asset_materialization_events()
    }
    assert told.keys() == set(graph.materializable_asset_keys)
    assert [key for key, facts in told.items() if "seconds" not in facts] == []
    with open_reader(scheduled.settings.published_path) as connection:
        for key in (("raw", "orders"), ("core", "fact_orders"), ("marts", "mart_order_funnel")):
            row = connection.execute(f"select count(*) from {'.'.join(key)}").fetchone()
            assert row is not None
            assert told[dg.AssetKey(key)]["dagster/row_count"].value == row[0] > 0
    assert told[PUBLISHED]["version"].value == str(scheduled.settings.published_path.resolve())


def test_every_check_is_made_and_only_the_truncated_end_is_warned_of(
    night: dg.ExecuteInProcessResult, graph: dg.AssetGraph
) -> None:
    made = {(e.asset_key, e.check_name): e.passed for e in night.get_asset_check_evaluations()}
    assert made.keys() == {(key.asset_key, key.name) for key in graph.asset_check_keys}
    # Generated data end as the public extract does, truncated, and the gate warns of it.
    truncated = (dg.AssetKey(["raw", "orders"]), "raw_gate")
    assert [check for check, passed in made.items() if not passed] == [truncated]


def test_the_run_is_logged_like_any_other_and_leaves_no_lock(
    scheduled: Scheduled, night: dg.ExecuteInProcessResult
) -> None:
    assert night.success
    run = last_run(scheduled.settings.runs_dir)
    assert run is not None
    assert run.status == "done"
    assert run.run_id == scheduled.settings.published_path.resolve().parent.name
    with Warehouse(scheduled.settings.warehouse_dir).lock("a_test"):
        assert not scheduled.settings.build_dir.exists()


# A spoilt file


def _with_unknown_states(source: Path, directory: Path) -> Path:
    """A copy of the files in which every other order has a status that does not exist."""
    shutil.copytree(source, directory)
    path = directory / TABLES_BY_NAME["orders"].file_name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("order_status")
    for row in rows[1::2]:
        row[column] = "teleported"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return directory


def test_a_spoilt_file_turns_the_gate_red_and_nothing_is_built_or_published(
    scheduled: Scheduled,
    night: dg.ExecuteInProcessResult,
    generated_files: Path,
    tmp_path: Path,
) -> None:
    assert night.success
    before = scheduled.settings.published_path.resolve()
    spoilt = _with_unknown_states(generated_files, tmp_path / "spoilt")
    result = scheduled.run(DAILY, source=str(spoilt))
    assert not result.success
    assert _started_steps(result) == ["load_files", "raw_gate"]
    red = {
        e.asset_key.path[-1]: e
        for e in result.get_asset_check_evaluations()
        if not e.passed and e.severity == dg.AssetCheckSeverity.ERROR
    }
    assert list(red) == ["orders"]
    assert "teleported" in str(red["orders"].metadata)
    assert scheduled.settings.published_path.resolve() == before
    run = last_run(scheduled.settings.runs_dir)
    assert run is not None
    assert run.has_failed
    with Warehouse(scheduled.settings.warehouse_dir).lock("a_test"):
        assert not scheduled.settings.build_dir.exists()


# What may pass, and what is refused


def test_a_run_waits_for_the_lock_and_then_gives_up(
    scheduled: Scheduled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "BACKOFF_SECONDS", (0, 0))
    with Warehouse(scheduled.settings.warehouse_dir).lock("another"):
        result = scheduled.run(DAILY)
    retried = [e.step_key for e in result.all_events if e.is_step_up_for_retry]
    assert retried == ["load_files", "load_files"]
    assert _failed_steps(result) == ["load_files"]


def test_models_without_the_load_are_refused_in_words(scheduled: Scheduled) -> None:
    mart = dg.AssetKey(["marts", "mart_seller_months"])
    job = scheduled.definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=scheduled.instance, raise_on_error=False, asset_selection=[mart]
    )
    [failure] = [e for e in result.all_events if e.is_step_failure]
    assert failure.step_failure_data.user_failure_data is not None
    assert "daily_pipeline" in str(failure.step_failure_data.user_failure_data.description)


# How it looks


def test_lineage_reaches_from_every_file_to_every_dashboard(graph: dg.AssetGraph) -> None:
    reached: set[dg.AssetKey] = set()
    wave = {key for key in graph.get_all_asset_keys() if key.path[0] == "files"}
    assert len(wave) == len(TABLES)
    while wave:
        reached |= wave
        wave = {child for key in wave for child in graph.get(key).child_keys} - reached
    exposed = {key for key in graph.get_all_asset_keys() if key.path[0] == "dashboards"}
    assert len(exposed) >= 6
    assert exposed <= reached
    assert {dg.AssetKey(["raw", table.name]) for table in TABLES} <= reached
    assert all(PUBLISHED in graph.get(key).parent_keys for key in exposed)


def test_every_asset_has_a_group_an_owner_a_kind_and_a_description(
    graph: dg.AssetGraph,
) -> None:
    bare = [
        key.to_user_string()
        for key in graph.get_all_asset_keys()
        if not graph.get(key).group_name
        or graph.get(key).group_name == "default"
        or not graph.get(key).owners
        or not graph.get(key).kinds
        or not graph.get(key).description
    ]
    assert bare == []


def test_raw_tables_marts_and_the_published_file_are_to_be_of_today(
    graph: dg.AssetGraph,
) -> None:
    wanted = {
        key
        for key in graph.materializable_asset_keys
        if key.path[0] in ("raw", "marts") or key == PUBLISHED
    }
    assert {
        key for key in wanted if graph.get(key).freshness_policy_or_from_metadata is None
    } == set()


def test_the_gates_block_what_comes_after_them(graph: dg.AssetGraph) -> None:
    gates = {key for key in graph.asset_check_keys if key.name in ("raw_gate", "marts_gate")}
    raw = {key.asset_key for key in gates if key.name == "raw_gate"}
    marts = {key.asset_key for key in gates if key.name == "marts_gate"}
    assert raw == {dg.AssetKey(["raw", table.name]) for table in TABLES}
    assert marts == {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert all(graph.get(key).blocking for key in gates)


def test_the_nightly_tick_asks_for_the_daily_run(scheduled: Scheduled) -> None:
    schedule = scheduled.definitions.resolve_schedule_def("nightly")
    context = dg.build_schedule_context(scheduled_execution_time=NIGHT)
    [request] = schedule.evaluate_tick(context).run_requests or []
    assert schedule.job_name == DAILY
    job = scheduled.definitions.resolve_job_def(DAILY)
    assert int(job.run_tags["dagster/max_runtime"]) > 30 * 60
    assert request.run_config == {}
