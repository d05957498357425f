"""The corpus of bad input, as a user meets it: the command's words and exit code.

The corpus has four parts; a new case is a new row in one of them:

- files that break their contract (``BROKEN``) and lines that cannot be read (``LOADS``), in
  ``test_load_bad_input``;
- archives (``REFUSED``), in ``tests/unit/test_sources_archive``;
- values and rows (``QUARANTINED``, ``KEPT``, ``CONFLICTING``, ``REPEATED``, ``REJECTED``), in
  ``tests/support/spoilt_dataset``;
- places: sources and warehouses (``SOURCES``, ``WAREHOUSES``), here.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main as olist
from orchestration.settings import Settings
from orchestration.warehouse.store import Warehouse
from tests.integration.test_load_bad_input import BROKEN, LOADS, Broken
from tests.support import spoilt_dataset, tiny
from tests.support.tiny_source import write_tiny_source
from tests.unit.test_sources_archive import REFUSED, Refused, pack
from tests.unit.test_sources_directory import without_privileges


@dataclass(frozen=True)
class Place:
    """A way to spoil a source or a warehouse, and what the command says of it."""

    name: str
    spoil: Callable[[Path], None]
    error: str
    exit_code: int = 2


def _remove(path: Path) -> None:
    shutil.rmtree(path)


def _replace_by_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("a;b\n", encoding="utf-8")


def _clear(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def _lose_a_file(path: Path) -> None:
    (path / "olist_sellers_dataset.csv").unlink()


def _rename_a_file(path: Path) -> None:
    (path / "olist_sellers_dataset.csv").rename(path / "olist_seller_dataset.csv")


def _move_deeper(path: Path) -> None:
    files = list(path.iterdir())
    (path / "data").mkdir()
    for file in files:
        file.rename(path / "data" / file.name)


def _zip_twice(path: Path) -> None:
    pack(path, path.parent / "a.zip")
    _clear(path)
    for name in ("a.zip", "b.zip"):
        shutil.copy(path.parent / "a.zip", path / name)


def _directory_for_a_file(path: Path) -> None:
    _lose_a_file(path)
    (path / "olist_sellers_dataset.csv").mkdir()


SOURCES = (
    Place("it is not there", _remove, "source does not exist"),
    Place("it is a text file", _replace_by_file, "source"),
    Place("it is empty", _clear, "source"),
    Place("a file is missing", _lose_a_file, "lacks 1 of the nine.*olist_sellers_dataset"),
    Place("a file is misnamed", _rename_a_file, "looks like a misnamed olist_sellers_dataset"),
    Place("the files are one directory deeper", _move_deeper, "data"),
    Place("it holds two zips", _zip_twice, r"a\.zip.*b\.zip"),
    Place("a directory has the name of a file", _directory_for_a_file, "olist_sellers_dataset"),
)


def _version(path: Path) -> Path:
    """The published version of the warehouse, made writable."""
    version = Warehouse(path).current_version()
    assert version is not None
    version.path.chmod(0o644)
    return version.path


def _garbage(path: Path) -> None:
    _version(path).write_bytes(b"order_id,price\n" * 1000)


def _truncated(path: Path) -> None:
    version = _version(path)
    version.write_bytes(version.read_bytes()[: version.stat().st_size // 3])


def _empty_file(path: Path) -> None:
    _version(path).write_bytes(b"")


def _future_storage(path: Path) -> None:
    content = bytearray(_version(path).read_bytes())
    content[12:20] = (9999).to_bytes(8, "little")  # the storage version in DuckDB's header
    _version(path).write_bytes(content)


def _other_program(path: Path) -> None:
    with duckdb.connect(str(_version(path))) as connection:
        connection.execute("drop table ops.warehouse_info")


def _other_version_of_this_program(path: Path) -> None:
    with duckdb.connect(str(_version(path))) as connection:
        connection.execute("alter table ops.warehouse_info drop column source_identity")


def _file_for_the_link(path: Path) -> None:
    (path / "olist.duckdb").unlink()
    (path / "olist.duckdb").write_bytes(b"mine")


def _link_to_nothing(path: Path) -> None:
    _version(path).unlink()


WAREHOUSES = (
    Place("the published file is not DuckDB", _garbage, "cannot be opened as a DuckDB", 1),
    Place("the published file was cut short", _truncated, "is no base", 1),
    Place("the published file is empty", _empty_file, "cannot be opened as a DuckDB", 1),
    Place("it is of a later DuckDB", _future_storage, "cannot be opened as a DuckDB", 1),
    Place("another program made it", _other_program, "no ops.warehouse_info", 1),
    Place(
        "another version of this program made it",
        _other_version_of_this_program,
        "of another version of it",
        1,
    ),
    Place("a file stands in for the link", _file_for_the_link, "Move it away", 1),
    Place("the link points to nothing", _link_to_nothing, "Restore that file", 1),
    Place("its directory is a file", _replace_by_file, "cannot be written|is a file", 1),
)


@pytest.fixture(autouse=True)
def _no_setting_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    monkeypatch.setenv("OLIST_QUALITY_GATES", "false")


@pytest.fixture
def error(capsys: pytest.CaptureFixture[str]) -> Callable[[Path, Path, int], str]:
    """Run the command on a source and a warehouse; give its error, which must be readable."""

    def run(source: Path, warehouse: Path, exit_code: int) -> str:
        arguments = ["--source", str(source), "--warehouse", str(warehouse), "--quiet"]
        assert olist(["run", *arguments]) == exit_code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert "Traceback" not in err
        assert "Unexpected" not in err
        return err

    return run


def _assert_nothing_was_written(warehouse: Path) -> None:
    left = {path.name for path in warehouse.iterdir()} - {".lock", "runs", ".olist-tmp"}
    assert left == set()
    assert list((warehouse / ".olist-tmp").iterdir()) == []


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_file_that_breaks_its_contract_ends_with_2_and_nothing_is_written(
    tmp_path: Path, error: Callable[[Path, Path, int], str], case: Broken
) -> None:
    source = write_tiny_source(tmp_path / "source", sellers=case.content)
    text = error(source, tmp_path / "dw", 2)
    assert re.search(case.error, text), text
    _assert_nothing_was_written(tmp_path / "dw")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_an_archive_that_is_refused_ends_with_2_and_nothing_is_written(
    tmp_path: Path, error: Callable[[Path, Path, int], str], case: Refused
) -> None:
    source = pack(tmp_path / "files", tmp_path / "olist.zip")
    case.spoil(source)
    text = error(source, tmp_path / "dw", 2)
    assert any(part in text for part in case.text.split("|")), text
    _assert_nothing_was_written(tmp_path / "dw")


@pytest.mark.parametrize("case", SOURCES, ids=lambda case: case.name)
def test_a_source_that_cannot_be_used_ends_with_2_and_nothing_is_written(
    tmp_path: Path, error: Callable[[Path, Path, int], str], case: Place
) -> None:
    source = write_tiny_source(tmp_path / "source")
    case.spoil(source)
    text = error(source, tmp_path / "dw", case.exit_code)
    assert re.search(case.error, text), text
    _assert_nothing_was_written(tmp_path / "dw")


@pytest.mark.parametrize("case", WAREHOUSES, ids=lambda case: case.name)
def test_a_warehouse_that_cannot_be_used_ends_with_1_and_is_left_as_it_is(
    tmp_path: Path, error: Callable[[Path, Path, int], str], case: Place
) -> None:
    source, directory = write_tiny_source(tmp_path / "source"), tmp_path / "dw"
    tiny.publish(Warehouse(directory), tiny.numbered_run(1), 1)
    case.spoil(directory)
    before = {
        path: path.read_bytes() for path in directory.glob("**/*.duckdb") if path.exists()
    }
    text = error(source, directory, case.exit_code)
    assert re.search(case.error, text), text
    assert str(directory) in text
    after = {path: path.read_bytes() for path in directory.glob("**/*.duckdb") if path.exists()}
    assert after == before


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A directory that other users can reach (those of tmp_path they cannot)."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("closed", ["source", "source/olist_sellers_dataset.csv"])
def test_a_source_without_permission_ends_with_2(
    reachable: Path, error: Callable[[Path, Path, int], str], closed: str
) -> None:
    source = write_tiny_source(reachable / "source")
    (reachable / "dw").mkdir(mode=0o777)
    (reachable / "dw").chmod(0o777)
    (reachable / closed).chmod(0o000)
    with without_privileges():
        text = error(source, reachable / "dw", 2)
    assert "permission denied" in text.lower()


def test_a_warehouse_directory_without_permission_ends_with_1(
    reachable: Path, error: Callable[[Path, Path, int], str]
) -> None:
    source = write_tiny_source(reachable / "source")
    (reachable / "dw").mkdir(mode=0o555)
    with without_privileges():
        text = error(source, reachable / "dw", 1)
    assert "permission denied" in text.lower()
    assert "Make the directory writable" in text


def test_the_corpus_has_its_cases_and_no_two_of_a_name() -> None:
    files = [case.name for case in (*BROKEN, *LOADS, *REFUSED, *SOURCES, *WAREHOUSES)]
    assert len({*files}) == len(files) - len(_SAME_NAME)
    values = [(case.table, case.column, case.value) for case in spoilt_dataset.QUARANTINED]
    assert len({*values}) == len(values)
    odd = (spoilt_dataset.KEPT, spoilt_dataset.REJECTED, spoilt_dataset.CONFLICTING)
    assert len(files) + len(values) + sum(len(cases) for cases in odd) >= 60


# An empty file and an empty archive; likewise a misnamed file, and so on.
_SAME_NAME = ("empty",)
