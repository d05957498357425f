"""The maintenance command as a user meets it, and a restored warehouse in its next run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli import main as olist
from orchestration.settings import Settings
from orchestration.warehouse.backup import BackupDirectory
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import command, tiny
from tests.support.same_warehouse import assert_same_warehouse

FIRST, SECOND = tiny.numbered_run(1), tiny.numbered_run(2)


class Command:
    """The command on one warehouse; says what it showed."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Name the warehouse."""
        self.warehouse = Warehouse(directory)
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run it; returns its output, or its error."""
        found = olist([*arguments, "--warehouse", str(self.warehouse.directory)])
        out, err = self._capsys.readouterr()
        assert found == code, out + err
        if code == 0:
            assert err == ""
            return out
        assert err.startswith("error: ")
        assert "Traceback" not in err
        assert "Unexpected" not in err
        return err

    def value(self) -> int:
        """What readers see."""
        with open_reader(self.warehouse.published_path) as connection:
            rows = connection.execute("select value from core.a").fetchall()
        return int(rows[0][0])


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    return Command(tmp_path / "dw", capsys)


def test_help_shows_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert olist(["restore", "--help"]) == 0
    out = capsys.readouterr().out
    assert "restore --check" in out
    assert "0 done; 1 it failed" in out


def test_without_a_command_the_use_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert olist([]) == 2
    assert "COMMAND" in capsys.readouterr().err


def test_versions_are_listed_with_their_origin_and_the_published_one_is_marked(
    run: Command,
) -> None:
    for value, run_id in enumerate((FIRST, SECOND), start=1):
        tiny.publish(run.warehouse, run_id, value)
    run("backup")
    lines = run("versions").splitlines()
    assert lines[1].startswith(f" * {SECOND}")
    assert lines[2].startswith(f"   {FIRST}")
    assert "MB  built 2018-09-01 00:00 UTC, as of unknown, a test" in lines[1]
    assert f"_of_{SECOND}" in lines[-1]


def test_versions_of_nothing_are_none(run: Command) -> None:
    assert run("versions").count("none") == 2


def test_a_damaged_version_and_a_damaged_backup_are_listed_as_such(run: Command) -> None:
    version = tiny.publish(run.warehouse, FIRST, 1)
    run("backup")
    version.path.chmod(0o644)
    version.path.write_bytes(b"x")
    (backup,) = BackupDirectory(run.warehouse.directory / "backups").paths()
    (backup / "manifest.json").unlink()
    assert run("versions").count("cannot be used") == 2


def test_backup_and_restore_on_an_empty_machine(
    run: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tiny.publish(run.warehouse, FIRST, 7)
    assert "read back and compared" in run("backup", "--backup-dir", str(tmp_path / "b"))
    elsewhere = Command(tmp_path / "elsewhere", capsys)
    out = elsewhere("restore", "--backup-dir", str(tmp_path / "b"))
    assert f"-> version {FIRST}" in out
    assert "3 tables, 3 rows: all as in the backup" in out
    assert elsewhere.value() == 7


def test_the_directory_and_the_number_of_backups_are_settings(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLIST_BACKUP_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("OLIST_KEEP_BACKUPS", "1")
    for value, run_id in enumerate((FIRST, SECOND), start=1):
        tiny.publish(run.warehouse, run_id, value)
        run("backup")
    (path,) = BackupDirectory(tmp_path / "kept").paths()
    assert path.name.endswith(f"_of_{SECOND}")


def test_a_backup_can_be_checked_without_restoring_it(run: Command) -> None:
    tiny.publish(run.warehouse, FIRST, 1)
    run("backup")
    tiny.publish(run.warehouse, SECOND, 2)
    assert "all 5 files are as they were written" in run("restore", "--check")
    assert run.value() == 2


def test_a_damaged_backup_ends_with_2_and_nothing_is_restored(run: Command) -> None:
    tiny.publish(run.warehouse, FIRST, 1)
    run("backup")
    tiny.publish(run.warehouse, SECOND, 2)
    (backup,) = BackupDirectory(run.warehouse.directory / "backups").paths()
    (backup / "core.a.parquet").write_bytes(b"PAR1")
    text = run("restore", code=2)
    assert f"{backup} is damaged: core.a.parquet has 4 bytes" in text
    assert run.value() == 2


def test_rollback_goes_back_one_version_or_to_a_named_one(run: Command) -> None:
    for value, run_id in enumerate((FIRST, SECOND), start=1):
        tiny.publish(run.warehouse, run_id, value)
    assert f"-> version {FIRST}" in run("rollback")
    assert run.value() == 1
    run("rollback", "--to", SECOND)
    assert run.value() == 2


def test_a_rollback_to_a_damaged_version_ends_with_1_and_changes_nothing(run: Command) -> None:
    first = tiny.publish(run.warehouse, FIRST, 1)
    tiny.publish(run.warehouse, SECOND, 2)
    first.path.chmod(0o644)
    first.path.write_bytes(b"x")
    assert FIRST in run("rollback", code=1)
    assert run.value() == 2


def test_a_rollback_from_a_version_that_is_gone_takes_the_one_before(run: Command) -> None:
    tiny.publish(run.warehouse, FIRST, 1)
    tiny.publish(run.warehouse, SECOND, 2).path.unlink()
    assert f"{SECOND}  is published, but its file is gone" in run("versions")
    run("rollback")
    assert run.value() == 1


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["backup"], 1, "Run `make pipeline` first"),
        (["restore"], 2, "There is no backup in"),
        (["restore", "--from", "nonsense"], 2, "There is no backup nonsense"),
        (["rollback"], 2, "There is no earlier version"),
        (["rollback", "--to", "nonsense"], 2, "There is no version nonsense"),
    ],
)
def test_what_is_not_there_is_said_with_its_exit_code(
    run: Command, arguments: list[str], code: int, expected: str
) -> None:
    assert expected in run(*arguments, code=code)


def test_restore_and_rollback_wait_for_no_run_but_a_backup_may_be_taken(run: Command) -> None:
    tiny.publish(run.warehouse, FIRST, 1)
    tiny.publish(run.warehouse, SECOND, 2)
    with run.warehouse.lock("20180903t000000z_000000"):
        run("backup")
        for arguments in (["restore"], ["rollback"]):
            text = run(*arguments, code=3)
            assert "Run 20180903t000000z_000000 (process" in text
    assert run.value() == 2


def test_a_run_is_told_that_a_restore_is_at_work(run: Command) -> None:
    with run.warehouse.lock(FIRST, what="A restore of"):
        assert f"A restore of {FIRST} (process" in run("rollback", code=3)


def test_the_command_starts_as_a_module(tmp_path: Path) -> None:
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "orchestration", "versions"),
            *("--warehouse", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.timeout(480)  # the first to ask for built_warehouse also builds it
def test_a_restored_warehouse_goes_on_with_the_next_run(
    run: Command, built_warehouse: Path, tmp_path: Path
) -> None:
    backups = str(tmp_path / "backups")
    original = built_warehouse.resolve()
    # The warehouse of the session is not to be written to.
    place_in_versions = Path("versions") / original.parent.name
    shutil.copytree(original.parent, tmp_path / "copy" / place_in_versions)
    (tmp_path / "copy" / "olist.duckdb").symlink_to(place_in_versions / original.name)
    copy = (tmp_path / "copy" / "olist.duckdb").resolve()
    place = ["--warehouse", str(tmp_path / "copy"), "--backup-dir", backups]
    assert olist(["backup", *place]) == 0

    run("restore", "--backup-dir", backups)
    restored = run.warehouse.current_version()
    assert restored is not None
    assert_same_warehouse(copy, restored.path)

    arguments = ("--source", "synthetic", "--scale", "0.02", "--seed", "42")
    child = command.start(None, *arguments, "--warehouse", str(run.warehouse.directory))
    out, err = child.communicate()
    assert child.returncode == 0, out + err
    after = run.warehouse.current_version()
    assert after is not None
    assert after.run_id > restored.run_id
    # Nothing has changed since, so nothing may differ but what runs say of themselves.
    assert_same_warehouse(restored.path, after.path, without=("ops",))
