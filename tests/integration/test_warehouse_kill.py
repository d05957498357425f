"""One run at a time, and a run killed at any moment leaves the published file as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.errors import WarehouseBusyError
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import tiny

OLD, KILLED, NEXT = (f"20180901t00000{n}z_00000{n}" for n in range(3))

# A run that stops for good where it is told to: before the first call of a method.
_CHILD = """
import sys, time
from pathlib import Path
import duckdb
from orchestration.warehouse import store as module
from tests.support import tiny

directory, run_id, where = sys.argv[1:]
warehouse = module.Warehouse(Path(directory), keep_versions=3)

def stop(*_, **__):
    print("here", flush=True)
    time.sleep(600)

with warehouse.lock(run_id):
    if where == "locked":
        stop()
    build = warehouse.begin_build(run_id, warehouse.current_version())
    if where == "copied":
        stop()
    tiny.fill(build, 2)
    if where == "writing":
        connection = duckdb.connect(str(build.path))
        connection.execute("set checkpoint_threshold = '1TB'")
        connection.execute("create table raw.big as select range as n from range(100000)")
        connection.execute("begin; update core.a set value = 3")
        stop()
    if where == "checkpointed":
        module.fsync = stop
    if where == "moved":
        module.Warehouse._switch = stop
    if where == "linked":
        Path.replace = lambda self, to: stop() if self.is_symlink() else self.rename(to)
    if where == "switched":
        module.prune = stop
    warehouse.publish(build)
"""

_BEFORE_THE_SWITCH = ["locked", "copied", "writing", "checkpointed", "moved", "linked"]


def _start(directory: Path, run_id: str, where: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(directory), run_id, where],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n", "the child ended before its stage"
    return child


def _kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def _value(warehouse: Warehouse) -> int:
    with open_reader(warehouse.published_path) as connection:
        row = connection.execute("select value from core.a").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("where", _BEFORE_THE_SWITCH)
def test_a_run_killed_before_the_switch_changes_nothing_and_the_next_one_works(
    tmp_path: Path, where: str
) -> None:
    warehouse = Warehouse(tmp_path, keep_versions=3)
    version = tiny.publish(warehouse, OLD, 1)
    content = version.path.read_bytes()
    _kill(_start(tmp_path, KILLED, where))
    assert warehouse.current_version() == version
    assert version.path.read_bytes() == content
    assert _value(warehouse) == 1
    tiny.publish(warehouse, NEXT, 4)
    assert _value(warehouse) == 4
    assert not warehouse.build_dir.exists()


def test_a_run_killed_after_the_switch_has_published(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, keep_versions=3)
    tiny.publish(warehouse, OLD, 1)
    _kill(_start(tmp_path, KILLED, "switched"))
    assert _value(warehouse) == 2
    tiny.publish(warehouse, NEXT, 4)
    assert _value(warehouse) == 4


def test_a_first_run_killed_leaves_nothing_published(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    _kill(_start(tmp_path, KILLED, "moved"))
    assert warehouse.current_version() is None
    tiny.publish(warehouse, NEXT, 4)
    assert _value(warehouse) == 4


def test_a_second_run_is_told_who_holds_the_warehouse_and_readers_are_not_disturbed(
    tmp_path: Path,
) -> None:
    warehouse = Warehouse(tmp_path)
    tiny.publish(warehouse, OLD, 1)
    child = _start(tmp_path, KILLED, "copied")
    try:
        with pytest.raises(WarehouseBusyError) as caught, warehouse.lock(NEXT):
            pass
        text = str(caught.value)
        assert KILLED in text
        assert f"process {child.pid}" in text
        assert "since 20" in text
        assert _value(warehouse) == 1
    finally:
        _kill(child)


def test_a_refused_run_does_not_free_the_lock_of_the_one_at_work(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    child = _start(tmp_path, KILLED, "copied")
    try:
        for _ in range(2):
            with pytest.raises(WarehouseBusyError, match=KILLED), warehouse.lock(NEXT):
                pass
        assert warehouse.build_path.parent.exists()
    finally:
        _kill(child)
