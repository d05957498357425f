"""Small help with files: errors in words, checksums, what must reach the disk.

Nothing here knows what a file holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.errors import WarehouseError, advice

# Surrogates are how Python spells bytes that are not UTF-8.
_BAD_CHARACTERS = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")


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


def refuse_bad_name(path: Path) -> None:
    """Do not go on with a path that DuckDB would take for another one, or cannot take at all.

    Raises:
        WarehouseError: It is not UTF-8, or holds a backslash.
    """
    if _BAD_CHARACTERS.search(f"{path}{path.resolve()}"):
        message = (
            f"The directory {str(path)!r} has characters in its path that DuckDB or a log "
            "cannot take: a backslash, a line break or another control character, or bytes "
            "that are not UTF-8. Rename it, or name another."
        )
        raise WarehouseError(message)


def first_line(error: BaseException) -> str:
    """What an error says, without the lines that only a developer reads."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def wal(path: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside a file."""
    return path.with_name(path.name + ".wal")


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Let what this process makes be read by its own account and group, by nobody else."""
    before = os.umask(0o077)
    os.umask(before | 0o027)
    try:
        yield
    finally:
        os.umask(before)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as ``sha256sum`` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync(path: Path) -> None:
    """Have a file or a directory on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
