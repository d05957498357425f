"""Exports: the tables that people ask for as Parquet files, under a path that stays.

::

    <exports>/<run id>/core.fact_orders.parquet, ...
    <exports>/<run id>/export.json         which version it is
    <exports>/latest -> <run id>           switched at once, when all files are there

For tools that read files: Excel and Power BI, pandas, Spark. What is needed to make a warehouse
again is in a backup, not here.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.errors import NotAWarehouseError, WarehouseBusyError
from orchestration.warehouse.files import fsync, in_words, private_files, refuse_bad_name
from orchestration.warehouse.table_content import literal, tables
from orchestration.warehouse.versions import RUN_ID, Version, fetch_info, open_reader

SCHEMAS = ("core", "marts")
LATEST = "latest"
RECORD = "export.json"


def export(version: Version, directory: Path, *, memory_limit: str | None = None) -> Path:
    """Write the tables of a version, and have ``latest`` lead to them.

    The export before is kept, for programs that have its directory open; older ones are
    removed.

    Args:
        version: What is exported.
        directory: Of all exports.
        memory_limit: Memory DuckDB may use.

    Returns:
        The link.

    Raises:
        WarehouseBusyError: Another export is being written.
        NotAWarehouseError: ``latest`` is no link of an export.
        WarehouseError: The disk is full or not writable.
    """
    link = directory / LATEST
    with private_files(), in_words("The export", link):
        refuse_bad_name(directory)
        directory.mkdir(parents=True, exist_ok=True)
        if link.exists() and not link.is_symlink():
            message = (
                f"{link} is not the link that an export makes. Move it away, or name another "
                "directory by OLIST_EXPORT_DIR."
            )
            raise NotAWarehouseError(message)
        lock = FileLock(directory / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            message = f"Another export is being written to {directory}. Wait for it."
            raise WarehouseBusyError(message) from error
        try:
            target = directory / version.run_id
            for left in directory.glob(".*.new"):  # of an export that was killed
                _remove(left)
            if not target.exists():
                aside = directory / f".{version.run_id}.new"
                try:
                    _write(version, aside, memory_limit)
                    aside.rename(target)
                except BaseException:
                    _remove(aside)
                    raise
            before = link.resolve().name if link.is_symlink() else None
            _switch(link, version.run_id)
            for other in directory.iterdir():
                if RUN_ID.fullmatch(other.name) and other.name not in (version.run_id, before):
                    _remove(other)
        finally:
            lock.release()
    return link


def _write(version: Version, directory: Path, memory_limit: str | None) -> None:
    directory.mkdir()
    with open_reader(version.path) as connection:
        if memory_limit is not None:
            connection.execute(f"set memory_limit = {literal(memory_limit)}")
        for table in tables(connection):
            if table.schema in SCHEMAS:
                path = directory / f"{table.schema}.{table.name}.parquet"
                connection.execute(
                    f"copy {table.full_name} to {literal(str(path))}"
                    " (format parquet, compression zstd)"
                )
                fsync(path)
        record = asdict(fetch_info(connection))
    text = json.dumps(record, default=str, indent=2, ensure_ascii=False) + "\n"
    (directory / RECORD).write_text(text, encoding="utf-8")
    fsync(directory)


def _switch(link: Path, name: str) -> None:
    fresh = link.with_name(f".{link.name}.link")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(link)
    fsync(link.parent)


def _remove(directory: Path) -> None:
    """Remove an export; a directory that holds no file of one is somebody else's."""
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else set()
    if all(name == RECORD or name.endswith(".parquet") for name in names):
        shutil.rmtree(directory, ignore_errors=True)
