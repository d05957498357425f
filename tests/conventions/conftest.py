"""What the conventions are read from: dbt's manifest and the files git keeps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conventions.project import DBT_PROJECT, PROJECT_ROOT, Manifest
from tests.support.once import made_once


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The dbt project as dbt reads it."""
    directory = made_once(tmp_path_factory, "dbt_manifest", _parse)
    return Manifest(json.loads((directory / "manifest.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def kept_files() -> tuple[Path, ...]:
    """Every file that is tracked or would be: all but what git ignores."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (PROJECT_ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(sorted({path for path in paths if path.is_file()}))


def _parse(directory: Path) -> None:
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "parse"]
    places = {
        "--project-dir": DBT_PROJECT,
        "--profiles-dir": DBT_PROJECT,
        "--target": "pipeline",
        "--target-path": directory,
        "--log-path": directory / "logs",
    }
    finished = subprocess.run(
        [*command, *(str(word) for place in places.items() for word in place)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "OLIST_DBT_DATABASE": str(directory / "olist.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        pytest.fail(f"dbt cannot read the project:\n{finished.stdout}\n{finished.stderr}")
