"""Readers see one whole version all the while: over switches, and over kills of both sides.

By default a few kills; ``OLIST_SLOW_TESTS=1`` makes 30, half of them of the server.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from orchestration.postgres import local, publication
from orchestration.settings import PROJECT_ROOT
from tests.support import postgres

logger = logging.getLogger(__name__)

READERS = 20
SWITCHES = 30
KILLS = 30 if os.environ.get("OLIST_SLOW_TESTS") else 4
SEED = int(os.environ.get("OLIST_TEST_SEED", "1"))

# As OLIST_POSTGRES_URL, so that the address stands in no list of processes.
_PUBLISH = (
    "import os, sys; from pathlib import Path; from tests.support import postgres;"
    "postgres.publish(Path(sys.argv[1]), os.environ['PG_ADDRESS'])"
)


class Readers:
    """Threads that ask for counts and sums of two schemas, again and again."""

    def __init__(self, url: str, num_rows: tuple[int, int], number: int) -> None:
        """They start with ``number`` readers, and expect so many rows in each version."""
        self.seen: set[int] = set()
        self.num_statements = 0
        self.wrong: list[object] = []
        self.errors: list[Exception] = []
        self._url = url
        self._num_rows = num_rows
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(number)]

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    self._read_on(connection)
            except psycopg.OperationalError as error:  # the server was killed
                self.errors.append(error)
                time.sleep(0.1)
            except psycopg.Error as error:
                self.wrong.append(error)

    def _read_on(self, connection: psycopg.Connection[tuple[int, ...]]) -> None:
        while not self._stopped.is_set():
            row = connection.execute(postgres.READERS_QUERY).fetchone()
            self.num_statements += 1
            if row is None or len({*row[:4]}) != 1 or row[4:] != self._num_rows:
                self.wrong.append(row)
            else:
                self.seen.add(row[0])


@contextmanager
def _reading(url: str, number: int) -> Iterator[Readers]:
    ((*_, orders, marts),) = postgres.ask(url, postgres.READERS_QUERY)
    readers = Readers(postgres.address(url, user="ann"), (orders, marts), number)
    readers.start()
    try:
        yield readers
    finally:
        readers.stop()


def test_twenty_readers_never_see_a_mixture_and_wait_for_no_switch(
    versions: list[Path], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in versions[:2]:
        postgres.publish(path, database)
    seconds = []
    swap = publication._swap

    def timed(*arguments: object) -> float:
        seconds.append(swap(*arguments))  # type: ignore[arg-type] # as it was called
        return seconds[-1]

    monkeypatch.setattr(publication, "_swap", timed)
    with _reading(database, READERS) as readers:
        for _ in range(SWITCHES):
            publication.roll_back(database, postgres.ACCESS)
        postgres.publish(versions[2], database)
        time.sleep(0.5)
    assert not readers.wrong
    assert not readers.errors
    assert readers.seen == {1, 2, 3}
    assert readers.num_statements > 100
    typical = sorted(seconds)[len(seconds) // 2]
    logger.info("switches: %d, median %.0f ms", len(seconds), typical * 1000)
    assert typical < 0.1


@pytest.mark.timeout(1200)
def test_kills_of_client_and_server_leave_one_whole_version(
    versions: list[Path], database: str, server: local.LocalServer
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - moments, no secrets
    postgres.publish(versions[0], database)
    started = time.monotonic()
    assert _publish_in_a_process(versions[1], database).wait() == 0
    whole = time.monotonic() - started
    with _reading(database, 3) as readers:
        for n in range(KILLS):
            before = _served_once_up(database)
            child = _publish_in_a_process(versions[n % 3], database)
            time.sleep(chance.uniform(0.3, 1.0) * whole)
            if n % 2 == 0:
                child.kill()
            elif n % 4 == 1:
                server.stop(signal.SIGQUIT)
                local.start(server.directory)
            else:
                _kill_the_session_that_publishes(database)
            child.wait()
            assert _served_once_up(database) in {before, n % 3 + 1}
        assert postgres.publish(versions[2], database).run_id == versions[2].parent.name
    assert not readers.wrong
    assert postgres.served_number(database) == 3
    assert not any("_build" in name for name in postgres.schemas(database))


def _kill_the_session_that_publishes(url: str) -> None:
    """As the system does when memory runs out: the server ends all sessions and recovers."""
    query = "select pid from pg_stat_activity where application_name = 'olist publish'"
    for (number,) in postgres.ask(url, query):
        os.kill(number, signal.SIGKILL)


def _publish_in_a_process(path: Path, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PUBLISH, str(path)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PG_ADDRESS": url},
        stderr=subprocess.DEVNULL,
    )


def _served_once_up(url: str) -> int:
    until = time.monotonic() + 30
    while True:
        try:
            return postgres.served_number(url)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
