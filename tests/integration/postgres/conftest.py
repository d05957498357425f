"""A private server for the session, and a database of its own for each test."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from orchestration.postgres import access, local
from orchestration.postgres.server import session
from tests.support import postgres

CREATE = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"

# Who logs in as a member of which group; the password is the name.
USERS = {
    "lou": "olist_loader",
    "tom": "olist_transformer",
    "ann": "olist_analyst",
    "ada": "olist_admin",
    "sally": "olist_analyst, sales",
}
_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[local.LocalServer]:
    """A server with the groups, a user of each, and the role `sales`."""
    if local.find_binaries() is None:
        pytest.skip(
            "PostgreSQL is not installed (apt install postgresql): nothing of it tested"
        )
    directory = Path(tempfile.mkdtemp(prefix="olist-postgres-"))
    server = local.start(directory, durable=False)
    try:
        with session(server.url, purpose="tests") as connection:
            access.make_roles(connection, postgres.ACCESS.roles)
        postgres.ask(server.url, "create role sales nologin")
        for name, groups in USERS.items():
            statement = f"create role {name} login password '{name}' in role {groups}"
            postgres.ask(server.url, statement)
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _new_database(server: local.LocalServer) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    postgres.ask(server.url, f"create database {name} {CREATE}")
    url = postgres.address(server.url, database=name)
    with session(url, purpose="tests") as connection:
        access.make_roles(connection, postgres.ACCESS.roles)
    yield url
    postgres.ask(server.url, f"drop database {name} with (force)")


@pytest.fixture
def database(server: local.LocalServer) -> Iterator[str]:
    """The address of an empty database that fits, as a superuser."""
    with _new_database(server) as url:
        yield url


@pytest.fixture(scope="module")
def module_database(server: local.LocalServer) -> Iterator[str]:
    """As ``database``, for all tests of a file."""
    with _new_database(server) as url:
        yield url


@pytest.fixture(scope="session")
def versions(built_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of three versions, numbered 1, 2 and 3, that differ in two tables."""
    directory = tmp_path_factory.mktemp("versions")
    return [postgres.numbered(built_warehouse, directory, number).path for number in (1, 2, 3)]
