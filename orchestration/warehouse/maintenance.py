"""The command for what is not a run: backup, restore, rollback, and the list of what is kept.

What the words do is in ``orchestration.warehouse.backup``, ``orchestration.warehouse.restore``
and ``orchestration.warehouse.store``; here are arguments, locks, the output and the exit codes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from orchestration.errors import (
    EXIT_DONE,
    DamagedVersionError,
    NothingPublishedError,
    WarehouseError,
)
from orchestration.settings import Settings, load_settings
from orchestration.terminal.entry import READERS_KEEP, guarded, start
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.backup import MANIFEST, BackupDirectory, read_backup, read_manifest
from orchestration.warehouse.backup_signature import check_signature
from orchestration.warehouse.export import export
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.version_record import check_file
from orchestration.warehouse.versions import Version, WarehouseInfo, read_info

EXAMPLES = """\
examples:
  python -m orchestration.warehouse.maintenance versions             what can be switched to or restored
  python -m orchestration.warehouse.maintenance versions --verify    and whether each is sound
  python -m orchestration.warehouse.maintenance backup               of the published version
  python -m orchestration.warehouse.maintenance restore              from the newest backup
  python -m orchestration.warehouse.maintenance restore --from /media/disk/20180901t020500z_of_...
  python -m orchestration.warehouse.maintenance restore --check      read and check it, restore nothing
  python -m orchestration.warehouse.maintenance restore --unsigned   one that another machine wrote
  python -m orchestration.warehouse.maintenance export               Parquet files in exports/latest
  python -m orchestration.warehouse.maintenance rollback             to the version before
  python -m orchestration.warehouse.maintenance rollback --to 20180831t020000z_0a1b2c

or: make versions, make backup, make restore, make export, make rollback, with ARGS="..."

exit codes:
  0 done; 1 it failed, and readers see what they saw before, or --verify found damage; 2 wrong
  use, no such version or backup, or a damaged backup; 3 a run, or another backup, is at work

Settings (OLIST_WAREHOUSE_DIR, OLIST_BACKUP_DIR, OLIST_BACKUP_KEY_FILE, OLIST_KEEP_VERSIONS,
OLIST_KEEP_BACKUPS) come from the environment or .env; .env.example explains each.
"""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    add = common.add_argument
    add("--warehouse", metavar="DIR", help="the warehouse (data/warehouse)")
    add("--backup-dir", metavar="DIR", help="the backups (<warehouse>/backups)")
    add("--verbose", action="store_true", help="show tracebacks")
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.warehouse.maintenance",
        description="Look after the published warehouse: back up, restore, roll back.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    listing = command("versions", "List the versions and the backups that are kept.")
    listing.add_argument(
        "--verify", action="store_true", help="compare each file with its checksum"
    )
    command("backup", "Write the published version as Parquet files with checksums.")
    restoring = command("restore", "Make a version from a backup, and publish it.")
    restoring.add_argument(
        "--from", dest="backup", metavar="BACKUP", help="its name or path (the newest)"
    )
    restoring.add_argument(
        "--check", action="store_true", help="check the backup's files, restore nothing"
    )
    restoring.add_argument(
        "--unsigned",
        action="store_true",
        help="restore a backup that this machine's key did not sign, if you know its origin",
    )
    command("export", "Write the tables of core and marts as Parquet files, under one path.")
    rolling = command("rollback", "Switch readers to an earlier version.")
    rolling.add_argument("--to", metavar="RUN_ID", help="the version (the one before)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    console = Terminal(soft_wrap=True, highlight=False, markup=False)

    def work() -> int:
        settings = load_settings(
            warehouse_dir=arguments.warehouse, backup_dir=arguments.backup_dir
        )
        _COMMANDS[arguments.command](settings, arguments, console)
        return EXIT_DONE

    return guarded(
        work, what=arguments.command, unchanged=READERS_KEEP, verbose=arguments.verbose
    )


def _published(settings: Settings, what_for: str) -> Version:
    version = _warehouse(settings).current_version()
    if version is None:
        message = (
            f"There is no published warehouse at {settings.published_path} to {what_for}. "
            "Run `make pipeline` first."
        )
        raise NothingPublishedError(message)
    return version


def _export(settings: Settings, _: argparse.Namespace, console: Console) -> None:
    version = _published(settings, "export")
    started = time.monotonic()
    link = export(version, settings.exports_dir, memory_limit=settings.memory_limit)
    files = list(link.glob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    _say(console, "exported", f"{link} -> version {version.run_id}")
    _say(console, "content", f"{len(files)} tables of core and marts, {_megabytes(size)}")
    _say(console, "time", f"{time.monotonic() - started:.1f} s")


def _backup(settings: Settings, _: argparse.Namespace, console: Console) -> None:
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


def _restore(settings: Settings, arguments: argparse.Namespace, console: Console) -> None:
    started = time.monotonic()
    backup = read_backup(_backups(settings).find(arguments.backup))
    manifest = backup.manifest
    _say(console, "backup", str(backup.path))
    _say(console, "version", f"{manifest.info.run_id}: {_origin(manifest.info)}")
    if not arguments.unsigned:
        check_signature(backup.path, backup.path / MANIFEST, settings.signing_key)
    _say(console, "signature", "not asked for" if arguments.unsigned else "of this key")
    if arguments.check:
        _say(console, "checked", f"all {len(manifest.files())} files are as they were written")
        return
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


def _rollback(settings: Settings, arguments: argparse.Namespace, console: Console) -> None:
    warehouse = _warehouse(settings)
    with warehouse.lock(arguments.to or "to the version before", what="A rollback"):
        version = warehouse.rollback(arguments.to)
    _say(console, "published", f"{settings.published_path} -> version {version.run_id}")
    _say(console, "version", f"{version.run_id}: {_origin(read_info(version))}")
    _say(console, "note", "The next run starts from this version.")


def _versions(settings: Settings, arguments: argparse.Namespace, console: Console) -> None:
    damaged = _list_versions(settings, console, verify=arguments.verify)
    damaged += _list_backups(settings, console, verify=arguments.verify)
    if arguments.verify and damaged:
        message = (
            f"Damaged: {', '.join(damaged)}. If readers see a damaged version, switch to a "
            'sound one: make rollback ARGS="--to RUN_ID". Move the damaged ones away.'
        )
        raise DamagedVersionError(message)


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


_COMMANDS: dict[str, Callable[[Settings, argparse.Namespace, Console], None]] = {
    "versions": _versions,
    "backup": _backup,
    "restore": _restore,
    "export": _export,
    "rollback": _rollback,
}


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


if __name__ == "__main__":
    start(main)
