"""What is asked of a warehouse beside runs: backup, restore, rollback, what is kept.

How each is done is in ``backup``, ``restore``, ``export`` and ``store``; here are the words.
"""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from orchestration.errors import (
    EXIT_DONE,
    DamagedVersionError,
    NothingPublishedError,
    WarehouseError,
)
from orchestration.settings import Settings
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.backup import MANIFEST, BackupDirectory, read_backup, read_manifest
from orchestration.warehouse.backup_signature import check_signature
from orchestration.warehouse.export import export
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.version_record import check_file
from orchestration.warehouse.versions import Version, WarehouseInfo, read_info


def _published(settings: Settings, what_for: str) -> Version:
    version = _warehouse(settings).current_version()
    if version is None:
        message = (
            f"There is no published warehouse at {settings.published_path} to {what_for}. "
            "Run `make pipeline` first."
        )
        raise NothingPublishedError(message)
    return version


def export_tables(settings: Settings) -> int:
    """Write core and marts as Parquet files; returns the exit code."""
    console = _console()
    version = _published(settings, "export")
    started = time.monotonic()
    link = export(version, settings.exports_dir, memory_limit=settings.memory_limit)
    files = list(link.glob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    _say(console, "exported", f"{link} -> version {version.run_id}")
    _say(console, "content", f"{len(files)} tables of core and marts, {_megabytes(size)}")
    _say(console, "time", f"{time.monotonic() - started:.1f} s")
    return EXIT_DONE


def back_up(settings: Settings) -> int:
    """Back the published version up; returns the exit code."""
    console = _console()
    version = _published(settings, "back up")
    started = time.monotonic()
    made = _backups(settings).write(version, memory_limit=settings.memory_limit)
    _say(console, "backup", str(made.path))
    _say(console, "version", f"{version.run_id}: {_origin(made.manifest.info)}")
    _say(
        console,
        "content",
        f"{len(made.manifest.tables)} tables, {made.manifest.num_rows:,} rows, "
        f"{len(made.manifest.views)} views, {_megabytes(made.manifest.size)}",
    )
    _say(console, "time", f"{time.monotonic() - started:.1f} s, read back and compared")
    return EXIT_DONE


def restore_backup(
    settings: Settings, name: str | None = None, *, check: bool = False, unsigned: bool = False
) -> int:
    """Publish a version made from a backup; returns the exit code.

    Args:
        settings: Say where warehouse and backups are.
        name: Of the backup, or its path; the newest by default.
        check: Only check its files.
        unsigned: Accept one that this machine's key did not sign.
    """
    console = _console()
    started = time.monotonic()
    backup = read_backup(_backups(settings).find(name))
    manifest = backup.manifest
    _say(console, "backup", str(backup.path))
    _say(console, "version", f"{manifest.info.run_id}: {_origin(manifest.info)}")
    if not unsigned:
        check_signature(backup.path, backup.path / MANIFEST, settings.signing_key)
    _say(console, "signature", "not asked for" if unsigned else "of this key")
    if check:
        _say(console, "checked", f"all {len(manifest.files())} files are as they were written")
        return EXIT_DONE
    warehouse = _warehouse(settings)
    with warehouse.lock(manifest.info.run_id, what="A restore of"):
        restored = restore(backup, warehouse, memory_limit=settings.memory_limit)
    _say(console, "published", f"{settings.published_path} -> version {restored.run_id}")
    _say(
        console,
        "compared",
        f"{len(manifest.tables)} tables, {manifest.num_rows:,} rows: all as in the backup",
    )
    _say(console, "time", f"{time.monotonic() - started:.1f} s")
    return EXIT_DONE


def roll_back(settings: Settings, to: str | None = None) -> int:
    """Switch readers to an earlier version, else to the one before; returns the exit code."""
    console = _console()
    warehouse = _warehouse(settings)
    with warehouse.lock(to or "to the version before", what="A rollback"):
        version = warehouse.rollback(to)
    _say(console, "published", f"{settings.published_path} -> version {version.run_id}")
    _say(console, "version", f"{version.run_id}: {_origin(read_info(version))}")
    _say(console, "note", "The next run starts from this version.")
    return EXIT_DONE


def list_kept(settings: Settings, *, verify: bool = False) -> int:
    """Print versions and backups; returns the exit code.

    Raises:
        DamagedVersionError: With ``verify``, one is not as it was written.
    """
    console = _console()
    damaged = _list_versions(settings, console, verify=verify)
    damaged += _list_backups(settings, console, verify=verify)
    if verify and damaged:
        message = (
            f"Damaged: {', '.join(damaged)}. If readers see a damaged version, switch to a "
            'sound one: make rollback ARGS="--to RUN_ID". Move the damaged ones away.'
        )
        raise DamagedVersionError(message)
    return EXIT_DONE


def _list_versions(settings: Settings, console: Console, *, verify: bool) -> list[str]:
    """Print them; returns those that cannot be used."""
    warehouse = _warehouse(settings)
    link = warehouse.published_path
    published = Version(link.readlink()).run_id if link.is_symlink() else None
    found = warehouse.versions()
    damaged: list[str] = []
    console.print(f"versions in {warehouse.versions_dir}, {settings.keep_versions} are kept")
    for version in found:
        mark = "*" if version.run_id == published else " "
        try:
            text = _origin(read_info(version))
            if verify:
                check_file(version)
                text += ", sound"
        except WarehouseError as error:
            text = f"cannot be used: {error}"
            damaged.append(f"version {version.run_id}")
        console.print(f" {mark} {version.run_id}  {_size(version.path)}  {text}")
    if published is not None and published not in {version.run_id for version in found}:
        console.print(f" * {published}  is published, but its file is gone")
        damaged.append(f"version {published}")
    elif published is not None:
        console.print("   (* is what readers see)")
    elif not found:
        console.print("   none")
    return damaged


def _list_backups(settings: Settings, console: Console, *, verify: bool) -> list[str]:
    """Print them; returns those that cannot be used."""
    backups = _backups(settings)
    damaged: list[str] = []
    console.print(f"backups in {backups.directory}, {settings.keep_backups} are kept")
    for path in backups.paths():
        try:
            manifest = read_manifest(path)
            text = f"{_megabytes(manifest.size):>10}  {_origin(manifest.info)}"
            if verify:
                read_backup(path)
                text += ", sound"
        except WarehouseError as error:
            text = f"cannot be used: {error}"
            damaged.append(f"backup {path.name}")
        console.print(f"   {path.name}  {text}")
    if not backups.paths():
        console.print("   none")
    return damaged


def _console() -> Console:
    return Terminal(soft_wrap=True, highlight=False, markup=False)


def _warehouse(settings: Settings) -> Warehouse:
    return Warehouse(settings.warehouse_dir, keep_versions=settings.keep_versions)


def _backups(settings: Settings) -> BackupDirectory:
    return BackupDirectory(
        settings.backups_dir, keep=settings.keep_backups, key_file=settings.signing_key
    )


def _origin(info: WarehouseInfo) -> str:
    built = f"built {info.built_at:%Y-%m-%d %H:%M} UTC"
    synthetic = " (SYNTHETIC)" if info.is_synthetic else ""
    return f"{built}, as of {info.as_of_date or 'unknown'}, {info.source_label}{synthetic}"


def _size(path: Path) -> str:
    return f"{_megabytes(path.stat().st_size):>10}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _say(console: Console, label: str, text: str) -> None:
    console.print(f"{label:<10} {text}")
