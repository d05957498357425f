"""What surrounds a warehouse: file systems, names of directories, what others keep there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main as olist
from orchestration.errors import NotAWarehouseError, WarehouseError
from orchestration.settings import Settings
from orchestration.warehouse.backup import BackupDirectory, read_backup
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import tiny
from tests.support.tiny_source import write_tiny_source

IDS = [tiny.numbered_run(value) for value in range(6)]


@pytest.fixture(autouse=True)
def _no_setting_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)


def _value(path: Path) -> int:
    with open_reader(path) as connection:
        return int(connection.execute("select value from core.a").fetchall()[0][0])


def test_a_file_system_without_symbolic_links_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "symlink", refuse)
    for _ in range(2):
        with pytest.raises(NotAWarehouseError, match="has no symbolic links"):
            tiny.publish(Warehouse(tmp_path / "dw"), IDS[0], 0)
    assert {path.name for path in (tmp_path / "dw").iterdir()} <= {".lock"}


def test_a_file_system_without_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(NotAWarehouseError, match="has no locks") as caught:
        tiny.publish(Warehouse(tmp_path / "dw"), IDS[0], 0)
    assert "Close the program" not in str(caught.value)


@pytest.mark.parametrize("name", ["w?1", "a\\b", "a\nb", os.fsdecode(b"bad\xff")])
def test_a_directory_that_duckdb_would_take_for_another_is_refused_by_name_at_once(
    tmp_path: Path, name: str
) -> None:
    directory = tmp_path / name / "dw"
    with pytest.raises(WarehouseError, match="in its path"):
        tiny.publish(Warehouse(directory), IDS[0], 0)
    assert not directory.exists()


def test_a_link_to_a_directory_with_a_question_mark_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "w?1").mkdir()
    (tmp_path / "plain").symlink_to(tmp_path / "w?1")
    with pytest.raises(NotAWarehouseError, match="question mark"):
        tiny.publish(Warehouse(tmp_path / "plain"), IDS[0], 0)


@pytest.mark.parametrize(
    "name", ["region=br", "a b", "a'b", 'a"b', "a*b", "a[1]b", "a#b", "{a}", "$x", "é", "-a"]
)
def test_names_of_directories_are_no_data_and_no_patterns(tmp_path: Path, name: str) -> None:
    warehouse = Warehouse(tmp_path / name / "dw")
    tiny.publish(warehouse, IDS[0], 7)
    version = tiny.publish(warehouse, IDS[1], 7)
    with warehouse.lock(IDS[2]):
        build = warehouse.begin_build(IDS[2], version)
        with duckdb.connect(str(build.path)) as connection:
            # Columns of the names that a path such as region=br would give.
            connection.execute("create table core.r as select 'x' as region, 1 as a")
            connection.execute(f"update ops.warehouse_info set run_id = '{IDS[2]}'")
        version = warehouse.publish(build)
    backup = BackupDirectory(tmp_path / name / "backups").write(version)
    elsewhere = Warehouse(tmp_path / name / "elsewhere")
    with elsewhere.lock(IDS[2]):
        restore(read_backup(backup.path), elsewhere)
    assert _value(elsewhere.published_path) == 7


def test_what_others_keep_in_the_directory_is_left_there(tmp_path: Path) -> None:
    foreign = [
        *("build/thesis.txt", "tmp/notes.txt", "versions/mine/olist.duckdb", ".lock"),
        *("versions/olist_mine.duckdb", "runs/mine/summary.json", "backups/mine/data"),
    ]
    for name in foreign:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("precious", encoding="utf-8")
    warehouse = Warehouse(tmp_path, keep_versions=1)
    for value in range(4):
        version = tiny.publish(warehouse, IDS[value], value)
        BackupDirectory(tmp_path / "backups", keep=1).write(version)
    (version.path.parent / "note.txt").write_text("precious", encoding="utf-8")
    tiny.publish(warehouse, IDS[4], 4)
    for name in (*foreign, f"versions/{version.run_id}/note.txt"):
        assert (tmp_path / name).read_text(encoding="utf-8") == "precious", name
    assert [version.run_id for version in warehouse.versions()] == [IDS[4]]


def test_a_file_of_others_is_not_replaced_by_the_development_copy(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    tiny.publish(warehouse, IDS[0], 0)
    copy = tmp_path / "dw" / "dev" / "olist.duckdb"
    copy.parent.mkdir()
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create table mine as select 1 as a")
    with pytest.raises(NotAWarehouseError, match=r"ops\.warehouse_info"):
        warehouse.refresh_dev_copy(copy)
    with duckdb.connect(str(copy)) as connection:
        assert connection.execute("from mine").fetchall() == [(1,)]


def test_without_its_link_a_warehouse_is_not_taken_for_a_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    for value in range(2):
        tiny.publish(warehouse, IDS[value], value)
    warehouse.published_path.unlink()
    source = write_tiny_source(tmp_path / "source")
    arguments = ["--source", str(source), "--warehouse", str(warehouse.directory), "--quiet"]
    assert olist(["run", *arguments]) == 1
    text = capsys.readouterr().err
    assert f'make rollback ARGS="--to {IDS[1]}"' in text
    with warehouse.lock(IDS[2]):
        warehouse.rollback(IDS[1])
    assert _value(warehouse.published_path) == 1


def test_versions_are_kept_and_rolled_back_to_in_the_order_of_publishing(
    tmp_path: Path,
) -> None:
    warehouse = Warehouse(tmp_path, keep_versions=3)
    # The clock stood in the future for one run, and was set right.
    for run_id, value in ((IDS[1], 1), (IDS[5], 5), (IDS[2], 2), (IDS[3], 3), (IDS[4], 4)):
        tiny.publish(warehouse, run_id, value)
    kept = [version.run_id for version in warehouse.versions()]
    assert kept == [IDS[4], IDS[3], IDS[2]]
    assert warehouse.rollback().run_id == IDS[3]


def test_rollback_goes_to_what_readers_saw_and_not_to_what_was_rolled_back_from(
    tmp_path: Path,
) -> None:
    warehouse = Warehouse(tmp_path)
    for value in range(3):
        tiny.publish(warehouse, IDS[value], value)
    warehouse.rollback()
    tiny.publish(warehouse, IDS[3], 3)
    assert warehouse.rollback().run_id == IDS[1]


def test_other_accounts_of_the_machine_read_nothing(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        warehouse = Warehouse(tmp_path / "dw")
        version = tiny.publish(warehouse, IDS[0], 0)
        BackupDirectory(tmp_path / "backups").write(version)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    made = [
        path
        for top in (warehouse.directory, tmp_path / "backups")
        for path in (top, *top.rglob("*"))
        if not path.is_symlink() and not path.name.startswith(".lock")
    ]
    assert len(made) > 8
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {path: mode for path, mode in modes.items() if mode & 0o027} == {}
    assert modes[version.path] == 0o440
    assert modes[version.path.parent] == 0o750


def test_settings_that_other_accounts_can_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    file.touch()
    monkeypatch.setattr("orchestration.pipeline.context.ENV_FILE", file)
    arguments = ["--source", str(tmp_path / "nothing"), "--warehouse", str(tmp_path / "dw")]
    for mode, is_named in ((0o644, True), (0o640, False)):
        file.chmod(mode)
        olist(["run", *arguments])
        assert (f"chmod o= {file}" in capsys.readouterr().out) == is_named
