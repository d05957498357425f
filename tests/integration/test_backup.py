"""Backup and restore: what comes back is what was there, and what is damaged is refused."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import (
    BackupError,
    NotAWarehouseError,
    WarehouseBusyError,
    WarehouseError,
)
from orchestration.warehouse.backup import Backup, BackupDirectory, read_backup
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Version, Warehouse, open_reader
from tests.support import tiny
from tests.support.same_warehouse import assert_same_warehouse

RUN = "20180901t000000z_000000"
LATER = "20180902t000000z_000001"
NIGHT = datetime(2018, 9, 2, 3, tzinfo=UTC)

# Every type the models use and some that Parquet has no room for; nulls, repeats, odd names.
_RICH = """
create table core."odd ""name" (
    id integer not null,
    "select" varchar default 'it''s',
    huge hugeint not null,
    amount decimal(18, 2) check (amount > -5),
    share double,
    "at" timestamp,
    at_zone timestamp with time zone,
    day date,
    flag boolean,
    span interval,
    tags varchar[],
    point struct(lat double, note varchar)
);
insert into core."odd ""name"
select
    range % 7, case range % 3 when 0 then null when 1 then '' else 'é"''\n🛵' end,
    170141183460469231731687303715884105727 - range % 2, range / 100, 0.1 * (range % 5),
    timestamp '2018-01-01 00:00:00.000001' + to_hours(range::int % 9),
    timestamptz '2018-01-01 00:00:00+02', date '1970-01-01' - range::int % 4,
    case when range % 2 = 0 then null else range % 4 = 1 end, interval 3 months,
    [null, '', 'a'], {'lat': 1.5, 'note': null}
from range(5000);
insert into core."odd ""name" (id, huge, share) values (1, 2, 'NaN'), (1, 2, '-Infinity');
create table core.empty (a integer not null, b varchar);
comment on table core.empty is 'it''s; empty';
comment on column core.empty.b is 'a
comment over two lines';
create view core.a_last as select 1 as x;
create view core.b_first as select id, huge from core."odd ""name" where id > 2;
create or replace view core.a_last as select max(huge) as total from olist.core.b_first;
comment on view core.a_last is 'reads another view';
comment on column core.a_last.total is 'the most';
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "dw", keep_versions=3)


@pytest.fixture
def backups(tmp_path: Path) -> BackupDirectory:
    return BackupDirectory(tmp_path / "backups", keep=3)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Warehouse:
    """Another machine: nothing is there."""
    return Warehouse(tmp_path / "elsewhere")


def _publish_rich(warehouse: Warehouse) -> Version:
    with warehouse.lock(RUN):
        build = warehouse.begin_build(RUN, None)
        tiny.fill(build, 1)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute(_RICH)
        return warehouse.publish(build)


def _restore(backup: Path, to: Warehouse) -> Version:
    with to.lock(RUN):
        return restore(read_backup(backup), to)


def _value(warehouse: Warehouse) -> int:
    with open_reader(warehouse.published_path) as connection:
        row = connection.execute("select value from core.a").fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_restored_on_an_empty_machine_is_what_was_backed_up(
    warehouse: Warehouse, backups: BackupDirectory, elsewhere: Warehouse
) -> None:
    version = _publish_rich(warehouse)
    made = backups.write(version, now=NIGHT)
    restored = _restore(made.path, elsewhere)
    assert restored.run_id == RUN
    assert_same_warehouse(version.path, restored.path)
    with open_reader(elsewhere.published_path) as connection:
        both = "select (select total from core.a_last), (select max(huge) from core.b_first)"
        assert len(set(connection.execute(both).fetchall()[0])) == 1
    assert not elsewhere.build_dir.exists()


def test_a_backup_says_what_is_in_it(warehouse: Warehouse, backups: BackupDirectory) -> None:
    made = backups.write(_publish_rich(warehouse), now=NIGHT)
    assert made.path.name == f"20180902t030000z_of_{RUN}"
    manifest = json.loads((made.path / "manifest.json").read_text(encoding="utf-8"))
    rows = {f"{t['schema']}.{t['name']}": t["rows"] for t in manifest["tables"]}
    assert rows == {
        'core.odd "name': 5002,
        "core.a": 1,
        "core.empty": 0,
        "ops.warehouse_info": 1,
        "raw.t": 1,
    }
    assert manifest["views"] == ["core.a_last", "core.b_first"]
    info = manifest["info"]
    assert (info["run_id"], info["source_identity"]) == (RUN, "real")
    for table in manifest["tables"]:
        path = made.path / table["file"]["name"]
        assert table["file"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_backup(made.path) == made


def test_the_checksum_of_the_manifest_can_be_checked_by_hand(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 1))
    command = ["sha256sum", "--check", "manifest.json.sha256"]
    assert subprocess.run(command, cwd=made.path, check=False).returncode == 0


