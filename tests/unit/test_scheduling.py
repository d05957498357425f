"""The scheduler's own rules, without a run: retries, selections, the sensor, a held run."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from pydantic import SecretStr

from extract.errors import ContractError, DownloadError
from extract.sources import SourceFiles
from extract.tables import TABLES
from orchestration.dagster.assets import PUBLISHED, refuse_parts
from orchestration.dagster.backfill import BackfillError, Range, replay_days
from orchestration.dagster.held_run import HeldRun, NoRunError
from orchestration.dagster.schedules import nightly
from orchestration.dagster.sensors import (
    INTERVAL_SECONDS,
    SETTLE_SECONDS,
    incidents,
    new_files,
)
from orchestration.dagster.start import prepare_home
from orchestration.dagster.steps import BACKOFF_SECONDS, as_dagster_error
from orchestration.errors import SelectionError, TransformError, WarehouseBusyError
from orchestration.pipeline.context import Prepared, RunOptions
from orchestration.runs.events import Event
from orchestration.runs.records import SUMMARY_NAME, run_directories
from orchestration.settings import Settings, load_settings
from orchestration.warehouse.store import Warehouse
from tests.support import tiny
from tests.support.receivers import web_receiver

RAW = dg.AssetKey(["raw", "orders"])
MART = dg.AssetKey(["marts", "mart_seller_months"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    return load_settings(
        env_file=None, warehouse_dir=tmp_path / "dw", raw_dir=tmp_path / "raw", source=None
    )


def _ignore(event: Event) -> None:
    """These tests look at files, not at events."""


def _ignore_text(text: str) -> None:
    """No day is published that could be told."""


def _summary(settings: Settings) -> dict[str, object]:
    [directory] = run_directories(settings.runs_dir)
    content: dict[str, object] = json.loads((directory / SUMMARY_NAME).read_text("utf-8"))
    return content


def _is_free(settings: Settings) -> bool:
    with Warehouse(settings.warehouse_dir).lock("a_test"):
        return True


# Retries


@pytest.mark.parametrize("error", [WarehouseBusyError("busy"), DownloadError("no network")])
def test_what_may_pass_is_tried_again_later_and_later(error: Exception) -> None:
    waits = []
    for attempt in range(len(BACKOFF_SECONDS)):
        asked = as_dagster_error(error, attempt)
        assert isinstance(asked, dg.RetryRequested)
        waits.append(float(asked.seconds_to_wait or 0))
    assert waits == sorted(set(waits))
    assert waits[0] > 0
    last = as_dagster_error(error, len(BACKOFF_SECONDS))
    assert isinstance(last, dg.Failure)


@pytest.mark.parametrize("error", [ContractError("a column"), TransformError("a test")])
def test_bad_data_is_never_tried_again(error: Exception) -> None:
    asked = as_dagster_error(error, 0)
    assert isinstance(asked, dg.Failure)
    assert asked.allow_retries is False
    assert asked.description == str(error)


# Selections


def test_a_run_of_everything_is_not_refused() -> None:
    refuse_parts(None, {RAW, MART, PUBLISHED})
    refuse_parts({RAW, MART, PUBLISHED}, {RAW, MART, PUBLISHED})


@pytest.mark.parametrize("missing", [RAW, MART, PUBLISHED])
def test_a_run_of_parts_is_refused_and_says_how_to_select_models(missing: dg.AssetKey) -> None:
    everything = {RAW, MART, PUBLISHED}
    with pytest.raises(SelectionError, match=r"config: select"):
        refuse_parts(everything - {missing}, everything)


# A held run


def test_a_held_run_that_never_publishes_is_a_failed_one_and_frees_the_lock(
    settings: Settings,
) -> None:
    held = HeldRun(settings, _ignore)
    context = held.open(RunOptions())
    context.build = context.warehouse.begin_build(context.run_id, None)
    with pytest.raises(WarehouseBusyError):
        _is_free(settings)
    held.close()
    assert _is_free(settings)
    assert not settings.build_dir.exists()
    assert _summary(settings)["error_type"] == "UnfinishedRunError"


def test_a_held_run_fails_with_the_error_of_its_stage(settings: Settings) -> None:
    held = HeldRun(settings, _ignore)
    held.open(RunOptions())
    with pytest.raises(ContractError), held.attempt("extract"):
        raise ContractError("orders has no column order_id")
    held.close()
    held.close()
    assert _is_free(settings)
    summary = _summary(settings)
    assert (summary["status"], summary["error_type"]) == ("failed", "ContractError")
    assert summary["error"] == "orders has no column order_id"


def test_a_run_that_is_ended_from_outside_says_so(settings: Settings) -> None:
    held = HeldRun(settings, _ignore)
    held.open(RunOptions())
    with pytest.raises(KeyboardInterrupt), held.attempt("transform"):
        raise KeyboardInterrupt
    held.close()
    assert _is_free(settings)
    assert _summary(settings)["error_type"] == "StoppedRunError"


def test_a_stage_that_succeeds_the_second_time_does_not_fail_the_run(
    settings: Settings,
) -> None:
    held = HeldRun(settings, _ignore)
    context = held.open(RunOptions())
    with pytest.raises(DownloadError), held.attempt("extract"):
        raise DownloadError("later")
    with held.attempt("extract"):
        assert held.open(RunOptions()) is context
        build = context.warehouse.begin_build(context.run_id, None)
        tiny.fill(build, 1)
        context.published = context.warehouse.publish(build)
    held.close()
    assert _summary(settings)["status"] == "done"


def test_a_stage_is_refused_when_one_before_it_was_left_out(settings: Settings) -> None:
    held = HeldRun(settings, _ignore)
    context = held.open(RunOptions())
    with held.attempt("extract"):
        build = context.warehouse.begin_build(context.run_id, None)
        source = SourceFiles(
            "directory", "a test", is_synthetic=False, directory=Path(), paths={}
        )
        held.prepared = Prepared(source, "real", build)
    assert held.require("extract") == (context, held.prepared)
    with pytest.raises(NoRunError, match="raw_gate"):
        held.require("extract", "raw_gate")
    held.close()


def test_a_later_stage_without_a_run_says_how_to_start_one(settings: Settings) -> None:
    with pytest.raises(NoRunError, match="daily_pipeline"):
        HeldRun(settings, _ignore).require()
    assert not settings.warehouse_dir.exists()


# The schedule


def test_the_schedule_ticks_at_two_in_sao_paulo() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    schedule = nightly()
    ticks = schedule_execution_time_iterator(
        noon.timestamp(), str(schedule.cron_schedule), schedule.execution_timezone
    )
    found = [next(ticks).astimezone(UTC) for _ in range(2)]
    assert found == [datetime(2026, 11, day, 5, tzinfo=UTC) for day in (21, 22)]
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


# The sensor


class Watched:
    """The sensor over a directory, looked at by a clock of the test's own."""

    def __init__(self, settings: Settings) -> None:
        """A sensor that has not looked yet."""
        self.now = 1_000_000.0
        self._cursor: str | None = None
        self._sensor = new_files(settings, lambda: self.now)

    def look(self, seconds: float = INTERVAL_SECONDS) -> list[str | None]:
        """The keys of the runs asked for, after so many more seconds."""
        self.now += seconds
        context = dg.build_sensor_context(cursor=self._cursor)
        found = self._sensor.evaluate_tick(context)
        self._cursor = found.cursor if found.cursor is not None else self._cursor
        return [request.run_key for request in found.run_requests or []]


