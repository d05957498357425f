"""A private server for the shop, once a session, and a shop of its own for each test.

A shop that was played once serves as the template of others: a copy takes a tenth of a second.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from extract.sources import open_source
from extract.sources.synthetic import generate
from extract.store.play.progress import play
from orchestration.postgres import local
from tests.support.shared_setup import made_once

CREATE = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
SCALE, SEED = 0.005, 20
_numbers = count()


@pytest.fixture(scope="session")
def store_server() -> Iterator[local.LocalServer]:
    """A server that need not survive a crash of the machine."""
    if local.find_binaries() is None:
        pytest.skip(
            "PostgreSQL is not installed (apt install postgresql): the shop is not tested"
        )
    directory = Path(tempfile.mkdtemp(prefix="olist-store-"))
    server = local.start(directory, durable=False)
    yield server
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(store_server: local.LocalServer) -> Callable[..., str]:
    """Makes a database, by default an empty one, and gives its address."""

    def make(of: str = CREATE) -> str:
        name = f"shop_{next(_numbers)}"
        with psycopg.connect(store_server.url, autocommit=True) as connection:
            connection.execute(f"create database {name} {of}".encode())
        return urlunsplit(urlsplit(store_server.url)._replace(path=f"/{name}"))

    return make


@pytest.fixture(scope="session")
def store_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory with nine files: some 500 orders."""
    return made_once(
        tmp_path_factory,
        "store_files",
        lambda directory: generate(directory, scale=SCALE, seed=SEED),
    )


@pytest.fixture
def empty_database(new_database: Callable[..., str]) -> str:
    """The address of a database without a shop."""
    return new_database()


@pytest.fixture(scope="session")
def played_once(new_database: Callable[..., str], store_files: Path) -> str:
    """A shop with all of the generated data, for reading and copying only."""
    url = new_database()
    with open_source(store_files) as source:
        play(url, source)
    return url


@pytest.fixture
def shop(new_database: Callable[..., str], played_once: str) -> str:
    """A shop of its own with all of the generated data."""
    return new_database(f"template {urlsplit(played_once).path[1:]}")


@pytest.fixture(scope="session")
def real_shop(new_database: Callable[..., str], real_files: Path) -> str:
    """A shop with all of the real data, for reading only."""
    url = new_database()
    with open_source(real_files) as source:
        play(url, source)
    return url