def test_a_path_with_characters_of_a_pattern_is_a_path(
    warehouse: Warehouse, elsewhere: Warehouse, tmp_path: Path
) -> None:
    odd = BackupDirectory(tmp_path / "it's [1] *?")
    made = odd.write(tiny.publish(warehouse, RUN, 7))
    _restore(made.path, elsewhere)
    assert _value(elsewhere) == 7


def test_a_backup_works_wherever_it_is_moved(
    warehouse: Warehouse, backups: BackupDirectory, elsewhere: Warehouse, tmp_path: Path
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 7))
    _restore(made.path.rename(tmp_path / "moved"), elsewhere)
    assert _value(elsewhere) == 7


def _flip(backup: Path) -> str:
    path = backup / "core.a.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return "core.a.parquet does not match its checksum"


def _truncate(backup: Path) -> str:
    path = backup / "raw.t.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    return "raw.t.parquet has "


def _remove(backup: Path) -> str:
    (backup / "ops.warehouse_info.parquet").unlink()
    return "ops.warehouse_info.parquet is missing"


def _change_script(backup: Path) -> str:
    path = backup / "schema.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("INTEGER", "BIGINT "))
    return "schema.sql does not match its checksum"


def _change_manifest(backup: Path) -> str:
    path = backup / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"rows": 1', '"rows": 2', 1))
    return "manifest.json is not as it was written"


def _remove_manifest(backup: Path) -> str:
    (backup / "manifest.json").unlink()
    return "is incomplete: its manifest cannot be read"


def _remove_sum(backup: Path) -> str:
    (backup / "manifest.json.sha256").unlink()
    return "is incomplete: its manifest cannot be read"


def _empty(backup: Path) -> str:
    for path in backup.iterdir():
        path.unlink()
    return "is incomplete"


