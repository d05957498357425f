"""Nights on a tiny warehouse without the command: load a drop, have dbt build the models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extract.load import LoadMode, LoadReport, load
from extract.sources import open_source
from orchestration.dbt.results import explain
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.settings import PROJECT_ROOT
from tests.support.random_drops import first_night

FILE_NAME = "olist.duckdb"  # dbt names the catalogue like the file
FIRST_LOAD = datetime(2026, 1, 1)  # noqa: DTZ001 - the load takes naive UTC


class ModelsOnly(TransformRequest):
    """A build without its tests: they are for data, these builds are compared."""

    @property
    def kinds(self) -> Sequence[str]:
        """Models and what they stand on."""
        return ["model", "seed", "snapshot"]


def request_for(database: Path, *, select: str | None = None) -> TransformRequest:
    """Ask for the models of the project in a file, one at a time."""
    return ModelsOnly(
        project_dir=PROJECT_ROOT / "olist_dw_dbt",
        database=database,
        cache_dir=database.parent / "cache",
        threads=1,
        select=select,
    )


def build_models(database: Path, *, full_refresh: bool = False) -> None:
    """Have dbt build every model in a file."""
    result = Dbt(request_for(database)).build(full_refresh=full_refresh)
    assert not result.failed, explain(result)


def build_first_night(directory: Path) -> None:
    """Load and build the first night."""
    drop = first_night().write(directory / "drop")
    load_drop(directory / FILE_NAME, 0, drop, "snapshot")
    build_models(directory / FILE_NAME)


def load_drop(warehouse: Path, number: int, drop: Path, mode: LoadMode) -> LoadReport:
    """Load a directory as the batch of a number, so many days after the first."""
    with (
        duckdb.connect(str(warehouse), config={"threads": 1}) as con,  # as in a run
        open_source(drop) as source,
    ):
        moment = FIRST_LOAD + timedelta(days=number)
        return load(con, source, batch_id=f"batch-{number}", loaded_at=moment, mode=mode)


def build_drops(directory: Path, drops: Iterable[Path], mode: LoadMode) -> Path:
    """Load drops a day apart into a new file, each followed by a build; returns the file."""
    directory.mkdir()
    warehouse = directory / FILE_NAME
    for number, drop in enumerate(drops):
        load_drop(warehouse, number, drop, mode)
        build_models(warehouse)
    return warehouse
