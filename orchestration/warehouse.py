"""The warehouse directory: build copy, versions, publish, rollback, one run at a time.

A run works in a build file and never touches what people read. Publishing makes the build a
version of its own and then swaps one symlink::

    <warehouse>/olist.duckdb -> versions/olist_<run id>.duckdb
    <warehouse>/build/olist.duckdb       only while a run works
    <warehouse>/tmp                      empty between runs
    <warehouse>/.lock                    held by the run that works

The build file always has the same path: dbt keys its parse cache on it, and the name of the
catalogue inside DuckDB, which is the stem of the file, is the one readers see at the published
path. What the tables hold is no matter of this module. Readers, and what a version says of
itself, are in ``orchestration.versions``; their names can be imported from here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from orchestration.errors import (
    NoSuchVersionError,
    NotAWarehouseError,
    NothingPublishedError,
    WarehouseBusyError,
)
from orchestration.files import fsync, in_words, wal
from orchestration.holder import HOLDER_NAME
from orchestration.versions import (
    VERSION_PREFIX,
    VERSION_SUFFIX,
    Version,
    WarehouseInfo,
    fetch_info,
    open_reader,
    read_info,
    write_info,
)

__all__ = [
    "Build",
    "Version",
    "Warehouse",
    "WarehouseInfo",
    "fetch_info",
    "open_reader",
    "read_info",
    "write_info",
]

logger = logging.getLogger(__name__)

PUBLISHED_NAME = "olist.duckdb"

# A version is published only if these hold something.
REQUIRED_SCHEMAS = ("raw", "core")


@dataclass(frozen=True, slots=True)
class Build:
    """A file in the making.

    Attributes:
        path: The DuckDB file to work on.
        run_id: The run it belongs to.
        based_on: The version it is a copy of, or None when it started empty.
    """

    path: Path
    run_id: str
    based_on: Version | None


class Warehouse:
    """The files of one warehouse directory."""

    def __init__(self, directory: Path, *, keep_versions: int = 5) -> None:
        """Name the directory; nothing is created before a run takes the lock."""
        self.directory = directory
        self.published_path = directory / PUBLISHED_NAME
        self.versions_dir = directory / "versions"
        self.build_dir = directory / "build"
        self.build_path = self.build_dir / PUBLISHED_NAME
        self._keep_versions = keep_versions
        self._lock_path = directory / ".lock"
        self._holder_path = directory / HOLDER_NAME

    @contextlib.contextmanager
    def lock(self, run_id: str, *, what: str = "Run") -> Iterator[None]:
        """Hold the warehouse for one run; the system frees it even if the process is killed.

        Args:
            run_id: The run, or the version that is worked on.
            what: What holds it, for whoever has to wait.

        Raises:
            WarehouseBusyError: Another run holds it; says who and since when.
            NotAWarehouseError: The directory is a file.
            WarehouseError: The directory cannot be written.
        """
        lock = FileLock(self._lock_path)
        if self.directory.exists() and not self.directory.is_dir():
            message = (
                f"The warehouse directory {self.directory} is a file. Name a directory by "
                "--warehouse, a new one if you like."
            )
            raise NotAWarehouseError(message)
        with in_words("The warehouse directory", self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise WarehouseBusyError(self._busy_text()) from error
        try:
            holder = {
                "what": what,
                "run_id": run_id,
                "pid": os.getpid(),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            with in_words("The warehouse directory", self.directory):
                self._holder_path.write_text(json.dumps(holder), encoding="utf-8")
            yield
        finally:
            self._holder_path.unlink(missing_ok=True)
            lock.release()

    def _busy_text(self) -> str:
        try:
            holder = json.loads(self._holder_path.read_text(encoding="utf-8"))
            who = (
                f"{holder['what']} {holder['run_id']} "
                f"(process {holder['pid']}, since {holder['since']})"
            )
        except (OSError, ValueError, KeyError, TypeError):
            who = "Another run"  # it has the lock, but has not signed yet
        return (
            f"{who} holds the warehouse {self.directory}. Only one run works at a time: "
            "wait until it is done, or name another directory by --warehouse."
        )

    def current_version(self) -> Version | None:
        """The published version, or None if nothing is published.

        Raises:
            NotAWarehouseError: The published path is no link to a file.
        """
        self.refuse_foreign_file()
        if not self.published_path.is_symlink():
            return None
        target = self.published_path.resolve()
        if not target.is_file():
            message = (
                f"{self.published_path} points to {target}, which does not exist. Restore that "
                "file, or remove the link: the next run then builds everything anew."
            )
            raise NotAWarehouseError(message)
        return Version(target)

    def refuse_foreign_file(self) -> None:
        """Do not go on where something else stands in the place of the published link.

        Raises:
            NotAWarehouseError: The published path is a file or a directory of its own.
        """
        if self.published_path.exists() and not self.published_path.is_symlink():
            message = (
                f"{self.published_path} is not the link that a run makes, but a file or a "
                "directory of its own. Move it away, or name another directory by --warehouse."
            )
            raise NotAWarehouseError(message)

    def versions(self) -> tuple[Version, ...]:
        """All versions on disk, newest first."""
        if not self.versions_dir.is_dir():
            return ()
        paths = self.versions_dir.glob(f"{VERSION_PREFIX}*{VERSION_SUFFIX}")
        return tuple(Version(path) for path in sorted(paths, reverse=True))

    def fresh_temp_dir(self) -> Path:
        """An empty directory for a run's temporary files. Needs the lock.

        It lies in the warehouse, and not where the system keeps such files, so that the next
        run finds and removes what a killed one left.
        """
        path = self.directory / "tmp"
        with in_words("The directory for temporary files", path):
            if path.exists():
                shutil.rmtree(path)
            path.mkdir()
        return path

    def begin_build(self, run_id: str, base: Version | None) -> Build:
        """Make the build file: a copy of ``base``, or empty. Needs the lock.

        What a killed run left in the build directory is removed first, the write-ahead log
        above all: DuckDB would replay it into the new file, or refuse to open.
        """
        build = Build(self.build_path, run_id, base)
        with in_words("The build file", build.path):
            if self.build_dir.exists():
                shutil.rmtree(self.build_dir)
            self.build_dir.mkdir(parents=True)
            if base is not None:
                try:
                    shutil.copyfile(base.path, build.path)
                except BaseException:
                    self.discard(build)  # half a copy would keep a full disk full
                    raise
        return build

    def discard(self, build: Build) -> None:
        """Remove a build that will not be published."""
        shutil.rmtree(build.path.parent, ignore_errors=True)

    def publish(self, build: Build) -> Version:
        """Make the build a version and switch the published path to it. Needs the lock.

        No connection to the build may be open. Until the switch, which is atomic, readers see
        the old version; from then on the new one.

        Raises:
            NotAWarehouseError: The build lacks what a warehouse must have.
            WarehouseError: The disk is full or not writable.
        """
        version = Version(self.versions_dir / f"{VERSION_PREFIX}{build.run_id}{VERSION_SUFFIX}")
        with in_words("The new version", version.path):
            with duckdb.connect(str(build.path)) as connection:
                connection.execute("checkpoint")
            wal(build.path).unlink(missing_ok=True)
            with duckdb.connect(str(build.path), read_only=True) as connection:
                _verify(connection, build.path)
            # Versions never change: a writer that opens one by mistake is refused.
            build.path.chmod(0o444)
            fsync(build.path)
            self.versions_dir.mkdir(exist_ok=True)
            build.path.replace(version.path)
            fsync(self.versions_dir)
            self._switch(version)
            self.build_dir.rmdir()
        self._prune()
        return version

    def rollback(self, to: str | None = None) -> Version:
        """Switch the published path to another version: the run ``to``, or the one before.

        Needs the lock. Also works where the published version was deleted or damaged.

        Raises:
            NoSuchVersionError: There is no such version; says which there are.
            NotAWarehouseError: The version cannot be opened, or the published path is no link.
        """
        self.refuse_foreign_file()
        versions = self.versions()
        if to is not None:
            matching = [version for version in versions if version.run_id == to]
        elif self.published_path.is_symlink():
            current = Version(self.published_path.readlink())
            matching = [version for version in versions if version.run_id < current.run_id]
        else:
            matching = []
        if not matching:
            have = ", ".join(version.run_id for version in versions) or "none"
            wanted = f"version {to}" if to is not None else "earlier version"
            message = f"There is no {wanted} in {self.versions_dir}; there are: {have}."
            raise NoSuchVersionError(message)
        read_info(matching[0])  # readers must be able to open what they are switched to
        with in_words("The published file", self.published_path):
            self._switch(matching[0])
        return matching[0]

    def refresh_dev_copy(self, copy: Path) -> tuple[Version, bool]:
        """Make the development copy, unless it already is one of the published version.

        Returns:
            The published version, and whether the copy was made anew.

        Raises:
            NothingPublishedError: There is nothing to copy yet.
            WarehouseError: The copy cannot be written, or a program has it open.
        """
        current = self.current_version()
        if current is None:
            message = (
                f"There is no published warehouse at {self.published_path} to copy. "
                "Run `make pipeline` first."
            )
            raise NothingPublishedError(message)
        if copy.exists():
            try:
                if read_info(Version(copy)).run_id == current.run_id:
                    return current, False
            except NotAWarehouseError as error:
                if "lock" in str(error).lower():
                    raise  # another dbt works on it: replacing it would pull it away
        with in_words("The development copy", copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = copy.with_suffix(".new")
            shutil.copyfile(current.path, fresh)
            wal(copy).unlink(missing_ok=True)
            fresh.replace(copy)
        return current, True

    def _switch(self, version: Version) -> None:
        # The log of someone who wrote through the published path belongs to the old version;
        # beside the new one it would keep everybody from opening it.
        wal(self.published_path).unlink(missing_ok=True)
        fresh = self.directory / f".{PUBLISHED_NAME}.new"
        fresh.unlink(missing_ok=True)
        # Relative, so that the directory can be moved or mounted elsewhere.
        fresh.symlink_to(version.path.relative_to(self.directory))
        fresh.replace(self.published_path)
        fsync(self.directory)

    def _prune(self) -> None:
        """Keep the newest versions, and the published one wherever it stands."""
        current = self.current_version()
        for version in self.versions()[self._keep_versions :]:
            if current is None or not version.path.samefile(current.path):
                try:
                    version.path.unlink()
                    wal(version.path).unlink(missing_ok=True)
                except OSError as error:  # published already: no reason to fail the run
                    logger.warning("The old version %s stays: %s", version.path, error)


def _verify(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    fetch_info(connection)
    found = _schemas_with_tables(connection)
    missing = [schema for schema in REQUIRED_SCHEMAS if schema not in found]
    if missing:
        message = (
            f"The build {path} has no table in {' and '.join(missing)}, so it is not "
            "published. Run the pipeline without --select to build every model."
        )
        raise NotAWarehouseError(message)


def _schemas_with_tables(connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    rows = connection.execute(
        "select distinct schema_name from duckdb_tables() where not internal and not temporary"
    ).fetchall()
    return [row[0] for row in rows]
