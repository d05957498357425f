"""What is published is opened by clients of DuckDB 1.5, as in the drivers of most tools.

The client is installed beside the environment once, from the package index. Without one these
tests are skipped, and the summary says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.store import Warehouse
from tests.support import tiny

CLIENT = "duckdb==1.5.5"

_PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import duckdb
rows = {"version": duckdb.__version__}
with duckdb.connect(sys.argv[2], read_only=True) as connection:
    for name, query in json.loads(sys.argv[3]).items():
        found = connection.execute(query).fetchall()
        rows[name] = [[str(value) for value in row] for row in found]
print(json.dumps(rows))
"""

_QUERIES = {
    "catalogue": "select current_database()",
    "rows": "select count(*) from olist.core.fact_orders",
    "figures": "select sum(gmv_amount), sum(num_orders), count(distinct order_date)"
    " from olist.marts.mart_executive_dashboard",
    "constraints": "select schema_name, table_name, constraint_type, constraint_text"
    " from duckdb_constraints() order by all",
    "comments": "select table_name, column_name, comment from duckdb_columns()"
    " where schema_name = 'marts' order by all",
    "staged": "select count(*) from olist.staging.stg_sellers",
}


@pytest.fixture(scope="session")
def client() -> Path:
    """The directory that holds an older DuckDB."""
    directory = Path(sys.prefix) / CLIENT.replace("==", "-")
    if not (directory / "duckdb").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        done = subprocess.run(
            [*pip, "--disable-pip-version-check", "--target", str(directory), CLIENT],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"NOT TESTED: {CLIENT} cannot be installed: {done.stderr[-300:]}")
    return directory


def _asked(client: Path, path: Path, queries: dict[str, str]) -> dict[str, list[list[str]]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(client), str(path), json.dumps(queries)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    assert str(found.pop("version")) == CLIENT.partition("==")[2]
    return found


@pytest.mark.timeout(480)  # the first to ask for built_warehouse also builds it
def test_a_client_of_1_5_reads_what_2_0_reads_by_names_of_three_parts(
    client: Path, built_warehouse: Path
) -> None:
    found = _asked(client, built_warehouse, _QUERIES)
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        expected = {
            name: [
                [str(value) for value in row] for row in connection.execute(query).fetchall()
            ]
            for name, query in _QUERIES.items()
        }
    assert found["catalogue"] == [["olist"]]
    assert len(found["constraints"]) > 100
    assert any(comment != "None" for _, _, comment in found["comments"])
    assert found == expected


def test_names_of_three_parts_live_through_a_publish(client: Path, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    query = {"value": "select value from olist.core.a"}
    for value in (1, 2):
        tiny.publish(warehouse, tiny.numbered_run(value), value)
        assert _asked(client, warehouse.published_path, query) == {"value": [[str(value)]]}
    warehouse.rollback()
    assert _asked(client, warehouse.published_path, query) == {"value": [["1"]]}


def test_a_version_of_the_former_layout_is_converted_as_the_base_of_a_run(
    client: Path, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path)
    _former_version(warehouse, tiny.numbered_run(1), 1)
    before = warehouse.current_version()
    assert before is not None
    assert before.run_id == tiny.numbered_run(1)
    with warehouse.lock(tiny.numbered_run(2)):
        build = warehouse.begin_build(tiny.numbered_run(2), before)
        with duckdb.connect(str(build.path)) as connection:
            held = connection.execute(
                "select value, comment from core.a, duckdb_tables() where table_name = 'a'"
            ).fetchall()
            connection.execute(f"update ops.warehouse_info set run_id = '{build.run_id}'")
        assert held == [(1, "of a")]
        assert build.is_converted
        warehouse.publish(build)
    query = {"value": "select value from olist.core.a"}
    assert _asked(client, warehouse.published_path, query) == {"value": [["1"]]}


def test_versions_of_the_former_layout_are_switched_to_and_pruned(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, keep_versions=2)
    for value in (1, 2):
        _former_version(warehouse, tiny.numbered_run(value), value)
    assert warehouse.rollback().run_id == tiny.numbered_run(1)
    tiny.publish(warehouse, tiny.numbered_run(3), 3)
    kept = [tiny.numbered_run(value) for value in (3, 2)]
    assert [version.run_id for version in warehouse.versions()] == kept
    assert warehouse.rollback().run_id == tiny.numbered_run(2)


def _former_version(warehouse: Warehouse, run_id: str, value: int) -> None:
    """Publish as it was done before versions had directories and a storage for all."""
    path = warehouse.versions_dir / f"olist_{run_id}.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    with warehouse.lock(run_id):
        build = warehouse.begin_build(run_id, None)
        build.path.unlink()  # a plain DuckDB makes one that only DuckDB 2.0 opens
        tiny.fill(build, value)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute("comment on table core.a is 'of a'")
        build.path.replace(path)
        warehouse.discard(build)
        warehouse.published_path.unlink(missing_ok=True)
        warehouse.published_path.symlink_to(path.relative_to(warehouse.directory))
