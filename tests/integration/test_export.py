"""Exports: tables as Parquet files under one path, switched at once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main as olist
from orchestration.errors import NotAWarehouseError, WarehouseError
from orchestration.settings import Settings
from orchestration.warehouse.export import export
from orchestration.warehouse.store import Warehouse
from tests.support import tiny

IDS = [tiny.numbered_run(value) for value in range(5)]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "dw")


def _value(link: Path) -> int:
    with duckdb.connect() as connection:
        rows = connection.execute(f"from '{link / 'core.a.parquet'}'").fetchall()
    return int(rows[0][0])


def test_the_same_path_holds_the_newest_export(warehouse: Warehouse, tmp_path: Path) -> None:
    for value in range(2):
        link = export(tiny.publish(warehouse, IDS[value], value), tmp_path / "x=1")
        assert link == tmp_path / "x=1" / "latest"
        assert _value(link) == value
    # What loads the warehouse, and what runs say of themselves, is for backups.
    assert {path.name for path in link.iterdir()} == {"core.a.parquet", "export.json"}


def test_the_export_before_is_kept_for_those_who_have_it_open_and_older_ones_are_not(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    directory = tmp_path / "exports"
    (directory / IDS[4]).mkdir(parents=True)
    (directory / IDS[4] / "thesis.txt").write_text("precious", encoding="utf-8")
    for value in range(4):
        export(tiny.publish(warehouse, IDS[value], value), directory)
    kept = {path.name for path in directory.iterdir() if not path.name.startswith(".")}
    assert kept == {"latest", IDS[3], IDS[2], IDS[4]}


def test_an_export_that_fails_leaves_the_one_before(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = export(tiny.publish(warehouse, IDS[0], 0), tmp_path / "x")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("orchestration.warehouse.export.fsync", full)
    with pytest.raises(WarehouseError, match="Free some space"):
        export(tiny.publish(warehouse, IDS[1], 1), tmp_path / "x")
    assert _value(link) == 0
    assert [path.name for path in (tmp_path / "x").glob(".*.new")] == []


def test_what_somebody_else_called_latest_is_not_replaced(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "latest").mkdir()
    with pytest.raises(NotAWarehouseError, match="Move it away"):
        export(tiny.publish(warehouse, IDS[0], 0), tmp_path)


def test_the_command_says_where_the_files_are(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    arguments = ["export", "--warehouse", str(warehouse.directory)]
    assert olist(arguments) == 1
    assert "Run `make pipeline` first" in capsys.readouterr().err
    tiny.publish(warehouse, IDS[0], 7)
    assert olist(arguments) == 0
    link = warehouse.directory / "exports" / "latest"
    assert f"exported   {link} -> version {IDS[0]}" in capsys.readouterr().out
    assert _value(link) == 7
