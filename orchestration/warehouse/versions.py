"""What a version is, what is recorded about it, and how readers open it.

A version is a DuckDB file that never changes again, in a directory of its own::

    <warehouse>/versions/<run id>/olist.duckdb
    <warehouse>/versions/<run id>/version.json   its checksum and its place among the versions

DuckDB names a catalogue after the file that it opens, links resolved. So the file is always
called alike, and ``olist.marts.<table>`` works in every version. How versions are made and
removed is in ``orchestration.warehouse.store``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path

import duckdb

from orchestration.errors import NotAWarehouseError, NothingPublishedError, WarehouseError
from orchestration.warehouse.files import first_line
from orchestration.warehouse.table_content import literal, quoted

FILE_NAME = "olist.duckdb"
RECORD_NAME = "version.json"

# The id of a run, which sorts by time.
RUN_ID = re.compile(r"\d{8}t\d{6}z_[0-9a-f]{6}")

# Versions were files without a directory and without a record until October 2026. They are
# read, and pruned in their turn.
_FORMER_PREFIX = "olist_"
_FORMER_SUFFIX = ".duckdb"
FORMER_NAMES = f"{_FORMER_PREFIX}*{_FORMER_SUFFIX}"

# What any client of DuckDB 1.5 or later opens. Without it, DuckDB 2.0 writes files that 1.x
# refuses, and the drivers of most tools are 1.x.
STORAGE_VERSION = "v1.5.0"

_INFO_DDL = """
create schema if not exists ops;
create or replace table ops.warehouse_info (
    run_id varchar not null,
    source_kind varchar not null,
    source_label varchar not null,
    source_identity varchar not null,
    is_synthetic boolean not null,
    as_of_date date,
    built_at timestamp not null,
    version varchar not null,
    engine varchar not null
);
"""


@dataclass(frozen=True, slots=True)
class WarehouseInfo:
    """The one row of ``ops.warehouse_info``: which run made this file, of what.

    Attributes:
        run_id: The run that built it.
        source_kind: directory, archive, kaggle, synthetic or postgres.
        source_label: The source in words, for people.
        source_identity: Equal for sources whose rows may stand in one warehouse.
        is_synthetic: True when the rows were generated.
        as_of_date: The day the figures look back from, if the models computed one.
        built_at: When it was built, naive UTC.
        version: Version of this program.
        engine: What built the models; versions of before it was recorded were built in DuckDB.
    """

    run_id: str
    source_kind: str
    source_label: str
    source_identity: str
    is_synthetic: bool
    as_of_date: date | None
    built_at: datetime
    version: str
    engine: str = "DuckDB"


def version_path(versions_dir: Path, run_id: str) -> Path:
    """Where the version of a run is, or would be."""
    return versions_dir / run_id / FILE_NAME


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of the warehouse: a file that never changes again."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run that built it."""
        if self.path.name == FILE_NAME:
            return self.path.parent.name
        return self.path.name.removeprefix(_FORMER_PREFIX).removesuffix(_FORMER_SUFFIX)

    @property
    def record_path(self) -> Path | None:
        """Where its record is; None for a version of the former layout, which has none."""
        return self.path.with_name(RECORD_NAME) if self.path.name == FILE_NAME else None


def open_reader(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse for reading.

    The link is resolved and the version itself opened: a process that keeps opening the link
    would keep seeing the version it opened first.

    Args:
        path: The published path, or a version.

    Raises:
        NothingPublishedError: Nothing is there yet.
        NotAWarehouseError: What is there is no warehouse.
    """
    for _ in range(5):
        target = path.resolve()
        try:
            connection = _connect_reader(target)
        except (NothingPublishedError, NotAWarehouseError):
            # Pruned between resolving and opening: the link points elsewhere by now.
            if path.resolve() != target:
                continue
            raise
        return connection
    message = f"{path} changes faster than it can be opened; try again."
    raise WarehouseError(message)


def make_file(
    path: Path, *, content: Version | None = None, memory_limit: str | None = None
) -> None:
    """Make a DuckDB file that clients of :data:`STORAGE_VERSION` can open; it stays like that.

    Args:
        path: The file; its name becomes that of the catalogue.
        content: A version of which it gets all rows, views, constraints and comments.
        memory_limit: Memory DuckDB may use.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION
    }
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    with duckdb.connect(str(path), config=config) as connection:
        if content is not None:
            connection.execute(f"attach {literal(str(content.path))} as base (read_only)")
            connection.execute(f"copy from database base to {quoted(path.stem)}")
            connection.execute("detach base")


def storage_version(version: Version) -> str:
    """The oldest DuckDB that can open a version, such as ``v1.5.0``."""
    with open_reader(version.path) as connection:
        rows = connection.execute(
            "select tags['storage_version'] from duckdb_databases()"
            " where database_name = current_database()"
        ).fetchall()
    return str(rows[0][0]).rstrip("+")


def read_info(version: Version) -> WarehouseInfo:
    """What ``ops.warehouse_info`` says about a version.

    Raises:
        NotAWarehouseError: The file is not a warehouse of this project.
    """
    with open_reader(version.path) as connection:
        return fetch_info(connection)


def fetch_info(connection: duckdb.DuckDBPyConnection) -> WarehouseInfo:
    """What ``ops.warehouse_info`` says about the file behind an open connection.

    Raises:
        NotAWarehouseError: The table is missing, empty, or of another shape.
    """
    try:
        found = connection.execute("select * from ops.warehouse_info")
        row = found.fetchone()
        values = dict(
            zip([name for name, *_ in found.description or ()], row or (), strict=False)
        )
        # A version of before the engine was recorded lacks that column alone.
        info = (
            WarehouseInfo(
                **{f.name: values[f.name] for f in fields(WarehouseInfo) if f.name in values}
            )
            if row
            else None
        )
    except (duckdb.Error, TypeError) as error:
        message = (
            "The file has no ops.warehouse_info as this version writes it, so it is not a "
            f"warehouse of this project or of another version of it ({first_line(error)}). "
            "Move it away, or name another directory by --warehouse."
        )
        raise NotAWarehouseError(message) from error
    if info is None:
        message = "ops.warehouse_info is empty: the file was never finished. Run the pipeline."
        raise NotAWarehouseError(message)
    return info


def write_info(connection: duckdb.DuckDBPyConnection, info: WarehouseInfo) -> None:
    """Replace the row of ``ops.warehouse_info``."""
    connection.execute(_INFO_DDL)
    marks = ", ".join("?" for _ in asdict(info))
    connection.execute(f"insert into ops.warehouse_info values ({marks})", list(astuple(info)))


def _connect_reader(target: Path) -> duckdb.DuckDBPyConnection:
    if not target.is_file():
        message = f"Nothing is published at {target} yet. Run `make pipeline` first."
        raise NothingPublishedError(message)
    try:
        connection = duckdb.connect(str(target), read_only=True)
    except duckdb.Error as error:
        message = (
            f"{target} cannot be opened as a DuckDB file ({first_line(error)}). If another "
            "process writes to it, close that; otherwise move the file away and run the "
            "pipeline."
        )
        raise NotAWarehouseError(message) from error
    try:
        fetch_info(connection)
    except NotAWarehouseError as error:
        connection.close()
        message = f"{target}: {error}"
        raise NotAWarehouseError(message) from error
    return connection


def newest_real(versions: Iterable[Version]) -> Version | None:
    """The first whose rows are not generated; one that cannot be read is passed over."""
    for version in versions:
        try:
            if not read_info(version).is_synthetic:
                return version
        except NotAWarehouseError:
            continue
    return None
