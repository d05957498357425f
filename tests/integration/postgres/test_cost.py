"""What a publication of the real data costs the processors of both sides; by `make bench`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from orchestration.postgres import local
from tests.support import postgres

FIRST_SECONDS = 25.0
AGAIN_SECONDS = 2.0


@pytest.mark.benchmark
@pytest.mark.real_data
@pytest.mark.timeout(600)
def test_a_first_publication_and_one_without_changes_cost_little(
    real_warehouse: Path, database: str, server: local.LocalServer
) -> None:
    for most in (FIRST_SECONDS, AGAIN_SECONDS):
        before = time.process_time() + _server_seconds(server)
        postgres.publish(real_warehouse, database)
        time.sleep(0.5)  # the session ends, and its time is counted with its parent's
        seconds = time.process_time() + _server_seconds(server) - before
        print(f"{seconds:.1f} s of at most {most:g}")  # noqa: T201 - what a benchmark is for
        assert seconds <= most


def _server_seconds(server: local.LocalServer) -> float:
    """Processor seconds of the server: its own, of its processes, and of those that ended."""
    main = server.process_id()
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(path.parent.name) == main:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == main:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
