"""Nights on a tiny warehouse without the command: load a drop, build the models.

The models are built by a recording of dbt (see ``recorded_models``), so a night takes a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extract.load import LoadMode, LoadReport, load
from extract.sources import open_source
from extract.tables import TABLES
from tests.support.random_drops import first_night
from tests.support.recorded_models import RecordedModels, record_models, run_statements

# dbt's statements name the catalogue, which is named like the file.
FILE_NAME = "olist.duckdb"
RECORDING = "recorded.json"
FIRST_LOAD = datetime(2026, 1, 1)  # noqa: DTZ001 - the load takes naive UTC


def build_first_night(directory: Path) -> None:
    """Load and build the first night, and record dbt's runs on it beside the file."""
    drop = first_night().write(directory / "drop")
    load_drop(directory / FILE_NAME, 0, drop, "snapshot")
    record_models(directory / FILE_NAME).save(directory / RECORDING)


def load_drop(warehouse: Path, number: int, drop: Path, mode: LoadMode) -> LoadReport:
    """Load a directory as the batch of a number, so many days after the first."""
    with (
        duckdb.connect(str(warehouse), config={"threads": 1}) as con,  # as in a run
        open_source(drop) as source,
    ):
        moment = FIRST_LOAD + timedelta(days=number)
        return load(con, source, batch_id=f"batch-{number}", loaded_at=moment, mode=mode)


def without_rows(first: Path, directory: Path) -> Path:
    """Copy the first night's file and empty ``raw``: all tables are there, to be refreshed."""
    directory.mkdir(parents=True)
    copy = Path(shutil.copy(first / FILE_NAME, directory))
    with duckdb.connect(str(copy)) as con:
        for table in (*(f"raw.{table.name}" for table in TABLES), "ops.load_audit"):
            con.execute(f"delete from {table}")
    return copy


def load_all(first: Path, warehouse: Path, drops: Iterable[Path], mode: LoadMode) -> None:
    """Load drops a day apart; the models are built in full once, then night by night."""
    recorded = RecordedModels.read(first / RECORDING)
    for number, drop in enumerate(drops):
        load_drop(warehouse, number, drop, mode)
        run_statements(warehouse, recorded.incremental if number else recorded.full_refresh)
