"""dbt in process, on a tiny project: results, failures in words, cache, the file set free."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt.results import NodeProgress, TransformResult, explain
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.errors import SelectionError, TransformError
from tests.support import tiny

_A = "select id from raw.t"
_A_TESTS = "models: [{name: a, columns: [{name: id, data_tests: [not_null, unique]}]}]"
_A_WARNS = """models:
  - name: a
    columns:
      - name: id
        data_tests:
          - not_null:
              config: {severity: warn}
"""
_V = "{{ config(materialized='view') }} select id + 1 as id from {{ ref('a') }}"


def _request(tmp_path: Path, project: Path, *, select: str | None = None) -> TransformRequest:
    """A request on a file whose raw.t holds 1, 2, 2 and nothing."""
    database = tmp_path / "build" / "olist.duckdb"
    database.parent.mkdir(parents=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.t as from (values (1), (2), (2), (null)) as t (id)"
        )
    return TransformRequest(project, database, tmp_path / "cache" / "dbt", select=select)


def _statuses(result: TransformResult) -> dict[str, str]:
    return {node.name: node.status for node in result.nodes}


def test_models_are_built_and_their_outcomes_known(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A, v=_V)
    request = _request(tmp_path, project)
    result = Dbt(request).build()
    assert _statuses(result) == {"a": "ok", "v": "ok"}
    with duckdb.connect(str(request.database), read_only=True) as connection:
        assert connection.execute("select sum(id) from core.v").fetchall() == [(8,)]


def test_the_file_is_free_when_dbt_is_done(tmp_path: Path) -> None:
    request = _request(tmp_path, tiny.write_project(tmp_path / "project", a=_A, t=_A_TESTS))
    Dbt(request).build()
    # With any connection left open, another configuration would be refused.
    with duckdb.connect(str(request.database), config={"threads": 1}) as connection:
        connection.execute("create table core.b as select 1")


def test_progress_counts_every_node_once(tmp_path: Path) -> None:
    more = """
exposures: [{name: page, type: dashboard, owner: {name: us, email: us@example.org},
    depends_on: [ref('v')]}]
unit_tests: [{name: nothing_comes_of_nothing, model: v,
    given: [{input: ref('a'), rows: []}], expect: {rows: []}}]
"""
    project = tiny.write_project(tmp_path / "project", a=_A, t=_A_TESTS + more, v=_V)
    seen: list[NodeProgress] = []
    request = replace(_request(tmp_path, project), unit_tests=True)
    result = Dbt(request).build(seen.append)
    assert [(node.index, node.total) for node in seen] == [(n, 5) for n in range(1, 6)]
    assert {node.name: node.status for node in seen} == _statuses(result)
    assert _statuses(result) == {
        "nothing_comes_of_nothing": "skipped",
        "a": "ok",
        "not_null_a_id": "failed",
        "unique_a_id": "failed",
        "v": "skipped",
    }


def test_unit_tests_run_only_where_they_are_asked_for(tmp_path: Path) -> None:
    wrong = """models: [{name: a}]
unit_tests: [{name: wrong, model: v, given: [{input: ref('a'), rows: [{id: 1}]}],
    expect: {rows: [{id: 7}]}}]
"""
    project = tiny.write_project(tmp_path / "project", a=_A, t=wrong, v=_V)
    request = _request(tmp_path, project)
    seen: list[NodeProgress] = []
    assert _statuses(Dbt(request).build(seen.append)) == {"a": "ok", "v": "ok"}
    assert [node.total for node in seen] == [2, 2]
    result = Dbt(replace(request, unit_tests=True)).build()
    assert _statuses(result) == {"a": "ok", "wrong": "failed", "v": "skipped"}
    assert "The test wrong on v failed." in explain(result)


def test_a_failed_test_is_told_with_its_model_and_the_offending_rows(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A, t=_A_TESTS)
    result = Dbt(_request(tmp_path, project)).build()
    text = explain(result)
    assert "The test unique_a_id on a failed with 1 row:\n" in text
    assert "unique_field=2, n_records=2" in text
    assert "The test not_null_a_id on a failed with 1 row:\n    id=null" in text


def test_no_more_than_five_offending_rows_are_told(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a="select 1 as id from range(9)")
    check = project / "models" / "t.yml"
    check.write_text(
        "models: [{name: a, columns: [{name: id, data_tests: "
        "[{accepted_values: {arguments: {values: [7]}}}]}]}]",
        encoding="utf-8",
    )
    (project / "tests").mkdir()
    singular = "select id, repeat('x', 500) as text from {{ ref('a') }}"
    (project / "tests" / "nothing_is_one.sql").write_text(singular, encoding="utf-8")
    result = Dbt(_request(tmp_path, project)).build()
    node = next(node for node in result.failed if node.name == "nothing_is_one")
    assert node.failures == 9
    assert len(node.sample) == 5
    assert all(len(row) < 100 for row in node.sample)
    assert "nothing_is_one failed with 9 rows" in explain(result)


def test_a_warning_is_no_failure_but_keeps_its_rows(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A, t=_A_WARNS)
    result = Dbt(_request(tmp_path, project)).build()
    assert result.failed == []
    warned = result.with_status("warned", tests=True)
    assert [(node.model, node.failures, node.sample) for node in warned] == [
        ("a", 1, ("id=null",))
    ]


def test_a_broken_model_is_told_in_the_databases_words(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a="select nonsense from raw.t", v=_V)
    result = Dbt(_request(tmp_path, project)).build()
    assert _statuses(result) == {"a": "failed", "v": "skipped"}
    text = explain(result)
    assert "The model a could not be built." in text
    assert "nonsense" in text
    assert "Traceback" not in text


def test_a_project_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", v=_V)
    with pytest.raises(TransformError, match=r"(?s)could not read the project.*'a'"):
        Dbt(_request(tmp_path, project)).build()


def test_only_the_selected_models_are_built(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A, b=_A, c=_A)
    seen: list[NodeProgress] = []
    result = Dbt(_request(tmp_path, project, select="a b")).build(seen.append)
    assert _statuses(result) == {"a": "ok", "b": "ok"}
    assert [node.total for node in seen] == [2, 2]


@pytest.mark.parametrize("select", ["aa", "tag:none", "nonsense:a", "@@"])
def test_a_selection_of_nothing_is_an_error(tmp_path: Path, select: str) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A)
    with pytest.raises(SelectionError, match=f"--select '{select}' names no model"):
        Dbt(_request(tmp_path, project, select=select)).build()


def test_a_test_of_what_was_not_selected_is_left_out(tmp_path: Path) -> None:
    relation = """models:
  - name: a
    columns:
      - name: id
        data_tests:
          - relationships: {arguments: {to: ref('b'), field: id}}
          - unique: {config: {severity: warn}}
