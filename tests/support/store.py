"""Extractions of a shop loaded into DuckDB, and what two loads hold compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from extract.load import load
from extract.raw.changes import read_position
from extract.results import LoadReport
from extract.sources import SourceFiles, open_source
from extract.tables import TABLES

Session = psycopg.Connection[tuple[Any, ...]]
_FIRST = datetime.fromisoformat("2026-01-01")


class Follower:
    """A file of DuckDB whose raw follows a shop, night by night."""

    def __init__(self, path: Path) -> None:
        """Begin with a file that may be there already."""
        self.path = path
        self.nights = 0

    def load(self, url: str | Path, *, whole: bool = False) -> LoadReport:
        """Extract what changed (or all), and load it."""

        def position_of(origin: str, _: bool) -> str | None:
            has_file = self.path.exists() and not whole
            return read_position(self.path, origin) if has_file else None

        with open_source(url, position_of=position_of) as source:
            return self.take(source)

    def take(self, source: SourceFiles) -> LoadReport:
        """Load an extraction."""
        self.nights += 1
        with duckdb.connect(str(self.path), config={"fsync_mode": "NONE"}) as con:
            return load(
                con,
                source,
                batch_id=f"night {self.nights}",
                loaded_at=_FIRST + timedelta(days=self.nights),
            )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with duckdb.connect(str(self.path), read_only=True) as con:
            return con.execute(query).fetchall()


def raw_differences(one: Path, other: Path) -> list[str]:
    """Name the raw tables that differ in what the source said, whenever it was loaded."""
    found = []
    with duckdb.connect() as con:
        con.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        for table in TABLES:
            columns = ", ".join(table.columns)
            for here, there in (("one", "other"), ("other", "one")):
                rows = con.execute(
                    f"select {columns} from {here}.raw.{table.name} except all"
                    f" select {columns} from {there}.raw.{table.name} limit 3"
                ).fetchall()
                found += [f"{table.name}, only in {here}: {row}" for row in rows]
    return found


def loaded(source: str | Path, path: Path) -> Path:
    """A file with one load of everything."""
    Follower(path).load(source, whole=True)
    return path


@contextmanager
def session(url: str) -> Iterator[Session]:
    """A connection whose transaction is the test's."""
    with psycopg.connect(url) as connection:
        yield connection


def execute(url: str, *statements: str) -> None:
    """Statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()
