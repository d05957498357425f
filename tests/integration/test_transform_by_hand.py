"""dbt by hand: a development copy of the published version, made by the profile itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import tiny

FIRST, SECOND = (f"20180901t00000{n}z_00000{n}" for n in range(2))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny.write_project(tmp_path / "project", b="select value + 10 as value from core.a")


def _dbt(project: Path, warehouse: Path, *arguments: str) -> tuple[int | None, str]:
    """As a user would: in the project's directory, with nothing but the settings.

    Returns:
        The exit code, and what it said.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OLIST_", "DBT_"))}
    settings = {"OLIST_WAREHOUSE_DIR": str(warehouse)}
    ended = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        cwd=project,
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_dbt_by_hand_builds_on_a_copy_and_leaves_the_published_file_alone(
    project: Path, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    version = tiny.publish(warehouse, FIRST, 1)
    content = version.path.read_bytes()
    code, said = _dbt(project, warehouse.directory, "build")
    assert code == 0, said
    assert f"fresh copy of the published version {FIRST}" in said
    with duckdb.connect(str(warehouse.directory / "dev" / "olist.duckdb")) as connection:
        assert connection.execute("select value from core.b").fetchall() == [(11,)]
    assert version.path.read_bytes() == content

    # After the next publish the copy follows by itself.
    tiny.publish(warehouse, SECOND, 2)
    assert _dbt(project, warehouse.directory, "run")[0] == 0
    with open_reader(warehouse.directory / "dev" / "olist.duckdb") as connection:
        assert connection.execute("select value from core.b").fetchall() == [(12,)]


def test_before_the_first_publish_dbt_by_hand_says_what_to_do(
    project: Path, tmp_path: Path
) -> None:
    code, said = _dbt(project, tmp_path / "dw", "build")
    assert code != 0
    assert "Run `make pipeline` first" in said
    assert not (tmp_path / "dw").exists()
    assert not (project / "olist.duckdb").exists()


def test_the_target_of_a_run_sends_by_hand_to_the_other_one(
    project: Path, tmp_path: Path
) -> None:
    code, said = _dbt(project, tmp_path / "dw", "build", "--target", "pipeline")
    assert code != 0
    assert "By hand use the target dev" in said
    assert not (project / "olist.duckdb").exists()


def test_reading_the_project_needs_no_warehouse(project: Path, tmp_path: Path) -> None:
    code, said = _dbt(project, tmp_path / "dw", "ls")
    assert code == 0, said
    assert "tiny.b" in said
