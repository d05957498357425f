"""Databases of a private PostgreSQL server for tests, and versions that tell their number."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg

from orchestration.postgres import publication
from orchestration.postgres.access import Access, Roles
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.versions import Version

PROJECT = PROJECT_ROOT / "olist_dw_dbt"
ACCESS = Access(Roles.with_prefix("olist_"))

# Two tables of two schemas, and in each the number of the version, in every row.
READERS_QUERY = (
    "select min(o.n), max(o.n), min(e.n), max(e.n), sum(o.rows), sum(e.rows) from"
    " (select num_items as n, count(*) as rows from core.fact_orders group by 1) as o,"
    " (select num_orders as n, count(*) as rows from marts.mart_executive_dashboard group by 1)"
    " as e"
)


def numbered(published: Path, directory: Path, number: int) -> Version:
    """A version that differs from a published one by its number, and from others by it.

    Args:
        published: The file of the version to start from.
        directory: Where the new one goes.
        number: The version's.
    """
    path = directory / f"{number:08d}t000000z_000000" / "olist.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(published.resolve(), path)
    path.chmod(0o600)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"update core.fact_orders set num_items = {number}")
        connection.execute(f"update marts.mart_executive_dashboard set num_orders = {number}")
        connection.execute("update ops.warehouse_info set run_id = ?", [path.parent.name])
    return Version(path)


def publish(
    version: Version | Path, url: str, access: Access = ACCESS, *, everything: bool = False
) -> publication.Outcome:
    """Publish a version, or the file of one."""
    one = version if isinstance(version, Version) else Version(version.resolve())
    return publication.publish(one, url, access, PROJECT, everything=everything)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def served_number(url: str) -> int:
    """The number of the version that is served; fails where it is a mixture of two."""
    ((low, high, mart_low, mart_high, *_),) = ask(url, READERS_QUERY)
    assert low == high == mart_low == mart_high
    return int(low)


def schemas(url: str) -> set[str]:
    """The schemas of the database, but those of PostgreSQL itself."""
    query = "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'"
    return {name for (name,) in ask(url, query)} - {"public"}


def address(url: str, *, user: str = "", password: str = "", database: str = "") -> str:
    """The address with another user, password or database."""
    parts = urlsplit(url)
    login = f"{user or parts.username}:{password or user or parts.password}"
    host = f"{login}@{parts.hostname}:{parts.port}"
    return urlunsplit(
        parts._replace(netloc=host, path=f"/{database}" if database else parts.path)
    )