def _deliver(directory: Path, text: str) -> None:
    for table in TABLES:
        (directory / table.file_name).write_text(text, encoding="utf-8")


def test_the_sensor_starts_one_run_for_each_change(settings: Settings) -> None:
    watched = Watched(settings)
    assert watched.look() == []
    keys = []
    for text in ("a", "bb", "a"):
        _deliver(settings.raw_dir, text)
        found = [watched.look() for _ in range(4)]
        assert [len(runs) for runs in found] == [0, 1, 0, 0]
        keys += found[1]
    assert len(set(keys)) == 3


def test_a_missed_night_is_told_by_a_sensor_that_starts_nothing(settings: Settings) -> None:
    with web_receiver() as web:
        told = settings.model_copy(update={"alert_webhook_url": SecretStr(web.url)})
        sensor = incidents(told, lambda: datetime(2026, 11, 20, 7, tzinfo=UTC))
        ticks = [sensor.evaluate_tick(dg.build_sensor_context()) for _ in range(2)]
    assert "No run has published since 2026-11-20 02:00" in str(ticks[1].skip_message)
    assert ticks[0].run_requests == []
    assert len(web.posts) == 1


def test_the_sensor_waits_until_files_have_settled(settings: Settings) -> None:
    watched = Watched(settings)
    watched.look()
    for size in range(1, 4):
        _deliver(settings.raw_dir, "x" * size)
        assert watched.look() == []
    assert watched.look(SETTLE_SECONDS / 4) == []
    assert len(watched.look()) == 1


