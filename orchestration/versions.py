"""What a version is, the row that says of what it was made, and how readers open it.

A version is a DuckDB file that never changes again. Making, publishing and removing versions is
the matter of ``orchestration.warehouse``, which also hands on the names that readers need.
"""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path

import duckdb

from orchestration.errors import NotAWarehouseError, NothingPublishedError, WarehouseError
from orchestration.files import first_line

VERSION_PREFIX = "olist_"
VERSION_SUFFIX = ".duckdb"

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
    version varchar not null
);
"""


@dataclass(frozen=True, slots=True)
class WarehouseInfo:
    """The one row of ``ops.warehouse_info``: which run made this file, of what.

    Attributes:
        run_id: The run that built it.
        source_kind: directory, archive, kaggle or synthetic.
        source_label: The source in words, for people.
        source_identity: Equal for sources whose rows may stand in one warehouse.
        is_synthetic: True when the rows were generated.
        as_of_date: The day the figures look back from, if the models computed one.
        built_at: When it was built, naive UTC.
        version: Version of this program.
    """

    run_id: str
    source_kind: str
    source_label: str
    source_identity: str
    is_synthetic: bool
    as_of_date: date | None
    built_at: datetime
    version: str


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of the warehouse: a file that never changes again."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run that built it."""
        return self.path.name.removeprefix(VERSION_PREFIX).removesuffix(VERSION_SUFFIX)


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
    columns = ", ".join(field.name for field in fields(WarehouseInfo))
    try:
        row = connection.execute(f"select {columns} from ops.warehouse_info").fetchone()
    except duckdb.Error as error:
        message = (
            "The file has no ops.warehouse_info as this version writes it, so it is not a "
            f"warehouse of this project or of another version of it ({first_line(error)}). "
            "Move it away, or name another directory by --warehouse."
        )
        raise NotAWarehouseError(message) from error
    if row is None:
        message = "ops.warehouse_info is empty: the file was never finished. Run the pipeline."
        raise NotAWarehouseError(message)
    return WarehouseInfo(*row)


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
