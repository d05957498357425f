"""A tiny warehouse and a tiny dbt project, for tests of the machinery around them."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from extract.tables import TABLES
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.store import Build, Version, Warehouse, WarehouseInfo, write_info

REAL_IDENTITY = "real"


def fill(build: Build, value: int, *, identity: str = REAL_IDENTITY) -> None:
    """Give a build what a warehouse must have; ``value`` tells one from another."""
    with duckdb.connect(str(build.path)) as connection:
        connection.execute("create schema if not exists raw; create schema if not exists core")
        connection.execute("create or replace table raw.t as select 1 as id")
        connection.execute(f"create or replace table core.a as select {value} as value")
        info = WarehouseInfo(
            run_id=build.run_id,
            source_kind="directory",
            source_label="a test",
            source_identity=identity,
            is_synthetic=identity != REAL_IDENTITY,
            as_of_date=None,
            built_at=datetime(2018, 9, 1),  # noqa: DTZ001 - naive UTC, as the column is
            version="0.0.0",
        )
        write_info(connection, info)


def publish(warehouse: Warehouse, run_id: str, value: int) -> Version:
    """Publish a version whose ``core.a`` holds ``value``."""
    with warehouse.lock(run_id):
        build = warehouse.begin_build(run_id, warehouse.current_version())
        fill(build, value)
        return warehouse.publish(build)


def numbered_run(value: int, second: int = 0) -> str:
    """A run id that tells its number and sorts by it."""
    return f"20180901t{value:06d}z_{second:06x}"


def write_project(directory: Path, **models: str) -> Path:
    """Write a dbt project with this repository's profiles; model name to SQL or yml text."""
    (directory / "models").mkdir(parents=True)
    (directory / "macros").mkdir()
    shutil.copy(PROJECT_ROOT / "olist_dw_dbt" / "profiles.yml", directory)
    (directory / "dbt_project.yml").write_text(
        "name: tiny\nversion: '1.0'\nprofile: olist_dw\n"
        "flags: {send_anonymous_usage_stats: false}\n"
        "models: {tiny: {+schema: core, +materialized: table}}\n",
        encoding="utf-8",
    )
    for macros in ("relations.sql", "engines/duckdb.sql"):
        shutil.copy(PROJECT_ROOT / "olist_dw_dbt" / "macros" / macros, directory / "macros")
    for name, text in models.items():
        suffix = "yml" if text.lstrip().startswith("models:") else "sql"
        (directory / "models" / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return directory


def write_source(directory: Path, *, rows: int = 3) -> Path:
    """Write nine CSVs that keep the contract: ``rows`` rows of numbered text in each."""
    directory.mkdir(parents=True)
    for table in TABLES:
        lines = [",".join(table.columns)]
        lines += [",".join(f"{column}_{n}" for column in table.columns) for n in range(rows)]
        text = "".join(f"{line}\n" for line in lines)
        (directory / table.file_name).write_text(text, encoding="utf-8")
    return directory
