"""Incidents at given moments: a missed night, a run that hangs, a run that was killed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from filelock import FileLock
from pydantic import SecretStr

from orchestration.alerts.watch import find_incidents, last_scheduled, watch
from orchestration.cli import main as olist
from orchestration.models import alarms, anomalies
from orchestration.runs.records import create_run_directory, new_run_id
from orchestration.settings import Settings
from orchestration.warehouse.lock_owner import HOLDER_NAME, LOCK_NAME, read_holder
from orchestration.warehouse.store import Build
from tests.support.receivers import WebReceiver, web_receiver
from tests.support.tiny import fill, numbered_run
from tests.support.unreadable import unreadable
from tests.unit.test_run_history import summary, written

_SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, by the clock of Sao Paulo."""
    return datetime(2026, 11, day, hour, minute, tzinfo=_SAO_PAULO)


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver() as one:
        yield one


def _settings(directory: Path, **more: Any) -> Settings:  # noqa: ANN401
    return Settings(_env_file=None, warehouse_dir=directory, **more)


def _record(directory: Path, start: datetime, seconds: float = 20, **more: Any) -> str:  # noqa: ANN401
    one = summary(
        0,
        run_id=new_run_id(start),
        started_at=start.astimezone(UTC),
        finished_at=start.astimezone(UTC) + timedelta(seconds=seconds),
        **more,
    )
    written(directory / "runs", one)
    return one.run_id


def _at_work(directory: Path, since: datetime, pid: int) -> str:
    run_id = new_run_id(since)
    if not (directory / "runs" / run_id).is_dir():
        create_run_directory(directory / "runs", run_id, keep=99)
    content = {"what": "Run", "run_id": run_id, "pid": pid, "since": since.isoformat()}
    (directory / HOLDER_NAME).write_text(json.dumps(content), encoding="utf-8")
    if pid == os.getpid():
        FileLock(directory / LOCK_NAME, is_singleton=True).acquire()
    return run_id


@pytest.fixture(autouse=True)
def _locks_are_freed(tmp_path: Path) -> Iterator[None]:
    lock = FileLock(tmp_path / LOCK_NAME, is_singleton=True)
    yield
    lock.release(force=True)


def _keys(directory: Path, now: datetime, **settings: Any) -> list[str]:  # noqa: ANN401
    return [one.key for one in find_incidents(_settings(directory, **settings), now)]


def test_the_scheduled_time_is_two_in_sao_paulo() -> None:
    assert last_scheduled(at(20, 2)) == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert last_scheduled(at(20, 1, 59)) == datetime(2026, 11, 19, 5, tzinfo=UTC)


def test_a_night_is_missed_when_its_grace_is_over(tmp_path: Path) -> None:
    _record(tmp_path, at(19, 2))
    assert _keys(tmp_path, at(20, 1, 59)) == []
    assert _keys(tmp_path, at(20, 2, 59)) == []
    assert _keys(tmp_path, at(20, 3)) == ["missed:2026-11-20"]
    assert _keys(tmp_path, at(20, 3), missed_after_minutes=90) == []
    assert _keys(tmp_path, at(21, 2, 30)) == ["missed:2026-11-20"]
    _record(tmp_path, at(20, 9))
    assert _keys(tmp_path, at(20, 10)) == []


def test_only_a_run_that_published_keeps_the_schedule(tmp_path: Path) -> None:
    _record(tmp_path, at(20, 2), status="failed", error_type="GateError")
    _record(tmp_path, at(20, 2, 30), kind="validation")
    [incident] = find_incidents(_settings(tmp_path), at(20, 4))
    assert incident.kind == "missed"
    assert "the last one with GateError" in incident.text


def test_before_the_first_run_the_schedule_counts_as_missed(tmp_path: Path) -> None:
    [incident] = find_incidents(_settings(tmp_path), at(20, 4))
    assert "No run was even started. No run has ever published." in incident.text