"""
    project = tiny.write_project(tmp_path / "project", a=_A, b=_A, t=relation)
    seen: list[NodeProgress] = []
    result = Dbt(_request(tmp_path, project, select="a")).build(seen.append)
    assert _statuses(result) == {"a": "ok", "unique_a_id": "warned"}
    assert [node.total for node in seen] == [2, 2]


def test_a_spoiled_cache_does_not_break_a_run(tmp_path: Path) -> None:
    request = _request(tmp_path, tiny.write_project(tmp_path / "project", a=_A))
    Dbt(request).build()
    spoiled = [
        path
        for place in (request.cache_dir, request.project_dir / "target")
        for path in place.rglob("*")
        if path.is_file()
    ]
    assert any(path.name == "partial_parse.msgpack" for path in spoiled)
    for path in spoiled:
        path.write_bytes(b"\x93spoiled\x00")
    assert _statuses(Dbt(request).build()) == {"a": "ok"}


def test_a_changed_model_is_rebuilt_from_its_new_text_in_spite_of_the_cache(
    tmp_path: Path,
) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A)
    request = _request(tmp_path, project)
    Dbt(request).build()
    (project / "models" / "a.sql").write_text("select 42 as id", encoding="utf-8")
    Dbt(request).build()
    with duckdb.connect(str(request.database), read_only=True) as connection:
        assert connection.execute("from core.a").fetchall() == [(42,)]


def test_nothing_is_written_where_one_stands_and_the_environment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A)
    before = set(project.iterdir())
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    variables = dict(os.environ)
    Dbt(_request(tmp_path, project)).build()
    assert list(here.iterdir()) == []
    # dbt's own default place for what it has read, which every warehouse can use.
    assert set(project.iterdir()) - before == {project / "target"}
    assert dict(os.environ) == variables
    assert capfd.readouterr().out == ""


def test_what_a_run_has_read_of_the_project_serves_the_next_warehouse(tmp_path: Path) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A)
    read = project / "target" / "pipeline" / "partial_parse.msgpack"
    Dbt(_request(tmp_path / "one", project)).build()
    written_at = read.stat().st_mtime_ns
    assert _statuses(Dbt(_request(tmp_path / "other", project)).build()) == {"a": "ok"}
    # dbt writes the file again only where it had to read one of the project's.
    assert read.stat().st_mtime_ns == written_at


def test_a_project_that_cannot_be_written_to_is_read_into_the_cache_of_the_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tiny.write_project(tmp_path / "project", a=_A)
    before = sorted(project.rglob("*"))
    request = _request(tmp_path, project)
    access = os.access

    def deny(path: Path, mode: int) -> bool:  # who runs tests as root may write anywhere
        return path != project and access(path, mode)

    monkeypatch.setattr(os, "access", deny)
    assert _statuses(Dbt(request).build()) == {"a": "ok"}
    assert sorted(project.rglob("*")) == before
    assert (request.cache_dir / "target" / "partial_parse.msgpack").is_file()


def test_a_file_that_the_names_of_dbt_would_not_fit_is_refused(tmp_path: Path) -> None:
    request = _request(tmp_path, tiny.write_project(tmp_path / "project", a=_A))
    other = request.database.rename(request.database.with_name("other.duckdb"))
    with pytest.raises(TransformError, match=r"must be called olist\.duckdb"):
        Dbt(replace(request, database=other)).build()


def test_a_description_of_a_column_that_does_not_exist_fails_the_model(tmp_path: Path) -> None:
    described = """models:
  - name: a
    config: {persist_docs: {columns: true}}
    columns: [{name: id, description: The number.}, {name: gone, description: Nothing.}]
"""
    project = tiny.write_project(tmp_path / "project", a=_A, t=described)
    result = Dbt(_request(tmp_path, project)).build()
    assert _statuses(result) == {"a": "failed"}
    assert "gone" in explain(result)
