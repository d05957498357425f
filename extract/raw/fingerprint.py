"""One pass over a file's bytes: checksum, and how many records it must hold.

The count is made without any CSV reader, so that what DuckDB read can be compared with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from extract.errors import SourceError

_CHUNK_BYTES = 1024**2
_ALL_BUT_QUOTES_AND_ENDS = bytes(set(range(256)) - set(b'"\r\n'))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one pass over the bytes finds.

    Attributes:
        size: Bytes.
        sha256: Checksum, hexadecimal.
        num_records: Lines less the header and less line ends inside quotes: the records of a
            well-formed file without blank lines.
        is_plain: No NUL byte, no carriage return alone outside quotes, and every quote that
            opens is closed. If not, DuckDB may read something else than what stands there.
    """

    size: int
    sha256: str
    num_records: int
    is_plain: bool


def take_fingerprint(path: Path) -> Fingerprint:
    """Read a file once in pieces.

    Raises:
        SourceError: The file cannot be read, or changed while it was read.
    """
    digest = hashlib.sha256()
    ends = quoted_ends = 0
    inside_quotes = has_nul = has_lone_return = False
    held = b""
    last = b"\n"
    try:
        before = path.stat()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                ends += chunk.count(b"\n")
                has_nul = has_nul or b"\0" in chunk
                text = (held + chunk).replace(b"\r\n", b"\n")
                held = b"\r" if text.endswith(b"\r") else b""  # maybe half of a line end
                text = text.removesuffix(held)
                inside, outside, inside_quotes = _by_quotes(text, inside_quotes)
                quoted_ends += inside.count(b"\n")
                has_lone_return = has_lone_return or b"\r" in outside
                last = chunk[-1:]
        after = path.stat()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError(
            f"{path} changed while it was being read. Wait until it is complete and run again."
        )
    lines = ends + (last != b"\n")
    return Fingerprint(
        size=after.st_size,
        sha256=digest.hexdigest(),
        num_records=max(lines - quoted_ends - 1, 0),
        is_plain=not (has_nul or inside_quotes or has_lone_return or held),
    )


def take_checksum(path: Path) -> str:
    """The checksum alone, hexadecimal: enough to know a file again, and a third of the work.

    Raises:
        SourceError: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


def _by_quotes(chunk: bytes, inside: bool) -> tuple[bytes, bytes, bool]:
    """Part the line ends of a chunk into those inside quotes and those outside.

    Two neighbouring quotes cancel out, whether they open and close or stand for one quote,
    so most of a file is gone before anything is split.

    Returns:
        The ends inside, those outside, and whether the chunk ends inside quotes.
    """
    rest = chunk.translate(None, _ALL_BUT_QUOTES_AND_ENDS).replace(b'""', b"")
    parts = rest.split(b'"')
    first = 0 if inside else 1
    outside = b"".join(parts[1 - first :: 2])
    return b"".join(parts[first::2]), outside, inside ^ (len(parts) % 2 == 0)
