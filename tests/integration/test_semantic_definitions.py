"""The definitions of the metrics are read by dbt once for a state of the project, and kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.dbt.runner import TransformRequest, parse
from orchestration.dbt.semantic import SemanticError, main, semantic_manifest
from orchestration.dbt.state import project_fingerprint
from orchestration.errors import EXIT_FAILED, TransformError
from orchestration.settings import PROJECT_ROOT
from tests.support.asking import DBT_PROJECT
from tests.support.tiny import write_project

_TIME_SPINE = """models:
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
"""
_METRICS = """models: []
semantic_models:
  - name: things
    model: ref('things')
    defaults: {agg_time_dimension: happened_on}
    entities: [{name: thing, type: primary, expr: id}]
    dimensions:
      - {name: happened_on, type: time, expr: day, type_params: {time_granularity: day}}
    measures: [{name: num_things, agg: sum, expr: "1"}]
metrics:
  - name: num_things
    label: Things
    description: Things.
    type: simple
    type_params: {measure: num_things}
"""
_BROKEN = """  - name: thing_rate
    label: Rate
    description: A rate.
    type: ratio
    type_params: {numerator: num_things, denominator: num_nothing}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(
        tmp_path / "project",
        days="select cast('2018-01-01' as date) as day",
        things="select 1 as id, cast('2018-01-01' as date) as day",
        spine=_TIME_SPINE,
        metrics=_METRICS,
    )


def _names(manifest: str) -> list[str]:
    return [one["name"] for one in json.loads(manifest)["metrics"]]


def test_the_run_that_publishes_keeps_the_definitions(built_warehouse: Path) -> None:
    kept = list((built_warehouse.parent / "cache" / "semantic").iterdir())
    assert [one.name for one in kept] == [f"{project_fingerprint(DBT_PROJECT)}.json"]


def test_what_is_kept_is_read_without_dbt(
    built_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("dbt is asked again")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert "revenue_amount" in _names(
        semantic_manifest(built_warehouse.parent / "cache", DBT_PROJECT)
    )


def test_missing_definitions_are_read_by_a_process_of_its_own_and_again_once_they_change(
    project: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    command = (
        "import sys; from pathlib import Path; "
        "from orchestration.dbt.semantic import semantic_manifest; "
        f"semantic_manifest(Path({str(cache)!r}), Path({str(project)!r})); "
        "assert 'dbt' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", command], cwd=PROJECT_ROOT, check=True)
    first = [one.name for one in (cache / "semantic").iterdir()]
    assert first == [f"{project_fingerprint(project)}.json"]
    assert _names(semantic_manifest(cache, project)) == ["num_things"]

    metrics = project / "models" / "metrics.yml"
    renamed = metrics.read_text("utf-8").replace("- name: num_things", "- name: num_all", 1)
    metrics.write_text(renamed, "utf-8")
    assert _names(semantic_manifest(cache, project)) == ["num_all"]
    second = [one.name for one in (cache / "semantic").iterdir()]
    assert second == [f"{project_fingerprint(project)}.json"] != first, "the old one is removed"


def test_dbts_reason_is_said_where_it_refuses_a_metric(project: Path, tmp_path: Path) -> None:
    metrics = project / "models" / "metrics.yml"
    metrics.write_text(metrics.read_text("utf-8") + _BROKEN, "utf-8")
    with pytest.raises(SemanticError) as asked:
        semantic_manifest(tmp_path / "cache", project)
    words = str(asked.value)
    assert words.startswith("dbt could not read the project: ")
    assert "num_nothing" in words
    assert "Traceback" not in words
    assert not (tmp_path / "cache" / "semantic").exists()


def test_what_dbt_finds_on_a_second_look_is_named(project: Path, tmp_path: Path) -> None:
    """Its exception says only that the validation of the semantic manifest failed."""
    metrics = project / "models" / "metrics.yml"
    metrics.write_text(metrics.read_text("utf-8").replace("happened_on", "day"), "utf-8")
    with pytest.raises(TransformError) as refused:
        parse(TransformRequest(project, tmp_path / "olist.duckdb", tmp_path / "dbt"))
    said = str(refused.value).splitlines()
    assert "Semantic Manifest validation failed." in said[1]
    assert "Invalid name `day`" in said[2]
    assert len(said) == len(set(said)), "nothing is said twice"


def test_a_cache_that_cannot_be_written_is_said(
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "cache").write_text("no directory", "utf-8")
    monkeypatch.setattr(sys, "argv", ["semantic", str(tmp_path / "cache"), str(project)])
    assert main() == EXIT_FAILED
    assert str(tmp_path / "cache") in capsys.readouterr().err
