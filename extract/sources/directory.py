"""A directory of CSV files, used where it lies.

Nothing is copied or changed. A directory that holds one zip instead of CSV files is
recognised here and opened by ``extract.sources.archive``.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from extract.errors import SourceError
from extract.sources.files import (
    SourceFiles,
    SourceKind,
    expected_file_names,
    missing_files_error,
)
from extract.tables import TABLES


def list_files(directory: Path) -> list[Path]:
    """List the entries of a directory by name.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        return sorted(directory.iterdir())
    except PermissionError as error:
        raise SourceError(
            f"The directory {directory} cannot be read: permission denied. Give the user who "
            f"runs this read access (chmod u+rx), or choose another source."
        ) from error
    except OSError as error:
        raise SourceError(
            f"The directory {directory} cannot be read: {error.strerror or error}."
        ) from error


def only_zip(directory: Path) -> Path | None:
    """Give the one zip of a directory without any of the nine CSV files, or None.

    Raises:
        SourceError: There are several zips, so which one is meant is not clear, or the
            directory cannot be read.
    """
    entries = list_files(directory)
    if {entry.name for entry in entries} & set(expected_file_names()):
        return None
    zips = [entry for entry in entries if _is_zip(entry)]
    parts = [
        entry for entry in zips if entry.name.removesuffix(".zip") in expected_file_names()
    ]
    if len(parts) > 1:
        raise SourceError(
            f"The directory {directory} holds {len(parts)} zips of one CSV file each "
            f"({', '.join(entry.name for entry in parts[:3])}, ...), as Kaggle delivers single "
            f"files. Unpack all of them into one directory and name that: unzip '*.zip'"
        )
    if len(zips) > 1:
        raise SourceError(
            f"The directory {directory} holds {len(zips)} zip files and no CSV files "
            f"({', '.join(entry.name for entry in zips)}). Name the one to load."
        )
    return zips[0] if zips else None


def open_directory(
    directory: Path,
    *,
    kind: SourceKind = "directory",
    label: str | None = None,
    is_synthetic: bool = False,
) -> SourceFiles:
    """Find the nine files in a directory and see that each can be read.

    Raises:
        SourceError: The directory or a file cannot be read, or holds nothing of use.
        ContractError: Some of the nine files are missing.
    """
    entries = list_files(directory)
    by_name = {entry.name: entry for entry in entries}
    wanted = expected_file_names()
    if not any(name.lower().endswith(".csv") for name in by_name):
        raise SourceError(_nothing_of_use(directory, entries))
    if any(name not in by_name for name in wanted):
        raise missing_files_error(f"The directory {directory}", by_name)
    for name in wanted:
        _check_readable(by_name[name])
    return SourceFiles(
        kind=kind,
        label=label or f"the directory {directory}",
        is_synthetic=is_synthetic,
        directory=directory,
        paths={table.name: by_name[table.file_name] for table in TABLES},
    )


def _nothing_of_use(directory: Path, entries: list[Path]) -> str:
    text = f"The directory {directory} holds neither the nine CSV files nor a zip of them. "
    for entry in entries:
        if entry.is_dir() and any((entry / name).exists() for name in expected_file_names()):
            return text + f"The files are in {entry}: name that directory."
    return text + "Name the directory or the zip with the Olist files."


def _is_zip(path: Path) -> bool:
    try:
        return path.is_file() and zipfile.is_zipfile(path)
    except OSError:
        return False


def _check_readable(path: Path) -> None:
    if not path.is_file():
        raise SourceError(f"{path} is not a file. Replace it with the CSV of that name.")
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}. Give the user who runs this "
            f"read access to it (chmod u+r)."
        ) from error
