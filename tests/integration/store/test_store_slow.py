"""What takes minutes: many random nights, kills at random moments, nights by the command."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from extract.sources import open_source
from extract.store.play.progress import play, status
from orchestration.postgres import local
from orchestration.settings import PROJECT_ROOT
from tests.integration.store.test_store_source import random_nights
from tests.support.same_tables import differences
from tests.support.slow_tests import slow
from tests.support.store import Follower, execute, loaded, raw_differences

CUT = date(2018, 3, 10)
# A file that is loaded while it is killed: one night, its position kept beside its rows.
_LOADER = """
import sys
from pathlib import Path
from tests.support.store import Follower
Follower(Path(sys.argv[2])).load(sys.argv[1])
"""
_PLAYER = """
import sys
from extract.sources import open_source
from extract.store.play.progress import play
with open_source(sys.argv[2]) as source:
    play(sys.argv[1], source, batch_steps=100)
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _kill_server(server: local.LocalServer) -> None:
    """As a crash: sessions are cut, nothing is written any more; then it is started again."""
    number = server.process_id()
    assert number is not None
    os.kill(number, signal.SIGQUIT)
    while server.process_id() == number:
        time.sleep(0.02)
    local.start(server.directory)


@slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_twenty_random_sequences_end_as_one_load(shop: str, tmp_path: Path, seed: int) -> None:
    follower = Follower(tmp_path / "follower.duckdb")
    random_nights(shop, follower, seed, nights=8)
    assert raw_differences(follower.path, loaded(shop, tmp_path / "at_once.duckdb")) == []


@slow
@pytest.mark.timeout(1800)
def test_kills_at_thirty_moments_lose_and_double_nothing(
    store_server: local.LocalServer,
    empty_database: str,
    store_files: Path,
    played_once: str,
    tmp_path: Path,
) -> None:
    """The player, the loader and the server, killed while a history is played and followed."""
    dice = random.Random(int(os.environ.get("OLIST_TEST_SEED", "0")))  # noqa: S311 - a test
    with open_source(store_files) as source:
        play(empty_database, source, until=date(2017, 1, 1))
    follower = tmp_path / "follower.duckdb"
    killed = 0
    while killed < 30:
        processes = [
            _start(_PLAYER, empty_database, str(store_files)),
            _start(_LOADER, empty_database, str(follower)),
        ]
        time.sleep(dice.uniform(0.3, 3.0))
        victim = dice.choice(["server", *processes])
        if isinstance(victim, subprocess.Popen):
            victim.kill()
        else:
            _kill_server(store_server)
        killed += 1
        for process in processes:
            process.wait()
    with open_source(store_files) as source:
        play(empty_database, source)
    Follower(follower).load(empty_database)
    assert raw_differences(follower, loaded(store_files, tmp_path / "files.duckdb")) == []
    assert status(empty_database).events == status(played_once).events
    assert status(empty_database).exceptions == status(played_once).exceptions


@slow
@pytest.mark.timeout(900)
def test_nights_by_the_command_end_as_one_run_at_the_end(
    new_database: Callable[..., str], store_files: Path, tmp_path: Path
) -> None:
    """Core and marts, with a cut, corrections, deletions and refunds in between."""
    url = new_database()
    with open_source(store_files) as source:
        play(url, source, until=CUT)
    _run(url, tmp_path / "nights")
    with open_source(store_files) as source:
        play(url, source)
    _run(url, tmp_path / "nights")
    execute(
        url,
        "update sales.order_items set price = price + 5 where order_id like 'a%'",
        "delete from sales.reviews where order_id like 'b%'",
        "delete from sales.orders where order_id like 'c1%'",
    )
    _run(url, tmp_path / "nights")
    _run(url, tmp_path / "at_once")
    assert (
        differences(tmp_path / "nights" / "olist.duckdb", tmp_path / "at_once" / "olist.duckdb")
        == []
    )
    assert urlsplit(url).password


def _run(url: str, warehouse: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    finished = subprocess.run(
        [
            *(sys.executable, "run_pipeline.py", "--source", "store"),
            *("--warehouse", str(warehouse)),
        ],
        cwd=PROJECT_ROOT,
        env=clean | {"OLIST_STORE_URL": url, "OLIST_QUALITY_GATES": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    logs = [path.read_text() for path in warehouse.glob("runs/*/*") if path.is_file()]
    password = urlsplit(url).password
    assert password
    assert not [text for text in logs if password in text]
