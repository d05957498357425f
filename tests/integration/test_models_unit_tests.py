"""The unit tests of dbt's models. A run of the pipeline leaves them out: they test the code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from orchestration.settings import PROJECT_ROOT


def test_every_unit_test_of_the_models_passes(built_warehouse: Path, tmp_path: Path) -> None:
    database = tmp_path / "olist.duckdb"
    shutil.copyfile(built_warehouse, database)  # gives the fixtures the columns' types
    finished = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "--no-use-colors",
            "test",
            "--select",
            "test_type:unit",
            "--target",
            "pipeline",
            "--target-path",
            str(tmp_path / "target"),
            "--log-path",
            str(tmp_path / "logs"),
        ],
        cwd=PROJECT_ROOT / "olist_dw_dbt",
        env=os.environ | {"OLIST_DBT_DATABASE": str(database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-6000:]
    passed = re.search(r"PASS=(\d+) WARN=0 ERROR=0 SKIP=0", finished.stdout)
    assert passed is not None, finished.stdout[-2000:]
    assert int(passed[1]) > 10
