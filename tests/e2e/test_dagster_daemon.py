"""Dagster as it is started by ``make dagster``: files arrive, its daemon runs the daily job.

Takes some minutes and starts half a dozen processes, so it waits for ``OLIST_SLOW_TESTS``. The
same job in one process is in ``tests/integration/test_scheduling_runs.py``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.tables import TABLES_BY_NAME
from orchestration.runs.records import LastRun, last_run
from orchestration.settings import PROJECT_ROOT
from tests.support.slow_tests import slow

SECONDS_FOR_A_RUN = 400

pytestmark = [
    slow,
    pytest.mark.timeout(2 * SECONDS_FOR_A_RUN + 60),
]


@contextlib.contextmanager
def _dagster(directory: Path) -> Iterator[None]:
    """Dagster over ``directory``: raw for the files, dw for the warehouse, home for records."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.dagster", "--port", str(port)],
        cwd=PROJECT_ROOT,
        env=ours
        | {
            "OLIST_RAW_DIR": str(directory / "raw"),
            "OLIST_WAREHOUSE_DIR": str(directory / "dw"),
            "DAGSTER_HOME": str(directory / "home"),
        },
        # What it starts outlives it if it is only asked to stop: its whole group is ended.
        start_new_session=True,
        stdout=(directory / "dagster.log").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for_run(directory: Path, before: LastRun | None = None) -> LastRun:
    deadline = time.monotonic() + SECONDS_FOR_A_RUN
    while time.monotonic() < deadline:
        run = last_run(directory / "dw" / "runs")
        if run is not None and (before is None or run.run_id != before.run_id):
            return run
        time.sleep(1)
    pytest.fail(f"No run ended. {(directory / 'dagster.log').read_text()[-4000:]}")


def test_files_that_arrive_are_published_and_spoilt_ones_are_not(
    generated_files: Path, tmp_path: Path
) -> None:
    (tmp_path / "raw").mkdir()
    published = tmp_path / "dw" / "olist.duckdb"
    with _dagster(tmp_path):
        shutil.copytree(generated_files, tmp_path / "raw", dirs_exist_ok=True)
        good = _wait_for_run(tmp_path)
        assert good.status == "done"
        version = published.resolve()
        assert good.run_id in version.name
        orders = tmp_path / "raw" / TABLES_BY_NAME["orders"].file_name
        header, _, rows = orders.read_text(encoding="utf-8").partition("\n")
        rows = rows.replace("delivered", "teleported")
        orders.write_text(f"{header}\n{rows}", encoding="utf-8")
        spoilt = _wait_for_run(tmp_path, good)
        assert (spoilt.status, spoilt.error_type) == ("failed", "GateError")
        assert published.resolve() == version
