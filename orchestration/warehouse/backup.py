"""Backups: a version as Parquet files with checksums, in a directory of its own.

A backup is readable without this program::

    <backups>/20261120t020500z_of_<run id>/
        manifest.json          what is in it: origin, rows and checksums of each table
        manifest.json.sha256   as sha256sum writes it
        manifest.json.hmac     by the key of this machine
        schema.sql             makes the empty tables, with types, constraints and comments
        views.sql              makes the views, after the tables
        <schema>.<table>.parquet

It is written aside and renamed when it is whole. Restoring is in
``orchestration.warehouse.restore``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from orchestration.errors import (
    BackupError,
    DamagedVersionError,
    WarehouseBusyError,
    WarehouseError,
)
from orchestration.warehouse.backup_age import BACKUP_NAME
from orchestration.warehouse.backup_signature import sign
from orchestration.warehouse.files import (
    fsync,
    in_words,
    private_files,
    refuse_bad_name,
    sha256,
)
from orchestration.warehouse.table_content import (
    Table,
    content,
    literal,
    quoted,
    refuse_other_objects,
    table_statements,
    tables,
    view_statements,
    views,
)
from orchestration.warehouse.version_record import check_file
from orchestration.warehouse.versions import (
    RUN_ID,
    Version,
    WarehouseInfo,
    fetch_info,
    open_reader,
)

logger = logging.getLogger(__name__)

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_SUM = "manifest.json.sha256"
SCHEMA_SCRIPT = "schema.sql"
VIEWS_SCRIPT = "views.sql"

# The name that a warehouse file has for itself, as its views may use it.
CATALOGUE = "olist"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of a backup: how much it holds, and the file that holds it.

    Attributes:
        schema: Its schema.
        name: Its name.
        rows: How many rows.
        fingerprint: Of the content, whatever the order of rows; see ``table_content.content``.
        file: The Parquet file.
    """

    schema: str
    name: str
    rows: int
    fingerprint: str
    file: StoredFile


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        format: Version of the layout.
        created_at: When it was written, naive UTC.
        duckdb_version: What wrote it.
        info: The version's own ``ops.warehouse_info``.
        tables: All tables.
        views: Full names of all views.
        scripts: The SQL files.
    """

    format: int
    created_at: datetime
    duckdb_version: str
    info: WarehouseInfo
    tables: Sequence[StoredTable]
    views: Sequence[str]
    scripts: Sequence[StoredFile]

    @property
    def num_rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files())

    def files(self) -> list[StoredFile]:
        """All files but the manifest's own."""
        return [*self.scripts, *(table.file for table in self.tables)]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup on disk."""

    path: Path
    manifest: Manifest


class BackupDirectory:
    """All backups of one warehouse."""

    def __init__(self, directory: Path, *, keep: int = 7, key_file: Path | None = None) -> None:
        """Name the directory; nothing is created before the first backup.

        Args:
            directory: Where the backups are.
            keep: How many are kept.
            key_file: The key that signs them; None leaves them unsigned.
        """
        self.directory = directory
        self._key_file = key_file
        self._keep = keep

    def paths(self) -> list[Path]:
        """The backups, newest first; what is not one is left out."""
        if not self.directory.is_dir():
            return []
        found = [path for path in self.directory.iterdir() if BACKUP_NAME.fullmatch(path.name)]
        return sorted((path for path in found if path.is_dir()), reverse=True)

    def find(self, name: str | None) -> Path:
        """The backup of a name or a path; the newest if none is named.

        Raises:
            BackupError: There is no such backup; says which there are.
        """
        known = self.paths()
        if name is None:
            if known:
                return known[0]
            message = f"There is no backup in {self.directory}. Name one, or its path."
            raise BackupError(message)
        for path in (self.directory / name, Path(name).expanduser()):
            if path.is_dir():
                return path
        have = ", ".join(path.name for path in known) or "none"
        message = f"There is no backup {name} in {self.directory}; there are: {have}."
        raise BackupError(message)

    def write(
        self,
        version: Version,
        *,
        now: datetime | None = None,
        memory_limit: str | None = None,
    ) -> Backup:
        """Write a backup of a version, and remove the oldest beyond those that are kept.

        Args:
            version: What is backed up; runs may go on meanwhile, as versions never change.
            now: The time it is named after.
            memory_limit: Memory DuckDB may use.

        Raises:
            WarehouseBusyError: Another backup is being written.
            DamagedVersionError: The version is not as it was written.
            WarehouseError: The disk is full or not writable, or the version holds what a
                backup cannot carry.
        """
        moment = now or datetime.now(UTC)
        target = self.directory / f"{moment:%Y%m%dt%H%M%Sz}_of_{version.run_id}"
        with self._lock(), in_words("The backup", target):
            _refuse_damaged(version)
            for left in self.directory.glob(".*.new"):  # of a backup that was killed
                shutil.rmtree(left)
            if target.exists():
                message = f"There is a backup {target} already. Try again in a second."
                raise WarehouseError(message)
            aside = target.with_name(f".{target.name}.new")
            aside.mkdir()
            try:
                with open_reader(version.path) as connection:
                    if memory_limit is not None:
                        connection.execute(f"set memory_limit = {literal(memory_limit)}")
                    manifest = _write_files(connection, aside, moment)
                if self._key_file is not None:
                    sign(aside / MANIFEST, self._key_file)
                fsync(aside)
                aside.rename(target)
            except BaseException:
                shutil.rmtree(aside, ignore_errors=True)
                raise
            fsync(self.directory)
            self._prune(target)
        return Backup(target, manifest)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with private_files(), in_words("The directory of backups", self.directory):
            refuse_bad_name(self.directory)
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.directory / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                message = f"Another backup is being written to {self.directory}. Wait for it."
                raise WarehouseBusyError(message) from error
        try:
            with private_files():
                yield
        finally:
            lock.release()

    def _prune(self, made: Path) -> None:
        # The new one stays whatever its name: a clock may have been set back.
        others = [path for path in self.paths() if path != made]
        for path in others[self._keep - 1 :]:
            try:
                shutil.rmtree(path)
            except OSError as error:  # the new backup stands: no reason to fail
                logger.warning("The old backup %s stays: %s", path, error)


def _refuse_damaged(version: Version) -> None:
    try:
        check_file(version)
    except DamagedVersionError as error:
        message = (
            f"Version {version.run_id} is damaged: {error}. Nothing was backed up. "
            "make versions ARGS=--verify shows which versions are sound."
        )
        raise DamagedVersionError(message) from error


def read_backup(path: Path) -> Backup:
    """Read a backup's manifest and check every file against it.

    Raises:
        BackupError: Names each file that is missing or not as it was written.
    """
    manifest = read_manifest(path)
    damaged = [problem for file in manifest.files() if (problem := _problem(path, file))]
    if damaged:
        message = (
            f"The backup {path} is damaged: {'; '.join(damaged)}. Nothing was restored. "
            "Use another backup."
        )
        raise BackupError(message)
    return Backup(path, manifest)


def read_manifest(path: Path) -> Manifest:
    """Read what a backup says of itself, without looking into its tables.

    Raises:
        BackupError: The manifest is missing, damaged, or of another format.
    """
    try:
        text = (path / MANIFEST).read_bytes()
        expected = (path / MANIFEST_SUM).read_text(encoding="ascii").split()[:1]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not readable"
        message = (
            f"The backup {path} is incomplete: its manifest cannot be read ({reason}). "
            "Nothing was restored. Use another backup."
        )
        raise BackupError(message) from error
    if expected != [hashlib.sha256(text).hexdigest()]:
        message = (
            f"The backup {path} is damaged: {MANIFEST} is not as it was written. "
            "Nothing was restored. Use another backup."
        )
        raise BackupError(message)
    found = json.loads(text)
    if found.get("format") != FORMAT:
        message = (
            f"The backup {path} has the format {found.get('format')}, and this version of the "
            f"program reads format {FORMAT}. Restore it with the version that wrote it "
            f"({found.get('info', {}).get('version', 'unknown')})."
        )
        raise BackupError(message)
    try:
        manifest = _manifest(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"The backup {path} has a manifest that is not one of this program ({error})."
        raise BackupError(message) from error
    if not RUN_ID.fullmatch(manifest.info.run_id):  # it becomes the name of a directory
        message = f"The backup {path} is of {manifest.info.run_id!r}, which is no id of a run."
        raise BackupError(message)
    return manifest


def _write_files(
    connection: duckdb.DuckDBPyConnection, directory: Path, moment: datetime
) -> Manifest:
    refuse_other_objects(connection)
    scripts = {
        SCHEMA_SCRIPT: table_statements(connection),
        VIEWS_SCRIPT: view_statements(connection, CATALOGUE),
    }
    for name, statements in scripts.items():
        text = "".join(f"{statement}\n" for statement in statements)
        (directory / name).write_text(text, encoding="utf-8")
    version = connection.execute("select version()").fetchone()
    manifest = Manifest(
        format=FORMAT,
        created_at=moment.astimezone(UTC).replace(tzinfo=None),
        duckdb_version=str(version[0]) if version else "unknown",
        info=fetch_info(connection),
        tables=[_write_table(connection, directory, table) for table in tables(connection)],
        views=[f"{schema}.{name}" for schema, name in views(connection)],
        scripts=[_stored(directory / name) for name in scripts],
    )
    path = directory / MANIFEST
    text = json.dumps(asdict(manifest), default=_plain, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
    checksum = f"{_stored(path).sha256}  {MANIFEST}\n"
    (directory / MANIFEST_SUM).write_text(checksum, encoding="ascii")
    fsync(directory / MANIFEST_SUM)
    return manifest


def _write_table(
    connection: duckdb.DuckDBPyConnection, directory: Path, table: Table
) -> StoredTable:
    path = directory / f"{table.schema}.{table.name}.parquet"
    columns = ", ".join(
        quoted(column.name)
        if column.is_kept_by_parquet
        else f"cast({quoted(column.name)} as varchar) as {quoted(column.name)}"
        for column in table.columns
    )
    connection.execute(
        f"copy (select {columns} from {table.full_name}) to {literal(str(path))}"
        " (format parquet, compression zstd)"
    )
    held = content(connection, table.columns, table.full_name)
    # A backup that cannot be read back is none; better to know it now.
    written = content(connection, table.columns, parquet(path))
    if written != held:
        message = (
            f"The backup of {table.schema}.{table.name} does not read back as it was written "
            f"({written.rows:,} of {held.rows:,} rows). Check the disk and try again."
        )
        raise WarehouseError(message)
    return StoredTable(table.schema, table.name, held.rows, held.fingerprint, _stored(path))


def parquet(path: Path) -> str:
    """A Parquet file as SQL to select from; nothing in its path is a pattern or a column."""
    return f"read_parquet({literal(pattern(path))}, hive_partitioning = false)"


def pattern(path: Path) -> str:
    """A path as DuckDB's pattern that fits this path alone."""
    return re.sub(r"([*?[])", r"[\1]", str(path))