def _rewrite(backup: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and sign it again, as only a wrong program would."""
    path = backup / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    (backup / "manifest.json.sha256").write_text(f"{checksum}  manifest.json\n")


def _other_format(backup: Path) -> str:
    _rewrite(backup, lambda manifest: manifest.update(format=2))
    return r"has the format 2.*Restore it with the version that wrote it \(0.0.0\)"


def _outside(backup: Path) -> str:
    def change(manifest: dict[str, Any]) -> None:
        manifest["tables"][0]["file"]["name"] = "../core.a.parquet"

    _rewrite(backup, change)
    return "core.a.parquet is missing"


@pytest.mark.parametrize(
    "damage",
    [
        _flip,
        _truncate,
        _remove,
        _change_script,
        _change_manifest,
        _remove_manifest,
        _remove_sum,
        _empty,
        _other_format,
        _outside,
    ],
)
def test_a_damaged_backup_is_refused_by_name(
    warehouse: Warehouse, backups: BackupDirectory, damage: Callable[[Path], str]
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 7))
    expected = damage(made.path)
    with pytest.raises(BackupError, match=expected) as caught:
        read_backup(made.path)
    assert str(made.path) in str(caught.value)


def _table(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(t for t in manifest["tables"] if t["name"] == name)
    return found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: _table(m, "a").update(rows=2), "core.a has 1 rows, not 2"),
        (lambda m: _table(m, "a").update(fingerprint="1"), "core.a has other values"),
        (lambda m: m["tables"].remove(_table(m, "a")), "core.a should not be there"),
        (lambda m: m["views"].append("core.v"), "core.v is missing"),
        (lambda m: m["info"].update(source_label="x"), "names another version"),
    ],
)
def test_what_differs_from_the_manifest_after_restoring_is_not_published(
    warehouse: Warehouse,
    backups: BackupDirectory,
    elsewhere: Warehouse,
    change: Callable[[dict[str, Any]], None],
    expected: str,
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 7))
    _rewrite(made.path, change)
    with pytest.raises(BackupError, match=expected):
        _restore(made.path, elsewhere)
    assert elsewhere.current_version() is None
    assert not elsewhere.build_dir.exists()


def test_restoring_leaves_the_newer_version_to_go_forward_to(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 1))
    tiny.publish(warehouse, LATER, 2)
    _restore(made.path, warehouse)
    assert _value(warehouse) == 1
    warehouse.rollback(LATER)
    assert _value(warehouse) == 2


def test_a_damaged_published_version_is_replaced_by_its_backup(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    made = backups.write(version)
    version.path.chmod(0o644)
    version.path.write_bytes(b"a disk ate it")
    with pytest.raises(NotAWarehouseError):
        open_reader(warehouse.published_path)
    _restore(made.path, warehouse)
    assert _value(warehouse) == 1


def test_a_published_version_that_is_gone_is_restored(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    made = backups.write(version)
    version.path.unlink()
    _restore(made.path, warehouse)
    assert _value(warehouse) == 1


def test_a_reader_of_the_version_that_is_restored_over_is_not_disturbed(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 1))
    with open_reader(warehouse.published_path) as reader:
        _restore(made.path, warehouse)
        assert reader.execute("select value from core.a").fetchall() == [(1,)]


def test_restoring_does_not_overwrite_a_file_that_no_run_made(
    warehouse: Warehouse, backups: BackupDirectory, elsewhere: Warehouse
) -> None:
    made = backups.write(tiny.publish(warehouse, RUN, 1))
    elsewhere.directory.mkdir()
    elsewhere.published_path.write_bytes(b"mine")
    with pytest.raises(NotAWarehouseError, match="Move it away"):
        _restore(made.path, elsewhere)
    assert elsewhere.published_path.read_bytes() == b"mine"


def test_only_the_newest_backups_are_kept_and_nothing_else_is_removed(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    (backups.directory / "my own notes").mkdir(parents=True)
    made = [backups.write(version, now=NIGHT + timedelta(days=n)).path for n in range(5)]
    assert backups.paths() == made[:1:-1]
    assert (backups.directory / "my own notes").is_dir()


def test_two_backups_of_one_second_do_not_overwrite_each_other(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    first = backups.write(version, now=NIGHT)
    with pytest.raises(WarehouseError, match="already"):
        backups.write(version, now=NIGHT)
    assert read_backup(first.path) == first


def test_the_newest_backup_is_taken_when_none_is_named(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    made: list[Backup] = [backups.write(version, now=NIGHT + timedelta(days=n)) for n in (1, 0)]
    assert backups.find(None) == made[0].path
    assert backups.find(made[1].path.name) == made[1].path
    assert backups.find(str(made[1].path)) == made[1].path
    with pytest.raises(BackupError, match=rf"no backup nonsense .* {made[0].path.name}"):
        backups.find("nonsense")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("create index by_id on core.a (value)", "index by_id"),
        ("create sequence core.numbers", "sequence numbers"),
        ("create type core.mood as enum ('ok')", "type mood"),
        ("create macro core.twice(x) as x * 2", "macro twice"),
    ],
)
def test_what_a_backup_would_lose_is_refused_by_name(
    warehouse: Warehouse, backups: BackupDirectory, statement: str, kind: str
) -> None:
    with warehouse.lock(RUN):
        build = warehouse.begin_build(RUN, None)
        tiny.fill(build, 1)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute(statement)
        version = warehouse.publish(build)
    with pytest.raises(WarehouseError, match=f"holds the {kind}, which a backup does not"):
        backups.write(version)
    assert backups.paths() == []


_CHILD = """
import sys, time
from pathlib import Path
from orchestration.warehouse import backup
from orchestration.warehouse.versions import Version

def stop(*_):
    print("here", flush=True)
    time.sleep(600)

backup._stored = stop
backup.BackupDirectory(Path(sys.argv[1])).write(Version(Path(sys.argv[2])))
"""


def test_a_backup_that_is_killed_is_none_and_another_one_waits_for_nobody(
    warehouse: Warehouse, backups: BackupDirectory
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(backups.directory), str(version.path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    with pytest.raises(WarehouseBusyError, match="Wait for it"):
        backups.write(version)
    child.kill()
    child.communicate()
    assert backups.paths() == []
    made = backups.write(version)
    assert backups.paths() == [made.path]
    assert sorted(backups.directory.iterdir()) == [backups.directory / ".lock", made.path]


def test_a_new_backup_is_kept_though_the_clock_was_set_back(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    version = tiny.publish(warehouse, RUN, 1)
    backups = BackupDirectory(tmp_path / "b", keep=1)
    backups.write(version, now=datetime(2028, 1, 1, tzinfo=UTC))
    made = backups.write(version, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert backups.paths() == [made.path]
