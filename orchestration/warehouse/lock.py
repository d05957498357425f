"""Holding a warehouse directory: one process at a time, on a file system that can carry it.

Who holds it is written down for those who have to wait; ``orchestration.warehouse.lock_owner``
reads that. What is found out here costs a run a moment, at the end of it a quarter of an hour's
work.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.errors import NotAWarehouseError, WarehouseBusyError
from orchestration.warehouse.files import in_words, private_files, refuse_bad_name
from orchestration.warehouse.lock_owner import HOLDER_NAME, LOCK_NAME, read_holder, sign

_SECONDS_OF_A_LOOK = 0.2
_PROBE_NAME = ".olist-probe"

# What system calls answer where a file system has no symbolic links, or no locks.
_NOT_SUPPORTED = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


@contextlib.contextmanager
def hold(directory: Path, run_id: str, what: str) -> Iterator[None]:
    """Hold a directory; the system frees it even if the process is killed.

    Files that are made meanwhile cannot be read by other accounts of the machine: they hold
    what customers wrote.

    Args:
        directory: The warehouse; made if it is not there.
        run_id: The run, or the version that is worked on.
        what: What holds it, for anyone who has to wait.

    Raises:
        WarehouseBusyError: Another process holds it; says who and since when.
        NotAWarehouseError: The directory is a file, or on a file system without locks or links.
        WarehouseError: The directory cannot be written.
    """
    refuse_bad_name(directory)
    if "?" in f"{directory}{directory.resolve()}":
        message = (
            f"The warehouse directory {directory} has a question mark in its path, at which "
            "DuckDB cuts the names of files. Rename it, or name another by --warehouse."
        )
        raise NotAWarehouseError(message)
    if directory.exists() and not directory.is_dir():
        message = (
            f"The warehouse directory {directory} is a file. Name a directory by "
            "--warehouse, a new one if you like."
        )
        raise NotAWarehouseError(message)
    lock = FileLock(directory / LOCK_NAME)
    holder_path = directory / HOLDER_NAME
    with private_files():
        with in_words("The warehouse directory", directory):
            directory.mkdir(parents=True, exist_ok=True)
            _acquire(lock, directory)
        try:
            with in_words("The warehouse directory", directory):
                _refuse_without_links(directory)
                sign(directory, what, run_id)
            yield
        finally:
            holder_path.unlink(missing_ok=True)
            lock.release()


def _acquire(lock: FileLock, directory: Path) -> None:
    try:
        # One who only looks whether it is held has it for a moment.
        lock.acquire(timeout=_SECONDS_OF_A_LOOK, poll_interval=0.01)
    except Timeout as error:
        raise WarehouseBusyError(_busy_text(directory)) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        message = (
            f"The file system of {directory} has no locks ({error.strerror}), so two runs "
            "could not be kept apart. Name a directory on a local disk by --warehouse; on "
            "NFS, start the lock service (rpc.statd)."
        )
        raise NotAWarehouseError(message) from error


def _refuse_without_links(directory: Path) -> None:
    """A version is published by a symbolic link; find out at once where there are none."""
    probe = directory / _PROBE_NAME
    probe.unlink(missing_ok=True)
    try:
        probe.symlink_to("nothing")
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
        message = (
            f"The file system of {directory} has no symbolic links ({error.strerror}), and a "
            "version is published by switching one. Name a directory on a file system of Linux "
            "or macOS by --warehouse (exFAT, SMB and drives of Windows have none)."
        )
        raise NotAWarehouseError(message) from error
    finally:
        probe.unlink(missing_ok=True)


def _busy_text(directory: Path) -> str:
    holder = read_holder(directory)
    who = "Another run"  # it has the lock, but has not signed yet
    if holder is not None:
        since = holder.since.isoformat(timespec="seconds")
        who = f"{holder.what} {holder.run_id} (process {holder.pid}, since {since})"
    return (
        f"{who} holds the warehouse {directory}. Only one run works at a time: "
        "wait until it is done, or name another directory by --warehouse."
    )
