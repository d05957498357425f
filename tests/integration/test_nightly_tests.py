"""What a night tests: the rows that changed; and everything where all is due."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt.results import NodeProgress
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.settings import PROJECT_ROOT
from tests.support import tiny

_DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"
_TESTED_UNTIL = datetime(2018, 9, 1, 2)  # noqa: DTZ001 - naive UTC, as _loaded_at is
_YML = """models:
  - name: items
    data_tests:
      - rules_hold: &rule
          name: of_changed_rows
          arguments: {rules: {price_above_0: price > 0}}
          config: {meta: {changed_at: changed_at}}
      - rules_hold:
          <<: *rule
          name: of_changed_rows_with_a_condition
          config: {where: is_sold, meta: {changed_at: changed_at}}
      - rules_hold:
          <<: *rule
          name: of_all_rows
          config: {}
      - rules_hold:
          <<: *rule
          name: once_a_week
          config: {tags: [weekly]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one model: one wrong price is older than the mark, one newer."""
    project = tiny.write_project(
        tmp_path / "project",
        items="select * from (values "
        "(-1, true, timestamp '2018-09-01 02:00:00'), "
        "(5, true, timestamp '2018-09-02 02:00:00'), "
        "(-3, false, timestamp '2018-09-03 02:00:00')) as t (price, is_sold, changed_at)",
        tests=_YML,
    )
    shutil.copytree(_DBT_PROJECT / "tests" / "generic", project / "tests" / "generic")
    shutil.copy(_DBT_PROJECT / "macros" / "nightly_tests.sql", project / "macros")
    (project / "seeds").mkdir()
    (project / "seeds" / "states.csv").write_text("state\nSP\n", encoding="utf-8")
    return project


def _build(project: Path, tests_from: datetime | None) -> tuple[dict[str, int | None], int]:
    """Failing rows of each test that ran, and how many nodes were announced."""
    database = project.parent / "olist.duckdb"
    duckdb.connect(str(database)).close()
    announced: list[NodeProgress] = []
    dbt = Dbt(TransformRequest(project, database, project.parent / "cache"))
    result = dbt.build(announced.append, tests_from=tests_from)
    assert {one.total for one in announced} == {len(result.nodes)}
    tests = {node.name: node.failures for node in result.nodes if node.is_test}
    return tests, len(result.nodes)


def test_a_night_tests_the_rows_that_changed_and_leaves_out_weekly_tests_and_seeds(
    project: Path,
) -> None:
    tests, num_nodes = _build(project, _TESTED_UNTIL)
    assert tests == {
        "of_changed_rows": 1,
        "of_changed_rows_with_a_condition": 0,
        "of_all_rows": 2,
    }
    assert num_nodes == len(tests) + 1


def test_everything_is_tested_where_no_moment_is_given(project: Path) -> None:
    tests, num_nodes = _build(project, None)
    assert tests == {
        "of_changed_rows": 2,
        "of_changed_rows_with_a_condition": 1,
        "of_all_rows": 2,
        "once_a_week": 2,
    }
    assert num_nodes == len(tests) + 2
