"""One flipped byte of a version is found wherever that version would be used."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main as olist
from orchestration.errors import DamagedVersionError
from orchestration.settings import Settings
from orchestration.warehouse.backup import BackupDirectory
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.versions import Version
from tests.support import tiny

OLD, DAMAGED, NEXT = (tiny.numbered_run(value) for value in (1, 2, 3))


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A sound version, and after it one of which the tests spoil a byte."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    warehouse = Warehouse(tmp_path / "dw")
    tiny.publish(warehouse, OLD, 1)
    with warehouse.lock(DAMAGED):
        build = warehouse.begin_build(DAMAGED, None)
        tiny.fill(build, 2)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute(
                "create table core.texts as select i, repeat(md5(i::varchar), 1 + i % 300) as s"
                " from range(1000) as r(i)"
            )
        warehouse.publish(build)
    return warehouse


def _flip(path: Path, at: int) -> None:
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def _as_base(warehouse: Warehouse) -> None:
    with warehouse.lock(NEXT):
        warehouse.begin_build(NEXT, warehouse.current_version())


def _by_backup(warehouse: Warehouse) -> None:
    version = warehouse.current_version()
    assert version is not None
    BackupDirectory(warehouse.directory / "backups").write(version)


def _by_rollback(warehouse: Warehouse) -> None:
    with warehouse.lock(DAMAGED):
        warehouse.rollback(DAMAGED)


@pytest.mark.parametrize("use", [_as_base, _by_backup, _by_rollback])
def test_a_byte_flipped_anywhere_is_found_before_the_version_is_used(
    warehouse: Warehouse, use: Callable[[Warehouse], None]
) -> None:
    version = warehouse.current_version()
    assert version is not None
    chosen = random.Random(15)  # noqa: S311 - the same ten places each time
    for at in [chosen.randrange(version.path.stat().st_size) for _ in range(10)]:
        _flip(version.path, at)
        # At some places DuckDB sees it first, and at few of them it takes the file for none.
        with pytest.raises(Exception, match=f"{DAMAGED}"):
            use(warehouse)
        _flip(version.path, at)
    use(warehouse)  # sound again


def test_verify_ends_with_1_and_names_what_is_damaged(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["versions", "--verify", "--warehouse", str(warehouse.directory)]
    assert olist(arguments) == 0
    assert capsys.readouterr().out.count(", sound") == 2
    version = Version(warehouse.versions_dir / OLD / "olist.duckdb")
    chosen = random.Random(16)  # noqa: S311
    for at in [chosen.randrange(version.path.stat().st_size) for _ in range(10)]:
        _flip(version.path, at)
        assert olist(arguments) == 1
        assert f"Damaged: version {OLD}." in capsys.readouterr().err
        _flip(version.path, at)


def test_a_damaged_base_is_refused_with_the_newest_sound_version_and_the_way_to_it(
    warehouse: Warehouse,
) -> None:
    version = warehouse.current_version()
    assert version is not None
    _flip(version.path, version.path.stat().st_size - 100)
    with pytest.raises(DamagedVersionError) as caught:
        _as_base(warehouse)
    text = str(caught.value)
    assert f"Version {DAMAGED} is damaged" in text
    assert f'sound version is {OLD}: switch to it with make rollback ARGS="--to {OLD}"' in text
    assert not warehouse.build_dir.exists()


def test_a_block_damaged_while_a_run_works_is_not_published(warehouse: Warehouse) -> None:
    with warehouse.lock(NEXT):
        build = warehouse.begin_build(NEXT, warehouse.current_version())
        tiny.fill(build, 3)
        with duckdb.connect(str(build.path)) as connection:
            block = connection.execute(
                "select max(block_id) from pragma_storage_info('core.texts')"
            ).fetchall()[0][0]
        # Three headers of 4 kB, then blocks of 256 kB.
        _flip(build.path, 3 * 4096 + block * 2**18 + 1000)
        with pytest.raises(DamagedVersionError, match="Nothing was switched"):
            warehouse.publish(build)
    current = warehouse.current_version()
    assert current is not None
    assert current.run_id == DAMAGED


def test_a_changed_record_is_damage_too(warehouse: Warehouse) -> None:
    path = warehouse.versions_dir / DAMAGED / "version.json"
    path.chmod(0o640)
    path.write_text(path.read_text().replace('"sequence": 2', '"sequence": 9'))
    with pytest.raises(DamagedVersionError, match="is not as it was written"):
        _as_base(warehouse)