def test_a_run_at_work_is_not_missed_but_too_slow_after_its_limit(tmp_path: Path) -> None:
    run_id = _at_work(tmp_path, at(20, 2), os.getpid())
    assert _keys(tmp_path, at(20, 2, 30)) == []
    assert _keys(tmp_path, at(20, 3, 1)) == [f"slow:{run_id}"]
    assert _keys(tmp_path, at(20, 3, 1), max_run_minutes=90) == []


def test_a_run_whose_process_is_gone_ended_without_a_word(tmp_path: Path) -> None:
    _record(tmp_path, at(20, 2))
    run_id = _at_work(tmp_path, at(20, 8), 2**22 + 1)
    assert _keys(tmp_path, at(20, 8, 5)) == [f"killed:{run_id}"]
    _record(tmp_path, at(20, 9))
    assert _keys(tmp_path, at(20, 10)) == []


def _looks(directory: Path, web: WebReceiver, *moments: datetime) -> list[str]:
    """Look at each moment; the titles that were posted."""
    settings = _settings(directory, alert_webhook_url=SecretStr(web.url))
    before = len(web.posts)
    for moment in moments:
        watch(settings, moment)
    return [post["blocks"][0]["text"]["text"] for post in web.posts[before:]]


def test_an_incident_is_told_once_and_its_end_once(tmp_path: Path, web: WebReceiver) -> None:
    _record(tmp_path, at(19, 2))
    [missed] = _looks(tmp_path, web, at(20, 4), at(20, 5), at(21, 2, 30))
    assert missed.startswith("[Olist DW] MISSED: No run has published since 2026-11-20 02:00")
    _record(tmp_path, at(21, 2, 40))
    [over] = _looks(tmp_path, web, at(21, 4), at(21, 5))
    assert over.startswith("[Olist DW] RECOVERED: Over: no run has published since")


def test_each_missed_night_is_told_and_none_is_called_over_by_the_next(
    tmp_path: Path, web: WebReceiver
) -> None:
    _record(tmp_path, at(18, 2))
    titles = _looks(tmp_path, web, at(19, 4), at(20, 4))
    assert ["MISSED" in title for title in titles] == [True, True]


def test_what_reached_nobody_is_told_at_the_next_look(tmp_path: Path, web: WebReceiver) -> None:
    _record(tmp_path, at(19, 2))
    web.statuses = [404]
    assert len(_looks(tmp_path, web, at(20, 4), at(20, 5), at(20, 6))) == 2


def test_the_end_of_a_slow_run_is_told(tmp_path: Path, web: WebReceiver) -> None:
    _record(tmp_path, at(20, 2))
    _at_work(tmp_path, at(20, 8), os.getpid())
    [slow] = _looks(tmp_path, web, at(20, 8, 45))
    assert "TOO SLOW: A run has been at work for 45 minutes" in slow
    (tmp_path / HOLDER_NAME).unlink()
    (tmp_path / "runs" / new_run_id(at(20, 8))).rmdir()
    _record(tmp_path, at(20, 8), seconds=3000)
    [over] = _looks(tmp_path, web, at(20, 9))
    assert "RECOVERED" in over
    assert "published, after 50 minutes" in json.dumps(web.posts[-1])


