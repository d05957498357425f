"""Publishing: versions, the switch, readers, retention, rollback, what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import NotAWarehouseError, NothingPublishedError, WarehouseError
from orchestration.warehouse.store import Version, Warehouse, fetch_info, open_reader, read_info
from tests.support import tiny

IDS = [f"20180901t00000{n}z_00000{n}" for n in range(10)]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "dw", keep_versions=3)


def _value(path: Path) -> int:
    with open_reader(path) as connection:
        row = connection.execute("select value from core.a").fetchone()
    assert row is not None
    return int(row[0])


def test_a_first_publish_makes_a_version_and_a_relative_link_to_it(
    warehouse: Warehouse,
) -> None:
    version = tiny.publish(warehouse, IDS[0], 1)
    link = warehouse.published_path.readlink()
    assert link == Path("versions") / IDS[0] / "olist.duckdb"
    assert version.run_id == IDS[0]
    assert _value(warehouse.published_path) == 1
    assert not warehouse.build_dir.exists()


def test_a_moved_warehouse_directory_still_works(warehouse: Warehouse, tmp_path: Path) -> None:
    tiny.publish(warehouse, IDS[0], 1)
    moved = warehouse.directory.rename(tmp_path / "moved")
    assert _value(moved / "olist.duckdb") == 1


def test_a_build_starts_as_a_copy_of_the_current_version(warehouse: Warehouse) -> None:
    tiny.publish(warehouse, IDS[0], 1)
    with warehouse.lock(IDS[1]):
        build = warehouse.begin_build(IDS[1], warehouse.current_version())
        with duckdb.connect(str(build.path)) as connection:
            assert connection.execute("select value from core.a").fetchall() == [(1,)]
            connection.execute("update core.a set value = 2")
    assert _value(warehouse.published_path) == 1


def test_the_published_file_says_which_run_made_it(warehouse: Warehouse) -> None:
    version = tiny.publish(warehouse, IDS[0], 1)
    assert read_info(version).run_id == IDS[0]


def test_a_reader_that_stays_open_keeps_its_version_and_a_new_one_sees_the_next(
    warehouse: Warehouse,
) -> None:
    tiny.publish(warehouse, IDS[0], 1)
    with open_reader(warehouse.published_path) as old:
        tiny.publish(warehouse, IDS[1], 2)
        assert old.execute("select value from core.a").fetchall() == [(1,)]
        assert _value(warehouse.published_path) == 2


def test_a_reader_in_a_loop_sees_whole_versions_only_across_publishes(
    warehouse: Warehouse,
) -> None:
    tiny.publish(warehouse, IDS[0], 0)
    seen: list[tuple[str, int]] = []
    stop, failures = threading.Event(), []

    def read() -> None:
        try:
            while not stop.is_set():
                with open_reader(warehouse.published_path) as connection:
                    info = fetch_info(connection)
                    row = connection.execute("select value from core.a").fetchone()
                seen.append((info.run_id, row[0] if row else -1))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 10):
        tiny.publish(warehouse, IDS[n], n)
    stop.set()
    reader.join()
    assert failures == []
    assert all(IDS[value] == run_id for run_id, value in seen)
    assert len({run_id for run_id, _ in seen}) > 1


def test_only_the_newest_versions_are_kept(warehouse: Warehouse) -> None:
    for n in range(5):
        tiny.publish(warehouse, IDS[n], n)
    assert [version.run_id for version in warehouse.versions()] == [IDS[4], IDS[3], IDS[2]]


def test_retention_never_removes_the_published_version(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path, keep_versions=1)
    tiny.publish(warehouse, IDS[5], 5)
    # A clock set back: the new run's id sorts before the old one's.
    tiny.publish(warehouse, IDS[1], 1)
    assert _value(warehouse.published_path) == 1


def test_rollback_switches_to_the_version_before(warehouse: Warehouse) -> None:
    for n in range(3):
        tiny.publish(warehouse, IDS[n], n)
    assert warehouse.rollback().run_id == IDS[1]
    assert _value(warehouse.published_path) == 1


def test_rollback_switches_to_a_named_version_and_forward_again(warehouse: Warehouse) -> None:
    for n in range(3):
        tiny.publish(warehouse, IDS[n], n)
    warehouse.rollback(IDS[0])
    assert _value(warehouse.published_path) == 0
    warehouse.rollback(IDS[2])
    assert _value(warehouse.published_path) == 2


def test_rollback_to_what_is_not_there_lists_what_is(warehouse: Warehouse) -> None:
    tiny.publish(warehouse, IDS[0], 0)
    with pytest.raises(WarehouseError, match=f"no earlier version .* there are: {IDS[0]}"):
        warehouse.rollback()
    with pytest.raises(WarehouseError, match="no version nonsense"):
        warehouse.rollback("nonsense")


def test_a_version_cannot_be_opened_for_writing_by_mistake(warehouse: Warehouse) -> None:
    version = tiny.publish(warehouse, IDS[0], 0)
    assert version.path.stat().st_mode & 0o222 == 0


def test_a_stale_write_ahead_log_does_not_reach_the_new_version(warehouse: Warehouse) -> None:
    tiny.publish(warehouse, IDS[0], 0)
    # Someone wrote through the published path and was killed: the log stays beside the link.
    log = warehouse.published_path.with_name("olist.duckdb.wal")
    log.write_bytes(b"of another file")
    tiny.publish(warehouse, IDS[1], 1)
    assert not log.exists()
    with duckdb.connect(str(warehouse.published_path), read_only=True) as connection:
        assert connection.execute("select value from core.a").fetchall() == [(1,)]


def test_what_a_killed_run_left_in_the_build_is_removed_with_its_log(
    warehouse: Warehouse,
) -> None:
    tiny.publish(warehouse, IDS[0], 0)
    warehouse.build_dir.mkdir()
    (warehouse.build_dir / "olist.duckdb").write_bytes(b"half a file")
    (warehouse.build_dir / "olist.duckdb.wal").write_bytes(b"half a log")
    tiny.publish(warehouse, IDS[1], 1)
    assert _value(warehouse.published_path) == 1


def test_temporary_files_of_a_killed_run_are_removed(warehouse: Warehouse) -> None:
    with warehouse.lock(IDS[0]):
        (warehouse.fresh_temp_dir() / "unpacked.csv").write_text("x", encoding="utf-8")
        assert list(warehouse.fresh_temp_dir().iterdir()) == []


def test_a_view_made_in_the_build_works_under_both_paths_after_publishing(
    warehouse: Warehouse,
) -> None:
    with warehouse.lock(IDS[0]):
        build = warehouse.begin_build(IDS[0], None)
        tiny.fill(build, 7)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute("create view core.v as select * from core.a")
            connection.execute("create view core.w as select * from olist.core.v")
        version = warehouse.publish(build)
    for path in (version.path, warehouse.published_path):
        with duckdb.connect(str(path), read_only=True) as connection:
            for view in ("v", "w"):
                assert connection.execute(f"from core.{view}").fetchall() == [(7,)]


def test_a_build_without_models_is_not_published(warehouse: Warehouse) -> None:
    with warehouse.lock(IDS[0]):
        build = warehouse.begin_build(IDS[0], None)
        tiny.fill(build, 1)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute("drop schema core cascade")
        with pytest.raises(NotAWarehouseError, match=r"no table in core.*--select"):
            warehouse.publish(build)
    assert warehouse.current_version() is None


def test_an_unsigned_build_is_not_published(warehouse: Warehouse) -> None:
    with warehouse.lock(IDS[0]):
        build = warehouse.begin_build(IDS[0], None)
        tiny.fill(build, 1)
        with duckdb.connect(str(build.path)) as connection:
            connection.execute("drop table ops.warehouse_info")
        with pytest.raises(NotAWarehouseError):
            warehouse.publish(build)
    assert not warehouse.published_path.exists()


def test_reading_before_the_first_run_says_to_run_the_pipeline(warehouse: Warehouse) -> None:
    with pytest.raises(NothingPublishedError, match="make pipeline"):
        open_reader(warehouse.published_path)


@pytest.mark.parametrize("content", [b"", b"order_id,price\n1,2\n", b"\0" * 5000])
def test_a_file_that_is_not_duckdb_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.duckdb"
    path.write_bytes(content)
    with pytest.raises(NotAWarehouseError, match=r"some\.duckdb"):
        open_reader(path)


def test_a_duckdb_file_of_someone_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t as select 1")
    with pytest.raises(NotAWarehouseError, match=r"other.duckdb.*ops.warehouse_info"):
        read_info(Version(path))


def test_a_regular_file_at_the_published_path_is_not_overwritten(warehouse: Warehouse) -> None:
    warehouse.directory.mkdir()
    warehouse.published_path.write_bytes(b"precious")
    with pytest.raises(NotAWarehouseError, match="Move it away"):
        warehouse.current_version()
    assert warehouse.published_path.read_bytes() == b"precious"


def test_a_link_to_nothing_says_how_to_go_on(warehouse: Warehouse) -> None:
    version = tiny.publish(warehouse, IDS[0], 0)
    version.path.unlink()
    with pytest.raises(NotAWarehouseError, match="remove the link"):
        warehouse.current_version()


def test_a_warehouse_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "dw").write_text("a file", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"dw is a file\. Name a directory by --warehouse"):
        tiny.publish(Warehouse(tmp_path / "dw"), IDS[0], 0)


def test_a_development_copy_is_made_once_a_version_and_can_be_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    copy = tmp_path / "dev" / "olist.duckdb"
    tiny.publish(warehouse, IDS[0], 0)
    assert warehouse.refresh_dev_copy(copy)[1]
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update core.a set value = 100")
    assert not warehouse.refresh_dev_copy(copy)[1]
    assert _value(copy) == 100
    tiny.publish(warehouse, IDS[1], 1)
    assert warehouse.refresh_dev_copy(copy)[1]
    assert _value(copy) == 1
