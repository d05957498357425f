"""What can stop a run, by name, and the exit code each one ends in.

Every error here is written for the person at the terminal: what happened, where, and what to
do next, in one paragraph. Errors of the sources are named in ``extract.errors``; the table at
the end is the one place where both families become exit codes.
"""

from __future__ import annotations

from extract.errors import ContractError, DownloadError, SourceError

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_BUSY = 3
EXIT_INTERRUPTED = 130


class PipelineError(Exception):
    """A run cannot go on; the text says why and what to do."""


class SettingsError(PipelineError):
    """A setting, from the environment, .env or an argument, has a value that is not allowed."""


class WarehouseError(PipelineError):
    """The warehouse directory or a file in it cannot be used."""


class WarehouseBusyError(WarehouseError):
    """Another run holds the warehouse."""


class NothingPublishedError(WarehouseError):
    """There is no published version yet."""


class NotAWarehouseError(WarehouseError):
    """What stands at the published path is not a warehouse of this project."""


class DamagedVersionError(WarehouseError):
    """A version is not as it was written."""


class NoSuchVersionError(WarehouseError):
    """A version was asked for that is not kept."""


class BackupError(WarehouseError):
    """A backup is not there, not whole, or not as it was written; nothing was changed."""


class PostgresError(PipelineError):
    """PostgreSQL cannot be used, or refused what was published; what it serves is as it was."""


class PostgresBusyError(PostgresError):
    """Another publication to PostgreSQL is at work."""


class SelectionError(PipelineError):
    """--select names no model or test, or is not in dbt's syntax."""


class TransformError(PipelineError):
    """Models or tests failed, or dbt could not start."""


class TooManyUnusableError(PipelineError):
    """More rows of a table cannot be used than the settings allow."""


class Terminated(KeyboardInterrupt):
    """The process was asked to stop (SIGTERM).

    A KeyboardInterrupt, because DuckDB and dbt know how to wind down on one.
    """


_WRONG_USE = (
    *(SettingsError, SelectionError, SourceError, ContractError),
    *(NoSuchVersionError, BackupError),
)


def exit_code(error: BaseException) -> int:
    """The exit code of the command when ``error`` ended it."""
    if isinstance(error, Terminated):
        return EXIT_FAILED
    if isinstance(error, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    if isinstance(error, (WarehouseBusyError, PostgresError)):
        return EXIT_BUSY
    if isinstance(error, _WRONG_USE):
        return EXIT_WRONG_USE
    return EXIT_FAILED


def may_pass(error: BaseException) -> bool:
    """Whether the same run may succeed in a while: it waits for a lock or a download.

    Bad data stays bad.
    """
    return isinstance(error, (WarehouseBusyError, DownloadError))


def is_of_the_surroundings(error: BaseException) -> bool:
    """Whether the machine, its files or its limits are at fault, and not the program."""
    if isinstance(error, (OSError, MemoryError)):
        return True
    if type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
        return type(error).__name__ in ("IOException", "OutOfMemoryException")
    return isinstance(error, RuntimeError) and "start new thread" in str(error)


def is_disk_full(error: BaseException) -> bool:
    """Whether a disk or a quota ran out, no matter who reported it."""
    text = str(error).lower()
    return any(words in text for words in ("no space left", "disk quota", "file too large"))


def advice(error: BaseException) -> str:
    """What to do about an error of the machine or its files, no matter who reported it."""
    text = str(error).lower()
    if is_disk_full(error):
        return "Free some space on that disk, or name another directory by --warehouse."
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return "Raise OLIST_MEMORY_LIMIT, or lower OLIST_THREADS or --scale."
    if "too many open files" in text or "start new thread" in text:
        return "Raise the limits of the process (ulimit -n, ulimit -u), or end other programs."
    if "permission denied" in text or "read-only file system" in text:
        return "Make the directory writable for this user, or name another by --warehouse."
    if "lock" in text:
        return "Close the program that has the file open."
    return "Check the disk, or name another directory by --warehouse."
