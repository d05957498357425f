"""The log of runs read back, and the objectives computed from it, by a second route."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from orchestration.cli import main as olist
from orchestration.runs.history import (
    History,
    objectives,
    quality,
    read_history,
    settle_abandoned,
)
from orchestration.runs.records import create_run_directory, last_run, new_run_id, write_summary
from orchestration.runs.summary import (
    CheckCounts,
    CheckResult,
    GateSummary,
    NodeTime,
    RunSummary,
    StageTime,
    TableAccount,
    TableRows,
)
from orchestration.warehouse.lock_owner import HOLDER_NAME, LOCK_NAME

_START = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
_DAY = timedelta(hours=24)


def account(name: str, *, rows: int, quarantined: int = 0, rejected: int = 0) -> TableAccount:
    return TableAccount(
        name, rows + rejected, rows, 0, 0, 0, rejected, rows, rows - quarantined, quarantined
    )


def summary(day: int, **more: Any) -> RunSummary:  # noqa: ANN401
    start = _START + timedelta(days=day)
    values: dict[str, Any] = {
        "run_id": new_run_id(start),
        "status": "done",
        "started_at": start,
        "finished_at": start + timedelta(seconds=20),
    }
    return RunSummary(**(values | more))


def written(runs_dir: Path, *summaries: RunSummary) -> None:
    for one in summaries:
        write_summary(create_run_directory(runs_dir, one.run_id, keep=99), one)


def test_a_summary_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    whole = summary(
        1,
        source="files",
        is_synthetic=True,
        stages=(StageTime("extract", 1.5),),
        tables=(TableRows("core", "a", 3),),
        checks=CheckCounts(5, 1, 0, 2),
        gates=(GateSummary("raw", 4, 1, 0, 0.5, tmp_path / "raw.html"),),
        problems=(
            CheckResult("raw", "raw.a", "n", "warning", "failed", "e", "o", 2, ("r",), "do"),
        ),
        nodes=(NodeTime("a", "model", "ok", 0.2),),
        accounts=(account("a", rows=3),),
        notices=("note",),
        published=tmp_path / "olist.duckdb",
        version=tmp_path / "v.duckdb",
    )
    written(tmp_path, whole)
    assert read_history(tmp_path, NOW).runs == (whole,)


def test_runs_are_read_newest_first_and_damaged_ones_are_named(tmp_path: Path) -> None:
    written(tmp_path, summary(1), summary(2, status="failed", error_type="X"), summary(3))
    torn = summary(4)
    (create_run_directory(tmp_path, torn.run_id, keep=99) / "summary.json").write_text("{")
    history = read_history(tmp_path, NOW)
    assert [run.started_at.day for run in history.runs] == [4, 3, 2]
    assert [run.status for run in history.runs] == ["done", "failed", "done"]
    assert history.damaged == (torn.run_id,)


def test_a_summary_of_an_older_program_is_read(tmp_path: Path) -> None:
    one = summary(1)
    written(tmp_path, one)
    path = tmp_path / one.run_id / "summary.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for name in ("gates", "problems", "nodes", "kind"):
        del content[name]
    path.write_text(json.dumps(content | {"of_the_future": 1}), encoding="utf-8")
    assert read_history(tmp_path, NOW).runs == (one,)


def _hold(warehouse: Path, run_id: str, pid: int) -> None:
    content = {"what": "Run", "run_id": run_id, "pid": pid, "since": _START.isoformat()}
    (warehouse / HOLDER_NAME).write_text(json.dumps(content), encoding="utf-8")


def test_a_run_at_work_is_neither_done_nor_failed(tmp_path: Path) -> None:
    run_id = summary(1).run_id
    create_run_directory(tmp_path / "runs", run_id, keep=9)
    _hold(tmp_path, run_id, os.getpid())
    with FileLock(tmp_path / LOCK_NAME):
        history = read_history(tmp_path / "runs", NOW)
    assert history.runs == ()
    assert history.running is not None
    assert (history.running.run_id, history.running.since) == (run_id, _START)


def test_a_run_whose_process_is_gone_counts_as_failed(tmp_path: Path) -> None:
    run_id = summary(1).run_id
    create_run_directory(tmp_path / "runs", run_id, keep=9)
    _hold(tmp_path, run_id, 2**22 + 1)  # above the largest that Linux gives
    history = read_history(tmp_path / "runs", NOW)
    assert history.running is None
    assert [(run.status, run.error_type) for run in history.runs] == [
        ("failed", "EndedWithoutAWord")
    ]
    settle_abandoned(tmp_path / "runs")
    assert read_history(tmp_path / "runs", NOW) == history


def test_of_a_run_killed_after_it_published_that_is_said(tmp_path: Path) -> None:
    run_id = summary(1).run_id
    create_run_directory(tmp_path / "runs", run_id, keep=9)
    [before] = read_history(tmp_path / "runs", NOW).runs
    (tmp_path / "versions" / run_id).mkdir(parents=True)
    (tmp_path / "versions" / run_id / "olist.duckdb").touch()
    [after] = read_history(tmp_path / "runs", NOW).runs
    assert "Nothing was published" in (before.error or "")
    assert "It had published by then" in (after.error or "")


def test_the_score_is_passed_checks_times_usable_rows() -> None:
    run = summary(
        1,
        checks=CheckCounts(passed=90, warned=2, failed=0, skipped=50),
        gates=(GateSummary("raw", 6, 1, 0, 1.0), GateSummary("marts", 4, 0, 1, 1.0)),
        accounts=(
            account("a", rows=900, quarantined=30),
            account("b", rows=90, rejected=10),
        ),
    )
    found = quality(run)
    assert (found.passed, found.made) == (100, 104)
    assert (found.usable, found.received) == (960, 1000)
    assert found.score == pytest.approx(100 / 104 * 0.96)
    assert quality(summary(1)).score is None


def test_the_success_rate_is_of_thirty_days_without_interrupted_runs_and_validations() -> None:
    runs = [
        summary(-20, status="failed"),
        *(summary(day) for day in range(19)),
        summary(19, status="failed", error_type="X"),
        summary(20, status="failed", error_type="KeyboardInterrupt"),
        summary(21, status="failed", kind="validation"),
    ]
    rate = objectives(History(tuple(reversed(runs))), NOW, _DAY)[0]
    assert rate.value == 19 / 20
    assert rate.is_met is False  # more than 95 % is asked
    runs.append(summary(22))
    rate = objectives(History(tuple(reversed(runs))), NOW, _DAY)[0]
    assert rate.value == 20 / 21
    assert rate.is_met is True
    assert "20 of 21 runs" in rate.basis


def test_the_age_is_of_the_newest_run_that_published() -> None:
    runs = (
        summary(30, status="failed"),
        summary(30, kind="validation"),
        summary(29),
        summary(28),
    )
    freshness = objectives(History(runs), NOW, _DAY)[1]
    assert freshness.value == timedelta(hours=23).total_seconds()
    assert freshness.is_met is True
    later = objectives(History(runs), NOW + timedelta(hours=1), _DAY)[1]
    assert later.is_met is False


def test_the_score_is_of_the_newest_published_run_that_tested() -> None:
    runs = (
        summary(5, status="failed", checks=CheckCounts(1, 0, 9)),
        summary(4, is_unchanged=True, gates=(GateSummary("raw", 1, 1, 0, 1.0),)),
        summary(3, checks=CheckCounts(97, 3)),
        summary(2, checks=CheckCounts(100)),
    )
    score = objectives(History(runs), NOW, _DAY)[2]
    assert score.value == pytest.approx(0.97)
    assert score.is_met is False


def test_without_any_run_no_objective_is_called_kept_or_broken(tmp_path: Path) -> None:
    found = objectives(read_history(tmp_path / "runs", NOW), NOW, _DAY)
    assert [(one.value, one.is_met) for one in found] == [(None, None)] * 3


def test_the_command_shows_runs_and_objectives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_dir = tmp_path / "runs"
    written(runs_dir, summary(1, checks=CheckCounts(7)), summary(2, status="failed"))
    assert olist(["status", "--warehouse", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "7 of 7" in said
    assert "failed: unknown error" in said
    assert "Data quality score" in said


def test_a_run_of_the_future_is_not_the_newest_and_makes_nothing_fresh(tmp_path: Path) -> None:
    now = _START + timedelta(days=3)
    written(tmp_path / "runs", summary(1))
    start = _START + timedelta(days=700)
    future = summary(
        0, run_id=new_run_id(start), started_at=start, finished_at=start + timedelta(seconds=9)
    )
    written(tmp_path / "runs", future)
    history = read_history(tmp_path / "runs", now)
    assert [run.run_id for run in history.future] == [future.run_id]
    assert history.last == history.runs[0]
    assert history.last.run_id == summary(1).run_id
    [freshness] = [one for one in objectives(history, now, _DAY) if one.key == "freshness"]
    assert freshness.is_met is False
    found = last_run(tmp_path / "runs", now)
    assert found is not None
    assert found.run_id == summary(1).run_id


def test_a_run_takes_as_long_as_it_takes_whatever_becomes_of_the_clock() -> None:
    back = summary(1, finished_at=_START - timedelta(hours=2))
    assert back.seconds == 0
    assert replace(back, elapsed=12.5).seconds == 12.5


def test_runs_of_the_future_are_the_first_to_be_forgotten(tmp_path: Path) -> None:
    future = new_run_id(datetime.now(UTC) + timedelta(days=700))
    for run_id in (future, new_run_id(), new_run_id()):
        create_run_directory(tmp_path, run_id, keep=2)
    assert future not in {path.name for path in tmp_path.iterdir()}
