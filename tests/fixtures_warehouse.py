"""Published warehouses for tests to read: one of generated data, one of the real data.

Each is built by the real command, once a session and for all workers of it, and is not to be
written to. The files a warehouse was built from stand beside it, for tests that compare both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from extract.sources.synthetic import generate
from tests.support.nightly import build_first_night
from tests.support.shared_setup import made_once

PROJECT_ROOT = Path(__file__).resolve().parents[1]

# Some 2,000 orders: every state, status and payment type occurs, and it builds in seconds.
GENERATED_SCALE = 0.02
GENERATED_SEED = 42
BUILT_WAREHOUSE = "built_warehouse"


@pytest.fixture(scope="session")
def generated_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory with the nine files that ``built_warehouse`` was built from."""
    return made_once(
        tmp_path_factory,
        "generated_files",
        lambda directory: generate(directory, scale=GENERATED_SCALE, seed=GENERATED_SEED),
    )


@pytest.fixture(scope="session")
def built_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published warehouse of generated data; read only."""
    arguments = ["synthetic", "--scale", str(GENERATED_SCALE), "--seed", str(GENERATED_SEED)]
    directory = made_once(
        tmp_path_factory,
        BUILT_WAREHOUSE,
        lambda directory: _run_pipeline(directory, *arguments),
    )
    return directory / "olist.duckdb"


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory with a warehouse of a dozen orders; read only."""
    return made_once(tmp_path_factory, "first_night", build_first_night)


@pytest.fixture(scope="session")
def real_files(tmp_path_factory: pytest.TempPathFactory, real_source: Path) -> Path:
    """Directory with the nine real files that ``real_warehouse`` was built from."""
    if real_source.is_dir():
        return real_source
    return made_once(
        tmp_path_factory,
        "real_files",
        lambda directory: zipfile.ZipFile(real_source).extractall(directory),
    )


@pytest.fixture(scope="session")
def real_warehouse(tmp_path_factory: pytest.TempPathFactory, real_source: Path) -> Path:
    """A published warehouse of the real data; read only."""
    directory = made_once(
        tmp_path_factory,
        "real_warehouse",
        lambda directory: _run_pipeline(directory, str(real_source.resolve())),
    )
    return directory / "olist.duckdb"


def _run_pipeline(warehouse: Path, *source: str) -> None:
    """Run the command as a user would, with no setting of this machine taken over."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("OLIST_")
    }
    command = [sys.executable, "run_pipeline.py", "--source", *source]
    finished = subprocess.run(
        [*command, "--warehouse", str(warehouse)],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        pytest.fail(
            f"The pipeline ended with exit code {finished.returncode}.\n"
            f"{finished.stdout[-4000:]}\n{finished.stderr[-4000:]}"
        )
