"""What is recorded about each version: its checksum, and its place among the versions.

By the one a damaged file is found, by the other they are ordered: names sort by the clock, and
that may have been set back. What is done with a version is in
``orchestration.warehouse.store``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from orchestration.errors import DamagedVersionError, NotAWarehouseError
from orchestration.warehouse.files import first_line, sha256, wal
from orchestration.warehouse.table_content import tables
from orchestration.warehouse.versions import Version, newest_real, open_reader

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What was recorded when a version was made.

    Attributes:
        sequence: Its place in the order of publishing, from 1.
        previous: The run whose version readers saw until then, if any.
        size: Of the file, bytes.
        sha256: Of the file.
    """

    sequence: int
    previous: str | None
    size: int
    sha256: str


def write_record(path: Path, record: VersionRecord) -> None:
    """Write a record, with a checksum of its own."""
    content = asdict(record) | {"check": _check(record)}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_record(version: Version) -> VersionRecord | None:
    """What was recorded about a version; None where nothing was.

    Raises:
        DamagedVersionError: The record is not as it was written.
    """
    path = version.record_path
    if path is None or not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        check = content.pop("check")
        record = VersionRecord(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"its record {path} cannot be read ({first_line(error)})"
        raise DamagedVersionError(message) from error
    if check != _check(record):
        message = f"its record {path} is not as it was written"
        raise DamagedVersionError(message)
    return record


def _check(record: VersionRecord) -> str:
    return hashlib.sha256(json.dumps(asdict(record)).encode()).hexdigest()[:16]


def check_file(version: Version, digest: str | None = None) -> None:
    """Compare a version's file with its record, or read it whole where there is none.

    Args:
        version: What is checked.
        digest: The SHA-256 of its file, where that is known already.

    Raises:
        DamagedVersionError: What is wrong, for a sentence about the version.
        NothingPublishedError: There is no file.
    """
    record = read_record(version)
    if record is None:
        try:
            with open_reader(version.path) as connection:
                read_whole(connection)
        except NotAWarehouseError as error:
            raise DamagedVersionError(str(error).rstrip(".")) from error
        return
    try:
        size = version.path.stat().st_size
        found = digest or sha256(version.path)
    except OSError as error:
        message = f"{version.path} cannot be read ({error.strerror or error})"
        raise DamagedVersionError(message) from error
    if size != record.size:
        message = f"{version.path} has {size:,} bytes, not the {record.size:,} it was made with"
        raise DamagedVersionError(message)
    if found != record.sha256:
        message = f"{version.path} does not match its checksum"
        raise DamagedVersionError(message)


def read_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every value of every table: DuckDB checks the checksum of each block that it reads.

    Raises:
        DamagedVersionError: Names the table that cannot be read.
    """
    for table in tables(connection):
        try:
            connection.execute(
                f"select bit_xor(hash(t)) from {table.full_name} as t"
            ).fetchall()
        except duckdb.Error as error:
            message = f"its table {table.full_name} cannot be read ({first_line(error)})"
            raise DamagedVersionError(message) from error


def sequence(version: Version) -> int:
    """Its place in the order of publishing; 0 where none is recorded."""
    try:
        record = read_record(version)
    except DamagedVersionError:
        record = None
    return record.sequence if record is not None else 0


def before(current: Version, versions: Sequence[Version]) -> list[Version]:
    """The versions to go back to: what readers saw before the current one, then older ones."""
    try:
        record = read_record(current)
    except DamagedVersionError:
        record = None
    if record is None:  # of the former layout, or it was deleted with its record
        older = [version for version in versions if version.run_id < current.run_id]
        return older or [version for version in versions if version.run_id != current.run_id]
    older = [version for version in versions if sequence(version) < record.sequence]
    return sorted(older, key=lambda version: version.run_id != record.previous)


def prune(versions: Sequence[Version], current: Version | None, *, keep: int) -> None:
    """Remove all but the newest versions, the published one, and the newest of real data.

    Generated data can be made again; the history of real data cannot.
    """
    old = versions[keep:]
    wanted = (current, newest_real(versions)) if old else ()
    for version in old:
        if version.run_id in {one.run_id for one in wanted if one is not None}:
            continue
        try:
            remove(version)
        except OSError as error:  # published already: no reason to fail the run
            logger.warning("The old version %s stays: %s", version.path, error)


def remove(version: Version) -> None:
    """Remove a version, and nothing that somebody else put beside it."""
    if version.record_path is not None:
        version.record_path.unlink(missing_ok=True)
    version.path.unlink()
    wal(version.path).unlink(missing_ok=True)
    if version.record_path is not None:
        with contextlib.suppress(OSError):
            version.path.parent.rmdir()
