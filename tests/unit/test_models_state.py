"""What a run has to build and to test, by what its file remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.results import LoadReport, TableLoad
from extract.tables import TABLES
from orchestration.dbt.state import (
    BuildPlan,
    ModelsState,
    plan_build,
    read_models_state,
    write_models_state,
)

_FIRST = datetime(2018, 9, 1, 2)  # noqa: DTZ001 - naive UTC, as _loaded_at is
_NIGHT = timedelta(days=1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: tiny\n", encoding="utf-8")
    return tmp_path


def _load(loaded_at: datetime, *, inserted: int = 1) -> LoadReport:
    table = TableLoad(
        table_name=TABLES[0].name,
        source_file=TABLES[0].file_name,
        file_bytes=1,
        file_sha256="0",
        is_skipped=inserted == 0,
        num_records=inserted,
        num_inserted=inserted,
        num_updated=0,
        num_unchanged=0,
        num_missing=0,
        num_exact_duplicates=0,
        num_conflicting=0,
        num_rejected_lines=0,
        num_rows_after=inserted,
        extra_columns=(),
        duration_seconds=0.0,
        notices=(),
    )
    return LoadReport("batch", "delta", loaded_at, (table,), 0.0)


def _deleting(loaded_at: datetime) -> LoadReport:
    return replace(_load(loaded_at, inserted=0), num_deleted_rows=1)


def _plan(
    con: duckdb.DuckDBPyConnection,
    project: Path,
    report: LoadReport | None,
    *,
    is_partial: bool = False,
    full_refresh: bool = False,
) -> BuildPlan:
    """Plan a run, and have the file remember it as carried out."""
    plan = plan_build(con, project, report, is_partial=is_partial, full_refresh=full_refresh)
    if plan.result is not None:
        write_models_state(con, plan.result)
    return plan


def test_the_first_run_tests_everything_and_a_night_what_changed_since(project: Path) -> None:
    with duckdb.connect() as con:
        assert _plan(con, project, _load(_FIRST)).tests_from is None
        for night in range(1, 7):
            plan = _plan(con, project, _load(_FIRST + night * _NIGHT))
            assert plan.tests_from == _FIRST + (night - 1) * _NIGHT


def test_once_a_week_everything_is_tested(project: Path) -> None:
    with duckdb.connect() as con:
        found = [
            _plan(con, project, _load(_FIRST + night * _NIGHT)).tests_from is None
            for night in range(15)
        ]
        assert [night for night, is_whole in enumerate(found) if is_whole] == [0, 7, 14]


def test_a_night_without_news_leaves_what_was_tested_as_it_is(project: Path) -> None:
    with duckdb.connect() as con:
        _plan(con, project, _load(_FIRST))
        assert not _plan(con, project, _load(_FIRST + _NIGHT, inserted=0)).is_needed
        assert _plan(con, project, _load(_FIRST + 2 * _NIGHT)).tests_from == _FIRST


@pytest.mark.parametrize("case", ["selection", "full refresh", "other project", "no report"])
def test_everything_is_tested_after_what_a_mark_cannot_say(project: Path, case: str) -> None:
    """A selection builds rows that no test has seen; the others rebuild all of them."""
    with duckdb.connect() as con:
        _plan(con, project, _load(_FIRST))
        if case == "selection":
            _plan(con, project, _load(_FIRST + _NIGHT), is_partial=True)
        if case == "other project":
            (project / "dbt_project.yml").write_text("name: other\n", encoding="utf-8")
        report = None if case == "no report" else _load(_FIRST + 2 * _NIGHT)
        plan = _plan(con, project, report, full_refresh=case == "full refresh")
        assert plan.is_needed
        assert plan.tests_from is None


def test_what_was_deleted_makes_the_models_be_built_from_nothing(project: Path) -> None:
    with duckdb.connect() as con:
        _plan(con, project, _load(_FIRST))
        plan = _plan(con, project, _deleting(_FIRST + _NIGHT))
        assert (plan.is_needed, plan.from_nothing, plan.tests_from) == (True, True, None)
        assert not _plan(con, project, _load(_FIRST + 2 * _NIGHT)).from_nothing


def test_what_was_deleted_is_not_forgotten_over_a_run_of_some_models(project: Path) -> None:
    with duckdb.connect() as con:
        _plan(con, project, _load(_FIRST))
        _plan(con, project, _deleting(_FIRST + _NIGHT), is_partial=True)
        assert _plan(con, project, _load(_FIRST + 2 * _NIGHT, inserted=0)).from_nothing


def test_a_file_of_an_older_version_has_no_mark() -> None:
    with duckdb.connect() as con:
        con.execute("create schema ops")
        con.execute(
            "create table ops.models_state as select 'f' as fingerprint, true as is_current"
        )
        assert read_models_state(con) == ModelsState("f", is_current=True)
