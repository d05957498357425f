"""The zip as Kaggle delivers it, unpacked into a temporary directory.

An archive is treated as hostile: only the nine expected members are written, under their
base names, and what is written is counted while it is written. Reading the CSV files is
no task of this module.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from extract.errors import SourceError
from extract.sources.directory import open_directory
from extract.sources.files import (
    SourceFiles,
    SourceKind,
    expected_file_names,
    missing_files_error,
)

# The real dataset unpacks to 126 MB; 20 GiB leaves room for about 150 times that, and stops
# an archive that would fill the disk.
MAX_TOTAL_BYTES = 20 * 1024**3
# The real members shrink by 2 to 5; repetitive CSV text by 20 or 30. Deflate can reach 1,030,
# which only bombs do.
MAX_RATIO = 100
# Below this a high ratio harms nobody (a file of one repeated short line).
RATIO_FLOOR_BYTES = 10 * 1024**2

_CHUNK_BYTES = 1024**2
_ENCRYPTED_FLAG = 0x1
_LOCAL_HEADER = b"PK\x03\x04"
_DOWNLOAD_AGAIN = "Download it again."


def looks_like_zip(path: Path) -> bool:
    """Tell by content, not by name, whether a file is (or began as) a zip.

    A truncated archive counts: its start is there, and the message about it is then right.
    """
    with path.open("rb") as stream:
        start = stream.read(len(_LOCAL_HEADER))
    return start == _LOCAL_HEADER or zipfile.is_zipfile(path)


def open_archive(
    path: Path, directory: Path, *, kind: SourceKind = "archive", label: str | None = None
) -> SourceFiles:
    """Unpack the nine members of a zip and hand them over.

    Args:
        path: The zip.
        directory: An empty directory to write into; the caller removes it.
        kind: What the result is to say it is.
        label: The source in words; by default the name of the archive.

    Raises:
        SourceError: The archive is damaged, encrypted, unsafe, or too large.
        ContractError: Some of the nine files are not in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _choose_members(path, archive.infolist())
            _check_room(path, members, directory)
            written = 0
            for member in members:
                written = _unpack(path, archive, member, directory, written)
    except zipfile.BadZipFile as error:
        raise SourceError(_damaged(path, error)) from error
    except PermissionError as error:
        raise SourceError(
            f"The archive {path} cannot be read: permission denied. Give the user who runs "
            f"this read access to it (chmod u+r)."
        ) from error
    return open_directory(directory, kind=kind, label=label or f"the archive {path.name}")


def _choose_members(path: Path, infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    wanted = set(expected_file_names())
    chosen: dict[str, zipfile.ZipInfo] = {}
    others: list[str] = []
    for info in infos:
        _refuse_unsafe_path(path, info)
        member = PurePosixPath(info.filename)
        if info.is_dir() or "__MACOSX" in member.parts:
            continue
        if member.name not in wanted:
            others.append(member.name)
            continue
        if member.name in chosen:
            raise SourceError(
                f"The archive {path.name} holds {member.name} twice ({info.filename} and "
                f"{chosen[member.name].filename}). Which one counts cannot be known: remove "
                f"one and pack it again."
            )
        _refuse_unusable(path, info)
        chosen[member.name] = info
    if len(chosen) < len(wanted):
        raise _incomplete(path, [*chosen, *others])
    return list(chosen.values())


def _refuse_unsafe_path(path: Path, info: zipfile.ZipInfo) -> None:
    # orig_filename is the name before zipfile cuts it at a NUL or turns separators.
    names = (info.filename, info.orig_filename)
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
            raise SourceError(
                f"The archive {path.name} is refused: its member {name!r} points outside the "
                f"archive. Such a file is built to overwrite others; get the dataset from "
                f"its own page."
            )


def _refuse_unusable(path: Path, info: zipfile.ZipInfo) -> None:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SourceError(
            f"The archive {path.name} is refused: its member {info.filename} is a symbolic "
            f"link, not a file. Pack the files themselves."
        )
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise SourceError(
            f"The archive {path.name} is encrypted (its member {info.filename} wants a "
            f"password). Unpack it yourself and name the directory as the source."
        )


def _incomplete(path: Path, found: list[str]) -> Exception:
    nested = [name for name in found if name.lower().endswith(".zip")]
    if nested and not any(name in expected_file_names() for name in found):
        return SourceError(
            f"The archive {path.name} holds another zip ({', '.join(nested)}) and not the CSV "
            f"files. Unpack it once and name the inner zip as the source."
        )
    return missing_files_error(f"The archive {path.name}", found)


def _check_room(path: Path, members: Iterable[zipfile.ZipInfo], directory: Path) -> None:
    """Refuse early by what the directory of the archive claims; the bytes are checked later."""
    claimed = sum(member.file_size for member in members)
    if claimed > MAX_TOTAL_BYTES:
        raise SourceError(_too_large(path))
    free = shutil.disk_usage(directory).free
    if claimed > free:
        raise SourceError(
            f"The archive {path.name} unpacks to {claimed:,} bytes, but only {free:,} are free "
            f"under {directory.parent}. Free some space there, or unpack it yourself on a "
            f"larger disk and name the directory as the source."
        )


def _unpack(
    path: Path,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    directory: Path,
    written_before: int,
) -> int:
    target = directory / PurePosixPath(member.filename).name
    try:
        with archive.open(member) as packed:
            return _copy(path, packed, member, target, written_before)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceError(_damaged(path, error, member.filename)) from error
    except (NotImplementedError, RuntimeError) as error:
        raise SourceError(
            f"The member {member.filename} of the archive {path.name} is packed in a way that "
            f"is not supported ({error}). Unpack it yourself and name the directory."
        ) from error
    except OSError as error:
        raise SourceError(
            f"Unpacking {member.filename} from {path.name} failed: {error.strerror or error}. "
            f"See that there is space under {directory.parent}, or unpack it yourself and name "
            f"the directory as the source."
        ) from error


def _copy(
    path: Path, packed: IO[bytes], member: zipfile.ZipInfo, target: Path, written_before: int
) -> int:
    """Write one member, counting real bytes: a header may lie about the size.

    Returns:
        Bytes written to date, this member included.
    """
    size = 0
    with target.open("xb") as out:
        while chunk := packed.read(_CHUNK_BYTES):
            size += len(chunk)
            if written_before + size > MAX_TOTAL_BYTES:
                raise SourceError(_too_large(path))
            if size > RATIO_FLOOR_BYTES and size > MAX_RATIO * max(member.compress_size, 1):
                raise SourceError(
                    f"The archive {path.name} is refused: its member {member.filename} unpacks "
                    f"to more than {MAX_RATIO} times its packed size, which no real data "
                    f"does. Get the dataset from its own page."
                )
            out.write(chunk)
    return written_before + size


def _too_large(path: Path) -> str:
    return (
        f"The archive {path.name} is refused: it unpacks to more than {MAX_TOTAL_BYTES:,} "
        f"bytes. If that is meant, unpack it yourself and name the directory as the source."
    )


def _damaged(path: Path, error: Exception, member: str | None = None) -> str:
    place = f" (in its member {member})" if member else ""
    return (
        f"The archive {path.name} is damaged or was cut short{place}: {error}. "
        f"{_DOWNLOAD_AGAIN}"
    )
