"""Models built in PostgreSQL: the tables of DuckDB, whatever arrives and however a run ends.

Runs are those of the command, in processes of their own. `make test` has one random sequence of
nights, `make test-slow` ten.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from orchestration.postgres import local
from orchestration.postgres.workspace import open_workspace
from orchestration.warehouse.store import open_reader
from tests.integration.postgres.conftest import new_database
from tests.support import command, postgres
from tests.support.random_drops import Night, first_night, nights
from tests.support.same_tables import differences
from tests.support.slow_tests import slow

pytestmark = pytest.mark.timeout(900)
NUM_SEQUENCES = int(os.environ.get("OLIST_RANDOM_SEQUENCES", "1"))
SCHEMAS = ("staging", "intermediate", "core", "marts")


def _run(
    warehouse: Path, drop: Path, *options: str, url: str | None = None
) -> subprocess.CompletedProcess[str]:
    """One run; in PostgreSQL, where an address is given."""
    chosen = {"OLIST_MAX_QUARANTINED_SHARE": "1"}
    if url is not None:
        chosen |= {"OLIST_ENGINE": "postgres", "OLIST_POSTGRES_URL": url}
    arguments = ["--source", str(drop), "--warehouse", str(warehouse), "--quiet", *options]
    return subprocess.run(
        [*command.RUN, *arguments],
        env=command.environment(chosen),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def _done(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr


def _belongs_to(url: str) -> str | None:
    with open_workspace(url) as workspace:
        return workspace.belongs_to()


def _published(warehouse: Path) -> Path:
    return (warehouse / "olist.duckdb").resolve()


def _differences(directory: Path) -> list[str]:
    """Between what both engines have published; when rows arrived is left out."""
    return differences(
        _published(directory / "postgres"), _published(directory / "duckdb"), ("core", "marts")
    )


def _both(directory: Path, url: str, night: Night, number: int) -> None:
    drop = night.write(directory / f"drop_{number}")
    mode = ("--mode", night.mode)
    _done(_run(directory / "duckdb", drop, *mode))
    _done(_run(directory / "postgres", drop, *mode, url=url))


@pytest.mark.timeout(600 * (NUM_SEQUENCES + 1))
@given(sequence=nights(at_most=2))
@settings(
    max_examples=NUM_SEQUENCES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_random_nights_end_as_in_duckdb(
    server: local.LocalServer, sequence: Sequence[Night]
) -> None:
    note("\n".join(repr(night) for night in sequence))
    with tempfile.TemporaryDirectory() as name, new_database(server) as url:
        directory = Path(name)
        for number, night in enumerate((first_night(), *sequence)):
            _both(directory, url, night, number)
            assert _belongs_to(url) == _published(directory / "postgres").parent.name
        assert not _differences(directory)


def test_what_a_run_left_unfinished_the_next_makes_again(tmp_path: Path, database: str) -> None:
    _both(tmp_path, database, first_night(), 0)
    before = _published(tmp_path / "postgres")
    with open_workspace(database) as workspace:
        workspace.begin("a run that was killed")
    postgres.ask(database, "delete from olist_build_core.fact_orders")
    postgres.ask(database, "drop table olist_build_staging.stg_orders cascade")
    drop = tmp_path / "drop_0"
    _done(_run(tmp_path / "postgres", drop, url=database))  # nothing new: nothing is built
    assert _belongs_to(database) is None
    _done(_run(tmp_path / "postgres", drop, "--full-refresh", url=database))
    assert _published(tmp_path / "postgres") != before
    assert not _differences(tmp_path)


def test_a_night_without_news_takes_the_workspace_along(tmp_path: Path, database: str) -> None:
    drop = first_night().write(tmp_path / "drop")
    warehouse = tmp_path / "postgres"
    _done(_run(warehouse, drop, url=database))
    first = _published(warehouse)
    _done(_run(warehouse, drop, url=database))
    assert _published(warehouse) != first
    assert _belongs_to(database) == _published(warehouse).parent.name
    with open_reader(_published(warehouse)) as connection:
        assert connection.execute("select engine from ops.warehouse_info").fetchone() == (
            "PostgreSQL",
        )


def test_without_a_server_nothing_changes_and_the_message_says_what_to_do(
    tmp_path: Path,
) -> None:
    drop = first_night().write(tmp_path / "drop")
    warehouse = tmp_path / "dw"
    _done(_run(warehouse, drop))
    before = _published(warehouse)
    nowhere = "postgresql://olist:secret@127.0.0.1:1/olist"
    refused = _run(warehouse, drop, "--full-refresh", url=nowhere)
    assert refused.returncode == 3
    assert "PostgreSQL at postgresql://olist@127.0.0.1:1/olist" in refused.stderr
    assert "secret" not in refused.stderr
    assert _published(warehouse) == before
    unset = _run(warehouse, drop, "--full-refresh", "--engine", "postgres")
    assert unset.returncode == 2
    assert "OLIST_POSTGRES_URL, which is not set" in unset.stderr


def test_some_models_alone_are_refused(tmp_path: Path, database: str) -> None:
    drop = first_night().write(tmp_path / "drop")
    refused = _run(tmp_path / "dw", drop, "--select", "fact_orders", url=database)
    assert refused.returncode == 2
    assert "--engine duckdb" in refused.stderr


@slow
@pytest.mark.parametrize("after", [4.0, 8.0, 11.0, 14.0, 17.0])
def test_a_killed_run_loses_nothing(tmp_path: Path, database: str, after: float) -> None:
    _both(tmp_path, database, first_night(), 0)
    before = _published(tmp_path / "postgres")
    drop = tmp_path / "drop_0"
    run = command.start(
        None,
        *("--source", str(drop), "--warehouse", str(tmp_path / "postgres"), "--full-refresh"),
        settings={
            "OLIST_ENGINE": "postgres",
            "OLIST_POSTGRES_URL": database,
            "OLIST_MAX_QUARANTINED_SHARE": "1",
        },
    )
    time.sleep(after)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    if run.returncode != 0:
        assert _published(tmp_path / "postgres") == before
    _done(_run(tmp_path / "postgres", drop, "--full-refresh", url=database))
    assert not _differences(tmp_path)
    shutil.rmtree(tmp_path / "postgres")
