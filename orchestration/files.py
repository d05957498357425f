"""Small help with files: errors in words, what must reach the disk, the log of a database.

Nothing here knows what a file holds.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.errors import WarehouseError, advice


@contextlib.contextmanager
def in_words(what: str, path: Path) -> Iterator[None]:
    """Turn the system's and the database's errors into a sentence with a next action."""
    try:
        yield
    except OSError as error:
        message = f"{what} {path} cannot be written: {error.strerror or error}. {advice(error)}"
        raise WarehouseError(message) from error
    except duckdb.Error as error:
        message = f"{what} {path} cannot be written: {first_line(error)}. {advice(error)}"
        raise WarehouseError(message) from error


def first_line(error: BaseException) -> str:
    """What an error says, without the lines that only a developer reads."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def wal(path: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside a file."""
    return path.with_name(path.name + ".wal")


def fsync(path: Path) -> None:
    """Have a file or a directory on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
