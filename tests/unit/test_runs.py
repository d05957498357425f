"""The record of runs: ids, directories, log, summary."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orchestration.runs.records import (
    CheckCounts,
    RunSummary,
    StageTime,
    TableRows,
    create_run_directory,
    last_run,
    new_run_id,
    run_directories,
    run_log,
    write_summary,
)

_MOMENT = datetime(2018, 9, 1, 2, 0, tzinfo=UTC)
_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) ")


def test_run_ids_sort_by_time_and_are_plain_names() -> None:
    moments = [_MOMENT + timedelta(seconds=n) for n in (0, 1, 59, 60, 86400)]
    ids = [new_run_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"[a-z0-9_]+", run_id) for run_id in ids)


def test_runs_of_the_same_second_sort_as_they_started() -> None:
    ids = [new_run_id(_MOMENT + timedelta(microseconds=7 * n)) for n in range(20)]
    assert ids == sorted(set(ids))


def test_only_the_newest_run_directories_are_kept(tmp_path: Path) -> None:
    ids = [new_run_id(_MOMENT + timedelta(days=n)) for n in range(5)]
    for run_id in ids:
        create_run_directory(tmp_path, run_id, keep=3)
    assert [path.name for path in run_directories(tmp_path)] == ids[:1:-1]


def test_a_run_keeps_its_own_directory_after_the_clock_was_set_back(tmp_path: Path) -> None:
    create_run_directory(tmp_path, new_run_id(_MOMENT + timedelta(days=1)), keep=1)
    directory = create_run_directory(tmp_path, new_run_id(_MOMENT), keep=1)
    assert run_directories(tmp_path) == [directory]


def test_what_is_not_of_a_run_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for n in range(3):
        create_run_directory(tmp_path, new_run_id(_MOMENT + timedelta(days=n)), keep=1)
    assert (tmp_path / "notes").is_dir()


def test_every_line_of_the_log_is_stamped(tmp_path: Path) -> None:
    with run_log(tmp_path, "INFO"):
        logging.getLogger("orchestration.test").info("one\ntwo")
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            logging.getLogger("extract.test").exception("three")
    lines = (tmp_path / "run.log").read_text(encoding="utf-8").splitlines()
    assert [line[-3:] for line in lines[:2]] == ["one", "two"]
    assert "ZeroDivisionError" in lines[-1]
    assert all(_STAMPED.match(line) for line in lines)


def test_the_log_takes_no_more_than_its_level_and_ends_with_the_run(tmp_path: Path) -> None:
    logger = logging.getLogger("orchestration.test")
    with run_log(tmp_path, "WARNING"):
        logger.info("too quiet")
        logger.warning("heard")
    logger.warning("too late")
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert "heard" in text


def test_a_summary_is_readable_json_with_rows_per_layer(tmp_path: Path) -> None:
    summary = RunSummary(
        run_id=new_run_id(_MOMENT),
        status="done",
        started_at=_MOMENT,
        finished_at=_MOMENT + timedelta(seconds=12.5),
        as_of_date=date(2018, 8, 31),
        stages=(StageTime("extract", 2.5),),
        tables=(TableRows("raw", "a", 2), TableRows("raw", "b", 3), TableRows("core", "c", 4)),
        checks=CheckCounts(passed=7),
        published=tmp_path / "olist.duckdb",
    )
    content = json.loads(write_summary(tmp_path, summary).read_text(encoding="utf-8"))
    assert content["rows_by_schema"] == {"raw": 5, "core": 4}
    assert content["seconds"] == 12.5
    assert content["as_of_date"] == "2018-08-31"
    assert content["stages"] == [{"name": "extract", "seconds": 2.5}]
    assert content["checks"]["passed"] == 7


def _ended(runs_dir: Path, day: int, **outcome: object) -> str:
    run_id = new_run_id(_MOMENT + timedelta(days=day))
    directory = create_run_directory(runs_dir, run_id, keep=9)
    summary = RunSummary(
        run_id=run_id,
        started_at=_MOMENT,
        finished_at=_MOMENT + timedelta(days=day, seconds=9),
        **{"status": "done", **outcome},  # type: ignore[arg-type]
    )
    write_summary(directory, summary)
    return run_id


def test_the_last_run_is_the_newest_that_has_ended(tmp_path: Path) -> None:
    _ended(tmp_path, 1)
    failed = _ended(tmp_path, 2, status="failed", error_type="SourceError")
    create_run_directory(tmp_path, new_run_id(_MOMENT + timedelta(days=3)), keep=9)
    found = last_run(tmp_path)
    assert found is not None
    assert (found.run_id, found.has_failed, found.error_type) == (failed, True, "SourceError")
    assert found.finished_at == _MOMENT + timedelta(days=2, seconds=9)


def test_a_summary_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    done = _ended(tmp_path, 1)
    torn = _ended(tmp_path, 2)
    (tmp_path / torn / "summary.json").write_text('{"status": "fai', encoding="utf-8")
    found = last_run(tmp_path)
    assert found is not None
    assert (found.run_id, found.has_failed) == (done, False)


def test_a_run_ended_by_ctrl_c_is_passed_over(tmp_path: Path) -> None:
    done = _ended(tmp_path, 1)
    _ended(tmp_path, 2, status="failed", error_type="KeyboardInterrupt")
    found = last_run(tmp_path)
    assert found is not None
    assert (found.run_id, found.has_failed) == (done, False)


def test_before_the_first_run_there_is_no_last_one(tmp_path: Path) -> None:
    assert last_run(tmp_path / "runs") is None