def _stored(path: Path) -> StoredFile:
    fsync(path)
    return StoredFile(path.name, path.stat().st_size, sha256(path))


def _problem(directory: Path, file: StoredFile) -> str | None:
    path = directory / file.name
    if path.name != file.name or not path.is_file():
        return f"{file.name} is missing"
    size = path.stat().st_size
    if size != file.size:
        return f"{file.name} has {size:,} bytes, not {file.size:,}"
    try:
        is_same = sha256(path) == file.sha256
    except OSError as error:
        return f"{file.name} cannot be read ({error.strerror})"
    return None if is_same else f"{file.name} does not match its checksum"


def _manifest(found: dict[str, Any]) -> Manifest:
    info = found["info"]
    as_of_date = info["as_of_date"] and date.fromisoformat(info["as_of_date"])
    built_at = datetime.fromisoformat(info["built_at"])
    return Manifest(
        format=found["format"],
        created_at=datetime.fromisoformat(found["created_at"]),
        duckdb_version=found["duckdb_version"],
        info=WarehouseInfo(**(info | {"as_of_date": as_of_date, "built_at": built_at})),
        tables=[
            StoredTable(**(table | {"file": StoredFile(**table["file"])}))
            for table in found["tables"]
        ],
        views=found["views"],
        scripts=[StoredFile(**file) for file in found["scripts"]],
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
