"""Readers in processes of their own while versions come and go: no error, never a mixture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.store import Warehouse
from tests.support import tiny

PUBLISHES = 20
ROWS = 20_000

# Reads in a loop until it is told to end: two tables at once, then a third a moment later on
# the same connection, which must still be of the same version.
_READER = """
import json, sys, time
from pathlib import Path
import duckdb
from orchestration.warehouse.store import open_reader

how, path, stop = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
seen, last = [], False
print("here", flush=True)
while not last:
    last = stop.exists()
    if how == "open_reader":
        connection = open_reader(path)
    else:
        connection = duckdb.connect(str(path), read_only=True)
    with connection:
        value, total = connection.execute(
            "select a.value, (select sum(value) from core.big) from core.a as a").fetchone()
        time.sleep(0.02)
        (run_id,) = connection.execute("select run_id from ops.warehouse_info").fetchone()
        (rows,) = connection.execute("select count(*) from raw.big").fetchone()
    seen.append((run_id, value, total, rows))
print(json.dumps(seen))
"""


def _publish(warehouse: Warehouse, value: int) -> None:
    run_id = tiny.numbered_run(value)
    with warehouse.lock(run_id):
        build = warehouse.begin_build(run_id, warehouse.current_version())
        tiny.fill(build, value)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute(
                f"create or replace table core.big as select {value} as value"
                f" from range({ROWS});"
                "create or replace table raw.big as select range as n"
                f" from range({ROWS + value})"
            )
        warehouse.publish(build)


@pytest.mark.parametrize(
    ("how", "keep_versions"),
    [
        # Retention removes what a reader is about to open.
        ("open_reader", 1),
        # An analyst opens the published path with DuckDB alone.
        ("duckdb.connect", 5),
    ],
)
def test_a_reader_in_a_loop_across_20_publishes_sees_no_error_and_no_mixture(
    tmp_path: Path, how: str, keep_versions: int
) -> None:
    warehouse = Warehouse(tmp_path / "dw", keep_versions=keep_versions)
    stop = tmp_path / "stop"
    _publish(warehouse, 1)
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, how, str(warehouse.published_path), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "here\n"
        for value in range(2, 2 + PUBLISHES):
            _publish(warehouse, value)
    finally:
        stop.touch()
        out, err = reader.communicate(timeout=60)
    assert (reader.returncode, err) == (0, "")
    seen = [tuple(row) for row in json.loads(out)]
    for run_id, value, total, rows in seen:
        assert run_id == tiny.numbered_run(value)
        assert (total, rows) == (value * ROWS, ROWS + value)
    values = [value for _, value, _, _ in seen]
    assert values == sorted(values), "a reader went back to an older version"
    assert values[-1] == 1 + PUBLISHES
    assert len(set(values)) > PUBLISHES / 4, "the reader hardly met a publish"