def test_a_look_at_a_good_night_writes_nothing(tmp_path: Path, web: WebReceiver) -> None:
    _record(tmp_path, at(20, 2))
    before = sorted(tmp_path.rglob("*"))
    assert _looks(tmp_path, web, at(20, 4)) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_says_what_is_wrong_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert olist(["watch", "--warehouse", str(tmp_path)]) == 1
    assert "make pipeline" in capsys.readouterr().out
    _record(tmp_path, datetime.now(UTC) - timedelta(minutes=1))
    assert olist(["watch", "--warehouse", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "All is well.\n"


def test_a_process_that_only_has_the_number_of_a_killed_run_is_nobody_to_kill(
    tmp_path: Path,
) -> None:
    _record(tmp_path, at(20, 2))
    run_id = _at_work(tmp_path, at(20, 8), os.getpid())
    lock = FileLock(tmp_path / LOCK_NAME, is_singleton=True)
    lock.release(force=True)  # as the system does, when it kills a process
    [incident] = find_incidents(_settings(tmp_path), at(20, 20))
    assert incident.key == f"killed:{run_id}"
    assert "kill " not in incident.advice
    # Another one holds the lock, and has not signed yet.
    lock.acquire()
    path = tmp_path / HOLDER_NAME
    content = json.loads(path.read_text(encoding="utf-8")) | {"started": "another boot 1"}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_holder(tmp_path) is None


def test_a_run_of_the_future_blinds_nobody(tmp_path: Path) -> None:
    _record(tmp_path, at(19, 2))
    future = _record(tmp_path, at(20, 2) + timedelta(days=700))
    keys = _keys(tmp_path, at(20, 4))
    assert keys == ["missed:2026-11-20", f"clock:{future}"]
    [clock] = find_incidents(_settings(tmp_path), at(20, 2, 30))
    assert future in clock.text
    _record(tmp_path, at(20, 2), status="failed", error_type="GateError")
    [missed, _] = find_incidents(_settings(tmp_path), at(20, 4))
    assert "the last one with GateError" in missed.text


def test_a_run_at_work_since_a_time_to_come_keeps_no_schedule(tmp_path: Path) -> None:
    _record(tmp_path, at(19, 2))
    run_id = _at_work(tmp_path, at(20, 2) + timedelta(days=700), os.getpid())
    assert _keys(tmp_path, at(20, 4)) == ["missed:2026-11-20", f"clock:{run_id}"]


def test_clocks_may_differ_a_little(tmp_path: Path) -> None:
    _record(tmp_path, at(20, 2) + timedelta(minutes=2))
    assert _keys(tmp_path, at(20, 2)) == []


def test_a_look_tells_before_it_keeps_what_it_told(
    tmp_path: Path, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    dw = tmp_path / "dw"
    _record(dw, at(19, 2))
    # As a full or read-only disk does, it lets nobody write: root may write anywhere else.
    (dw / "runs" / "watch.json").mkdir()
    (dw / "runs" / "watch.json" / "x").touch()
    (dw / "runs" / "watch.lock").mkdir()
    assert len(_looks(dw, web, at(20, 4), at(20, 5), at(20, 6))) == 1
    _record(dw, at(20, 6, 10))
    [over] = _looks(dw, web, at(20, 7), at(20, 8))
    assert "RECOVERED" in over


def test_a_look_that_can_keep_nothing_anywhere_tells_each_time(
    tmp_path: Path, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    dw = tmp_path / "dw"
    _record(dw, at(19, 2))
    (dw / "runs" / "watch.json").mkdir()
    (dw / "runs" / "watch.json" / "x").touch()
    assert len(_looks(dw, web, at(20, 4), at(20, 5))) == 2


def test_runs_that_cannot_be_read_are_an_incident(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with unreadable(tmp_path / "runs"):
        [incident] = find_incidents(_settings(tmp_path), at(20, 4))
    assert incident.key == "unreadable:runs"


def test_a_backup_that_is_missing_or_old_is_an_incident_where_backups_are_watched(
    tmp_path: Path,
) -> None:
    now = at(20, 12)
    _record(tmp_path, at(20, 2))
    watched = _settings(tmp_path, backup_max_age_hours=26)
    assert find_incidents(_settings(tmp_path), now) == ()
    (missing,) = find_incidents(watched, now)
    assert (missing.kind, missing.title) == ("backup", "No backup for 26 hours")
    assert "There is none in" in missing.text
    for moment, expected in (
        (now + timedelta(days=400), 1),  # of a clock that was wrong
        (now - timedelta(hours=27), 1),
        (now - timedelta(hours=25), 0),
    ):
        made = moment.astimezone(UTC)
        (watched.backups_dir / f"{made:%Y%m%dt%H%M%Sz}_of_x").mkdir(parents=True)
        assert len(find_incidents(watched, now)) == expected


def test_a_missing_backup_is_told_once_and_that_it_is_over(
    tmp_path: Path, web: WebReceiver
) -> None:
    now = datetime.now(UTC)
    _record(tmp_path, now)
    settings = _settings(
        tmp_path, backup_max_age_hours=26, alert_webhook_url=SecretStr(web.url)
    )
    watch(settings, now)
    watch(settings, now)
    (settings.backups_dir / f"{now:%Y%m%dt%H%M%Sz}_of_x").mkdir(parents=True)
    watch(settings, now)
    watch(settings, now)
    assert len(web.posts) == 2
    told, over = (json.dumps(post) for post in web.posts)
    assert "No backup for 26 hours" in told
    assert "Over: no backup for 26 hours" in over


def _published(directory: Path) -> None:
    """A file that can be read as a version, in place of the one before."""
    path = directory / "olist.duckdb"
    path.unlink(missing_ok=True)
    fill(Build(path, numbered_run(1), based_on=None), 1)


def _published_days(directory: Path, *days: tuple[str, bool, bool, float]) -> None:
    """A version of orders by day, whether they stand out, raise an alarm, and how many."""
    _published(directory)
    with duckdb.connect(str(directory / "olist.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.mart_metric_anomalies (metric_name varchar, metric_date date, "
            "episode_first_date date, scored_as_of_date date, anomaly_kind varchar, "
            "is_anomaly boolean, is_alarm boolean, metric_value double, expected_value double)"
        )
        first = next((day for day, is_anomaly, _, _ in days if is_anomaly), None)
        connection.executemany(
            "insert into marts.mart_metric_anomalies values "
            "('num_orders', ?, ?, ?, 'point', ?, ?, ?, 200)",
            [
                (day, first if is_anomaly else None, days[-1][0], is_anomaly, is_alarm, value)
                for day, is_anomaly, is_alarm, value in days
            ],
        )


def test_a_figure_that_stands_out_is_told_once_an_episode_and_its_end_never(
    tmp_path: Path, web: WebReceiver
) -> None:
    _record(tmp_path, at(20, 2))
    quiet = ("2018-08-01", False, False, 201)
    first, second = ("2018-08-02", True, True, 90), ("2018-08-04", True, False, 95)
    later = [(f"2018-08-{day:02}", False, False, 200) for day in range(5, 9)]
    _published_days(tmp_path, quiet)
    assert _looks(tmp_path, web, at(20, 4)) == []
    _published_days(tmp_path, quiet, first)
    [told] = _looks(tmp_path, web, at(20, 4), at(20, 5))
    assert told.startswith("[Olist DW] WARNING: Orders of 2018-08-02: 90 where 200 were likely")
    _published_days(tmp_path, quiet, first, second)  # the episode goes on
    assert _looks(tmp_path, web, at(20, 6)) == []
    assert _keys(tmp_path, at(20, 6)) == ["anomaly:num_orders:2018-08-02"]
    _published_days(tmp_path, quiet, first, second, *later[:3])
    assert _keys(tmp_path, at(20, 6)) == ["anomaly:num_orders:2018-08-02"]
    _published_days(tmp_path, quiet, first, second, *later)
    assert _looks(tmp_path, web, at(20, 7)) == []
    assert _keys(tmp_path, at(20, 7)) == []


def test_figures_that_stand_out_are_no_fault_of_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(tmp_path, datetime.now(UTC))
    _published_days(tmp_path, ("2018-08-01", False, False, 201), ("2018-08-02", True, True, 90))
    assert olist(["watch", "--warehouse", str(tmp_path)]) == 0
    assert "Orders of 2018-08-02" in capsys.readouterr().out


def test_a_version_without_the_mart_has_no_alarms(tmp_path: Path) -> None:
    _record(tmp_path, at(20, 2))
    _published(tmp_path)
    assert _keys(tmp_path, at(20, 2, 30)) == []


def test_an_episode_is_open_for_as_long_as_another_day_would_belong_to_it() -> None:
    assert alarms.OPEN_DAYS == anomalies.GAP
