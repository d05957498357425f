"""A disk that is full at any point: a readable error, exit code 1, and readers see no change.

The disk is a small one in memory, so these tests need root and the right to mount; elsewhere
they are skipped. ``test_command`` has a limit on the size of files, which works anywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.cli import main as olist
from orchestration.warehouse.backup import BackupDirectory
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import command, tiny

SIZE = 96_000_000
ROWS = 4_000
_MODELS = {
    "orders": "select order_id from raw.orders",
    "large": "select random() as noise from raw.orders, range(1000)",
}


class SmallDisk:
    """A mounted disk that can be filled up to a number of free bytes, and freed again."""

    def __init__(self, path: Path) -> None:
        """Name the place it is mounted at."""
        self.path = path
        self._filler = path / "filler"

    def leave(self, free: int) -> None:
        """Fill it, but for so many bytes."""
        available = shutil.disk_usage(self.path).free
        assert available > free, "the disk is fuller than it should be"
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, available - free)

    def free(self) -> None:
        """Make space."""
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def _run(project: Path, source: Path, warehouse: Warehouse) -> tuple[int | None, str]:
    arguments = ("--source", str(source), "--warehouse", str(warehouse.directory))
    child = command.start(project, *arguments)
    _, err = child.communicate()
    return child.returncode, err


def _orders(warehouse: Warehouse) -> int:
    with open_reader(warehouse.published_path) as connection:
        rows = connection.execute("select count(*) from core.orders").fetchall()
    return int(rows[0][0])


# How many copies of the version, and how many bytes more, fit when a run begins.
_LEVELS = {
    "no byte": (0.0, 0),
    "the copy and not the load": (1.0, 200_000),
    "the load and not the models": (1.0, 14_000_000),
}


def test_a_full_disk_ends_a_run_with_1_and_it_works_again_once_there_is_space(
    tmp_path: Path, disk: SmallDisk
) -> None:
    project = tiny.write_project(tmp_path / "project", **_MODELS)
    small = tiny.write_source(tmp_path / "small")
    large = tiny.write_source(tmp_path / "large", rows=ROWS)
    warehouse = Warehouse(disk.path / "dw")
    assert _run(project, small, warehouse) == (0, "")
    version = warehouse.current_version()
    assert version is not None
    content = version.path.read_bytes()

    for level, (copies, more) in _LEVELS.items():
        disk.leave(int(len(content) * copies) + more)
        code, err = _run(project, large, warehouse)
        assert code == 1, level
        assert "Free some space" in err, level
        assert "Traceback" not in err, level
        assert "Unexpected" not in err, level
        assert warehouse.current_version() == version, level
        assert version.path.read_bytes() == content, level
        assert _orders(warehouse) == 3, level
        assert not warehouse.build_dir.exists(), level
        disk.free()

    assert _run(project, large, warehouse) == (0, "")
    assert _orders(warehouse) == ROWS


def test_a_full_disk_leaves_no_half_backup_and_no_half_restored_version(
    disk: SmallDisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse(disk.path / "dw")
    version = tiny.publish(warehouse, tiny.numbered_run(1), 1)
    place = ["--warehouse", str(warehouse.directory)]
    disk.leave(3_000)
    assert olist(["backup", *place]) == 1
    assert "Free some space" in capsys.readouterr().err
    backups = BackupDirectory(warehouse.directory / "backups")
    assert backups.paths() == []

    elsewhere = ["--backup-dir", str(tmp_path / "backups")]
    assert olist(["backup", *place, *elsewhere]) == 0
    assert olist(["restore", *place, *elsewhere]) == 1
    assert "Free some space" in capsys.readouterr().err
    assert warehouse.current_version() == version
    assert not warehouse.build_dir.exists()

    disk.free()
    assert olist(["backup", *place]) == 0
    assert olist(["restore", *place]) == 0
    assert len(backups.paths()) == 1
