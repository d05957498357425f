"""The warehouse directory: build copy, versions, publish, rollback, one run at a time.

A run works in a build file and never touches what people read. Publishing makes the build a
version of its own and then swaps one symlink::

    <warehouse>/olist.duckdb -> versions/<run id>/olist.duckdb
    <warehouse>/versions/.published          the run id that the link was last switched to
    <warehouse>/.olist-build/olist.duckdb    only while a run works
    <warehouse>/.olist-tmp                   empty between runs
    <warehouse>/.lock                        held by the run that works

The last three are removed or overwritten without asking, so they have names that nobody else
uses: the directory may hold other things, and what no run of ours made is never removed. What
the tables hold is no matter of this module. Readers, and what a version says of itself, are in
``orchestration.warehouse.versions``; their names can be imported from here.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import (
    DamagedVersionError,
    NoSuchVersionError,
    NotAWarehouseError,
    NothingPublishedError,
    WarehouseError,
)
from orchestration.terminal.signals import last_moment_to_stop
from orchestration.warehouse.files import fsync, in_words, sha256, wal
from orchestration.warehouse.lock import hold
from orchestration.warehouse.version_record import (
    VersionRecord,
    before,
    check_file,
    prune,
    read_whole,
    sequence,
    write_record,
)
from orchestration.warehouse.versions import (
    FILE_NAME,
    FORMER_NAMES,
    RECORD_NAME,
    RUN_ID,
    STORAGE_VERSION,
    Version,
    WarehouseInfo,
    fetch_info,
    make_file,
    open_reader,
    read_info,
    storage_version,
    version_path,
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


PUBLISHED_NAME = FILE_NAME

# A version is published only if these hold something.
REQUIRED_SCHEMAS = ("raw", "core")


@dataclass(frozen=True, slots=True)
class Build:
    """A file in the making.

    Attributes:
        path: The DuckDB file to work on.
        run_id: The run it belongs to.
        based_on: The version it is a copy of, or None when it started empty.
        is_converted: Whether that version had a storage that older clients cannot read.
    """

    path: Path
    run_id: str
    based_on: Version | None
    is_converted: bool = False


class Warehouse:
    """The files of one warehouse directory."""

    def __init__(self, directory: Path, *, keep_versions: int = 5) -> None:
        """Name the directory; nothing is created before a run takes the lock."""
        self.directory = directory
        self.published_path = directory / PUBLISHED_NAME
        self.versions_dir = directory / "versions"
        self.build_dir = directory / ".olist-build"
        self.build_path = self.build_dir / PUBLISHED_NAME
        self._keep_versions = keep_versions
        self._mark_path = self.versions_dir / ".published"

    def lock(
        self, run_id: str, *, what: str = "Run"
    ) -> contextlib.AbstractContextManager[None]:
        """Hold the warehouse for one run; see ``orchestration.warehouse.lock``.

        Args:
            run_id: The run, or the version that is worked on.
            what: What holds it, for anyone who has to wait.
        """
        return hold(self.directory, run_id, what)

    def current_version(self) -> Version | None:
        """The published version, or None if nothing is published.

        Raises:
            NotAWarehouseError: The published path is no link to a file, or the link is gone
                while versions are there.
        """
        self.refuse_foreign_file()
        if not self.published_path.is_symlink():
            self._refuse_lost_link()
            return None
        target = self.published_path.resolve()
        if not target.is_file():
            others = self.versions()
            way = (
                f'make rollback ARGS="--to {others[0].run_id}" switches to the newest version '
                "that is left."
                if others
                else "Restore that file (make restore), or remove the link: "
                "the next run then starts from an empty warehouse."
            )
            message = f"{self.published_path} points to {target}, which does not exist. {way}"
            raise NotAWarehouseError(message)
        return Version(target)

    def _refuse_lost_link(self) -> None:
        """Without its link a warehouse looks new, and a run would start from nothing.

        A version that was made by a run killed just before its first switch is no sign of a
        lost link: no reader has ever seen it.
        """
        versions = self.versions()
        was_published = self._mark_path.exists() or any(
            version.record_path is None for version in versions
        )
        if versions and was_published:
            message = (
                f"The link {self.published_path} is gone, but {self.versions_dir} holds "
                f"versions, the newest of run {versions[0].run_id}. A run would start from an "
                "empty warehouse and lose what only they hold. Put the link back with "
                f'make rollback ARGS="--to {versions[0].run_id}". To start from nothing '
                f"indeed, move {self.versions_dir} away."
            )
            raise NotAWarehouseError(message)

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
        """All versions on disk, in the order of publishing, newest first.

        Those without a record, of the former layout above all, come last, by name.
        """
        if not self.versions_dir.is_dir():
            return ()
        found = [Version(path) for path in self.versions_dir.glob(FORMER_NAMES)]
        found += [Version(path) for path in self.versions_dir.glob(f"*/{FILE_NAME}")]
        ours = [version for version in found if RUN_ID.fullmatch(version.run_id)]
        return tuple(sorted(ours, key=lambda one: (sequence(one), one.run_id), reverse=True))

    def check(self, version: Version, digest: str | None = None) -> None:
        """Compare a version with the checksum that was recorded when it was made.

        Raises:
            DamagedVersionError: Says what is wrong, and which version to use instead.
        """
        try:
            check_file(version, digest)
        except DamagedVersionError as error:
            message = f"Version {version.run_id} is damaged: {error}. {self._way_out(version)}"
            raise DamagedVersionError(message) from error

    def _way_out(self, damaged: Version) -> str:
        for version in self.versions():
            if version.run_id == damaged.run_id:
                continue
            try:
                check_file(version)
            except WarehouseError:
                continue
            return (
                f"The newest sound version is {version.run_id}: switch to it with "
                f'make rollback ARGS="--to {version.run_id}", then run again.'
            )
        return "No other version is sound: restore a backup with make restore."

    def fresh_temp_dir(self) -> Path:
        """An empty directory for a run's temporary files. Needs the lock.

        It lies in the warehouse, and not where the system keeps such files, so that the next
        run finds and removes what a killed one left.
        """
        path = self.directory / ".olist-tmp"
        with in_words("The directory for temporary files", path):
            if path.exists():
                shutil.rmtree(path)
            path.mkdir()
        return path

    def begin_build(
        self, run_id: str, base: Version | None, *, memory_limit: str | None = None
    ) -> Build:
        """Make the build file: a copy of ``base``, or empty. Needs the lock.

        What a killed run left in the build directory is removed first, the write-ahead log
        above all: DuckDB would replay it into the new file, or refuse to open.

        Args:
            run_id: The run.
            base: The version to start from.
            memory_limit: Memory DuckDB may use, should the base have to be converted.

        Raises:
            DamagedVersionError: The base is not as it was written.
            WarehouseError: The disk is full or not writable.
        """
        is_converted = base is not None and storage_version(base) != STORAGE_VERSION
        build = Build(self.build_path, run_id, base, is_converted)
        with in_words("The build file", build.path):
            if self.build_dir.exists():
                shutil.rmtree(self.build_dir)
            self.build_dir.mkdir(parents=True)
            try:
                if base is not None and not is_converted:
                    shutil.copyfile(base.path, build.path)
                    self.check(base, sha256(build.path))
                else:
                    make_file(build.path, content=base, memory_limit=memory_limit)
            except BaseException:
                self.discard(build)  # half a copy would keep a full disk full
                raise
        return build

    def discard(self, build: Build) -> None:
        """Remove a build that will not be published."""
        shutil.rmtree(build.path.parent, ignore_errors=True)

    def publish(self, build: Build, *, is_unchanged: bool = False) -> Version:
        """Make the build a version and switch the published path to it. Needs the lock.

        No connection to the build may be open. Until the switch, which is atomic, readers see
        the old version; from then on the new one.

        Args:
            build: What a run has made.
            is_unchanged: Whether its tables are as the version it started from holds them, of
                which the checksum was compared. Others are read whole.

        Raises:
            NotAWarehouseError: The build lacks what a warehouse must have.
            DamagedVersionError: A table of the build cannot be read.
            WarehouseError: The disk is full or not writable.
        """
        version = Version(version_path(self.versions_dir, build.run_id))
        with in_words("The new version", version.path):
            with duckdb.connect(str(build.path)) as connection:
                connection.execute("checkpoint")
            wal(build.path).unlink(missing_ok=True)
            with duckdb.connect(str(build.path), read_only=True) as connection:
                _verify(connection, build.path)
                if not is_unchanged or build.is_converted:
                    _read_whole(connection, build.path)
            # Versions never change: a writer that opens one by mistake is refused.
            build.path.chmod(0o440)
            fsync(build.path)
            self._record(build)
            self.versions_dir.mkdir(exist_ok=True)
            last_moment_to_stop()
            _move(build.path.parent, version.path.parent)
            fsync(self.versions_dir)
            self._switch(version)
        prune(self.versions(), self.current_version(), keep=self._keep_versions)
        return version

    def _record(self, build: Build) -> None:
        """Write the checksum of a finished build, and its place among the versions."""
        link = self.published_path
        record = VersionRecord(
            sequence=max((sequence(version) for version in self.versions()), default=0) + 1,
            previous=Version(link.readlink()).run_id if link.is_symlink() else None,
            size=build.path.stat().st_size,
            sha256=sha256(build.path),
        )
        path = build.path.with_name(RECORD_NAME)
        write_record(path, record)
        path.chmod(0o440)
        fsync(path)
        fsync(path.parent)

    def rollback(self, to: str | None = None) -> Version:
        """Switch the published path to another version: the run ``to``, or the one before.

        Needs the lock. Also works where the published version was deleted or damaged.

        Raises:
            NoSuchVersionError: There is no such version; says which there are.
            NotAWarehouseError: The version cannot be opened, or the published path is no link.
            DamagedVersionError: The version is not as it was written.
        """
        self.refuse_foreign_file()
        versions = self.versions()
        if to is not None:
            matching = [version for version in versions if version.run_id == to]
        elif self.published_path.is_symlink():
            current = Version(self.directory / self.published_path.readlink())
            matching = before(current, versions)
        else:
            matching = []
        if not matching:
            have = ", ".join(version.run_id for version in versions) or "none"
            wanted = f"version {to}" if to is not None else "earlier version"
            message = f"There is no {wanted} in {self.versions_dir}; there are: {have}."
            raise NoSuchVersionError(message)
        self.check(matching[0])
        with open_reader(matching[0].path) as connection:
            _read_whole(connection, matching[0].path)
        with in_words("The published file", self.published_path):
            self._switch(matching[0])
        return matching[0]

    def refresh_dev_copy(self, copy: Path) -> tuple[Version, bool]:
        """Make the development copy, unless it already is one of the published version.

        Returns:
            The published version, and whether the copy was made again.

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
        # What is no copy of ours is not replaced, nor one that another dbt has open.
        if copy.exists() and read_info(Version(copy)).run_id == current.run_id:
            return current, False
        with in_words("The development copy", copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = copy.with_suffix(".new")
            shutil.copyfile(current.path, fresh)
            wal(copy).unlink(missing_ok=True)
            fresh.replace(copy)
        return current, True

    def _switch(self, version: Version) -> None:
        last_moment_to_stop()
        # The log of someone who wrote through the published path belongs to the old version;
        # beside the new one it would keep everybody from opening it.
        wal(self.published_path).unlink(missing_ok=True)
        fresh = self.directory / f".{PUBLISHED_NAME}.new"
        fresh.unlink(missing_ok=True)
        # Relative, so that the directory can be moved or mounted elsewhere.
        fresh.symlink_to(version.path.relative_to(self.directory))
        fresh.replace(self.published_path)
        fsync(self.directory)
        self._mark_path.write_text(f"{version.run_id}\n", encoding="utf-8")


def _move(build_dir: Path, version_dir: Path) -> None:
    """Make the build directory that of a version.

    Where the version is there already, as when it is restored, its file is replaced. It has no
    record meanwhile: one that is missing says less than a wrong one.
    """
    if not version_dir.exists():
        build_dir.rename(version_dir)
        return
    (version_dir / RECORD_NAME).unlink(missing_ok=True)
    for name in (FILE_NAME, RECORD_NAME):
        (build_dir / name).replace(version_dir / name)
    fsync(version_dir)
    shutil.rmtree(build_dir)


def _read_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        read_whole(connection)
    except DamagedVersionError as error:
        message = f"{path} is damaged: {error}. Nothing was switched. Check the disk."
        raise DamagedVersionError(message) from error


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
