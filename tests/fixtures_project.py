"""The dbt project as dbt reads it, with the outcome of its unit tests: all in one call of dbt.

To read the project takes dbt seconds, so that tests of either share it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT
from tests.support.shared_setup import made_once

DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"
DBT_TARGET = "dbt_target"
OUTPUT = "output.txt"
COMPILED = ("int_as_of_date", "int_order_months")


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory, built_warehouse: Path) -> Path:
    """Directory with dbt's manifest and output, and the results of the unit tests."""
    return made_once(
        tmp_path_factory, DBT_TARGET, lambda directory: _run(directory, built_warehouse)
    )


@pytest.fixture(scope="session")
def compiled_models(dbt_target: Path) -> dict[str, str]:
    """SQL of the models in `COMPILED`, for tests that run it over rows of their own."""
    folder = dbt_target / "compiled" / "olist_dw" / "models"
    return {
        name: next(folder.rglob(f"{name}.sql")).read_text(encoding="utf-8") for name in COMPILED
    }


def _run(directory: Path, warehouse: Path) -> None:
    database = directory / "olist.duckdb"
    shutil.copyfile(warehouse, database)  # gives the fixtures the columns' types
    places = {
        "--project-dir": DBT_PROJECT,
        "--profiles-dir": DBT_PROJECT,
        "--target": "pipeline",
        "--target-path": directory,
        "--log-path": directory / "logs",
    }
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "tests.support.dbt_commands"),
            *("--no-use-colors", "--log-level-file", "none"),
            *(str(word) for place in places.items() for word in place),
            *("--", "compile", "--select", *COMPILED),
            *("--", "test", "--select", "test_type:unit"),
        ],
        cwd=PROJECT_ROOT,
        env={**os.environ, "OLIST_DBT_DATABASE": str(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    database.unlink()
    (directory / OUTPUT).write_text(finished.stdout + finished.stderr, encoding="utf-8")
    if not (directory / "manifest.json").exists():
        pytest.fail(f"dbt cannot read the project:\n{finished.stdout}\n{finished.stderr}")