def test_files_that_were_there_before_the_first_look_start_a_run_only_if_nothing_is_published(
    settings: Settings,
) -> None:
    _deliver(settings.raw_dir, "a")
    assert [len(Watched(settings).look()) for _ in range(1)] == [0]
    new = Watched(settings)
    assert [len(new.look()) for _ in range(3)] == [0, 1, 0]
    tiny.publish(Warehouse(settings.warehouse_dir), tiny.numbered_run(1), 1)
    known = Watched(settings)
    assert [len(known.look()) for _ in range(3)] == [0, 0, 0]


def test_the_sensor_watches_the_source_that_runs_load(settings: Settings) -> None:
    archive = settings.raw_dir.parent / "elsewhere.zip"
    watched = Watched(settings.model_copy(update={"source": str(archive)}))
    assert watched.look() == []
    archive.write_bytes(b"PK")
    _deliver(settings.raw_dir, "not what is loaded")
    assert [len(watched.look()) for _ in range(3)] == [0, 1, 0]
    idle = Watched(settings.model_copy(update={"source": "synthetic"}))
    assert [len(idle.look()) for _ in range(3)] == [0, 0, 0]


# Where Dagster keeps its records


def test_a_configuration_of_ones_own_is_left_as_it_is(settings: Settings) -> None:
    home = prepare_home(settings)
    config = home / "dagster.yaml"
    ours = config.read_text(encoding="utf-8")
    assert "max_concurrent_runs: 1" in ours
    config.write_text(ours.replace("poll_interval_seconds: 60", ""), encoding="utf-8")
    prepare_home(settings)
    assert config.read_text(encoding="utf-8") == ours
    config.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    prepare_home(settings)
    assert config.read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


# Backfill


def test_a_backfill_does_not_set_a_warehouse_back(settings: Settings) -> None:
    warehouse = Warehouse(settings.warehouse_dir)
    with warehouse.lock(tiny.numbered_run(1)):
        build = warehouse.begin_build(tiny.numbered_run(1), None)
        tiny.fill(build, 1)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute(
                "create table raw.orders as "
                "select '2018-08-15 10:00:00' as order_purchase_timestamp"
            )
        warehouse.publish(build)
    days = Range(start=date(2018, 8, 1), end=date(2018, 8, 9))
    with pytest.raises(BackfillError, match="2018-08-15"):
        replay_days(settings, days, _ignore_text)


def test_generated_data_is_not_replayed_as_if_it_were_real(settings: Settings) -> None:
    generated = settings.model_copy(update={"source": "synthetic", "scale": 0.001})
    day = date(2018, 8, 1)
    with pytest.raises(BackfillError, match="generated"):
        replay_days(generated, Range(start=day, end=day), _ignore_text)
    assert not (settings.warehouse_dir / "replay").exists()
