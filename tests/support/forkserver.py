"""What processes are forked off (`tests.support.forked`): one that has read a dbt project.

dbt makes schemas and converters of its classes when it first needs them: a second and a half of
a processor in each new process. Reading one project of each kind of node, anew and then from
what was kept, has them made.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import dbt.adapters.duckdb
import dbt.task.build  # noqa: F401 - the children build

from orchestration.dbt.runner import TransformRequest, parse
from tests.support.tiny import write_project


def _read_a_project() -> None:
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        project = write_project(
            here / "project",
            first="select 1 as id from {{ source('given', 'rows') }}",
            second="select id from {{ ref('first') }}",
            words=_WORDS,
        )
        (project / "seeds").mkdir()
        (project / "seeds" / "sown.csv").write_text("id\n1\n", encoding="utf-8")
        (project / "tests").mkdir()
        (project / "tests" / "none.sql").write_text("select * from {{ ref('second') }}")
        request = TransformRequest(
            project_dir=project, database=here / "none.duckdb", cache_dir=here / "cache"
        )
        parse(request)
        parse(request)
    assert threading.active_count() == 1, "a fork would lose the other threads"


_WORDS = """
models:
  - name: first
    description: One of each kind of node.
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer, data_tests: [unique]}]
sources:
  - name: given
    tables: [{name: rows}]
seeds:
  - name: sown
snapshots:
  - name: kept
    relation: ref('second')
    config: {unique_key: id, strategy: check, check_cols: all}
"""

_read_a_project()
