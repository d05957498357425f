"""The careful reader: a damaged CSV file parted into good records and rejected ones.

DuckDB's reader is fast and right on sound files. On damaged ones it can lose good rows: an
unterminated quote takes the next line with it, or the rest of the file; mixed line ends stop
it; a line above its buffer size vanishes without a word. So ``extract.raw.reader`` sends files
it cannot verify through here. Good records come out as plain CSV that DuckDB cannot misread;
each bad one becomes a reject with its line number and the reason, and reading resumes at the
very next line.

The file is mapped, not loaded: memory does not grow with it.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# Bytes of one record. The longest real one has under 1,000; DuckDB's own limit is the same.
MAX_RECORD_BYTES = 2_000_000
# Characters of a rejected line that are kept; enough to find and fix it.
MAX_REJECTED_TEXT = 2_000

_QUOTE = b'"'
_SPACE = 0x20
# One field as RFC 4180 has it, within one line and without NUL. Possessive, so that a line
# that does not match fails at once.
_PLAIN_FIELD = rb'(?:"[^"\0]*+(?:""[^"\0]*+)*+"|[^",\r\n\0]*+)'
_FIELD_END = re.compile(rb"[,\n]")

_UNTERMINATED = "a quote is opened and not closed"


class Rejected(NamedTuple):
    r"""One record that cannot be loaded.

    Attributes:
        line_number: Where it starts; the header is line 1.
        column_name: The column the trouble is in, if it is in one.
        reason: What is wrong with it, as a phrase.
        line_text: Its text, shortened; bytes that are not text as ``\xNN``.
    """

    line_number: int
    column_name: str | None
    reason: str
    line_text: str


@dataclass(frozen=True, slots=True)
class Parted:
    """The outcome of parting a file.

    Attributes:
        num_good: Records written to the clean file.
        num_rejected: Records written to the file of rejects.
        num_blank_lines: Lines with nothing on them, which are no records.
    """

    num_good: int
    num_rejected: int
    num_blank_lines: int


class _Record(NamedTuple):
    fields: list[bytes | None]
    end: int


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: str, column: int | None = None, end: int | None = None) -> None:
        """Keep what is wrong, in which column, and where to resume if not at the next line."""
        super().__init__(reason)
        self.reason = reason
        self.column = column
        self.end = end


def part_file(
    path: Path, columns: tuple[str, ...], clean_path: Path, rejects_path: Path
) -> Parted:
    """Part a file into a clean CSV without header and a CSV of rejects.

    Args:
        path: The file; its first line is the header, which was checked before.
        columns: Column names in file order; each record must have as many fields.
        clean_path: Where the good records go, in file order.
        rejects_path: Where the others go, with the columns of ``Rejected``, no header.
    """
    good = rejected = 0
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        clean_path.open("wb") as clean,
        rejects_path.open("wb") as rejects,
    ):
        parting = _Parting(data, columns)
        for item in parting.items():
            if isinstance(item, bytes):
                clean.write(item)
                good += 1
            else:
                rejects.write(_reject_as_csv(item))
                rejected += 1
    return Parted(good, rejected, parting.num_blank_lines)


class _Parting:
    """The walk over one file's records."""

    def __init__(self, data: mmap.mmap, columns: tuple[str, ...]) -> None:
        """Start behind the header."""
        self.num_blank_lines = 0
        self._data = data
        self._columns = columns
        self._plain = re.compile(_PLAIN_FIELD + (b"," + _PLAIN_FIELD) * (len(columns) - 1))

    def items(self) -> Iterator[bytes | Rejected]:
        """Give each record in file order: clean bytes with a line end, or a reject."""
        data, size, plain = self._data, len(self._data), self._plain
        position = _after_line(data, 0, size)
        line_number = 2
        while position < size:
            following = _after_line(data, position, size)
            if following - position <= MAX_RECORD_BYTES:
                line = data[position:following].rstrip(b"\n").removesuffix(b"\r")
                if not line:
                    self.num_blank_lines += 1
                    position, line_number = following, line_number + 1
                    continue
                if plain.fullmatch(line) and _is_text(line):
                    yield line + b"\n"
                    position, line_number = following, line_number + 1
                    continue
            try:
                record = self._parse(position, following)
                yield _as_csv(record.fields)
                resume = record.end
            except _Malformed as error:
                resume = error.end or following
                yield self._reject(error, line_number, position, resume)
            line_number += _count_lines(data, position, resume)
            position = resume

    def _parse(self, start: int, following: int) -> _Record:
        """Read the record at ``start``, which may run over several lines."""
        if following - start > MAX_RECORD_BYTES:
            reason = f"the line is longer than {MAX_RECORD_BYTES:,} bytes"
            raise _Malformed(f"{reason} ({following - start:,})")
        fields: list[bytes | None] = []
        position, more = start, True
        while more:
            value, position, more = self._field(start, position, len(fields))
            fields.append(value)
        # Separators behind the last field bring no value, and DuckDB passes over them, too.
        while len(fields) > len(self._columns) and fields[-1] is None:
            fields.pop()
        self._check(fields, following, position)
        return _Record(fields, position)

    def _field(self, start: int, position: int, column: int) -> tuple[bytes | None, int, bool]:
        """Read one field: its value, where the next begins, and whether there is a next."""
        data = self._data
        limit = min(len(data), start + MAX_RECORD_BYTES)
        opening = _skip_spaces(data, position, limit)
        if data[opening : opening + 1] == _QUOTE:
            return self._quoted(opening, limit, column)
        found = _FIELD_END.search(data, position, limit)
        if found is None and limit < len(data):
            raise _Malformed(f"the record is longer than {MAX_RECORD_BYTES:,} bytes", column)
        end = found.start() if found else limit
        more = data[end : end + 1] == b","
        value = data[position:end]
        if not more:
            value = value.removesuffix(b"\r")
        return value or None, min(end + 1, len(data)), more

    def _quoted(self, opening: int, limit: int, column: int) -> tuple[bytes, int, bool]:
        data = self._data
        closing = opening + 1
        while True:
            closing = data.find(_QUOTE, closing, limit)
            if closing == -1:
                raise _Malformed(_UNTERMINATED, column)
            if data[closing + 1 : closing + 2] != _QUOTE:
                break
            closing += 2
        value = data[opening + 1 : closing].replace(b'""', b'"')
        position = _skip_spaces(data, closing + 1, limit)
        if position >= len(data):
            return value, position, False
        if data[position : position + 2] == b"\r\n":
            position += 1
        after = data[position : position + 1]
        if after in (b",", b"\n"):
            return value, position + 1, after == b","
        if after == b"\r" and position + 1 == len(data):
            return value, position + 1, False
        if b"\n" in value:
            raise _Malformed(_UNTERMINATED, column)
        raise _Malformed("there is text behind a closing quote", column)

    def _check(self, fields: list[bytes | None], following: int, end: int) -> None:
        expected = len(self._columns)
        if len(fields) != expected:
            # A record over several lines is dropped as a whole, unless one of its lines is
            # a good record by itself: then a quote was left open above it.
            resume = following if self._hides_a_record(following, end) else end
            few = len(fields) < expected
            reason = f"too {'few' if few else 'many'} fields: {len(fields)}, not {expected}"
            raise _Malformed(reason, len(fields) if few else None, resume)
        for column, value in enumerate(fields):
            if value is None:
                continue
            if b"\0" in value:
                raise _Malformed("there is a NUL byte in it", column, end)
            if not _is_text(value):
                raise _Malformed("it is not UTF-8 text (Latin-1?)", column, end)

    def _hides_a_record(self, position: int, end: int) -> bool:
        while position < end:
            following = _after_line(self._data, position, end)
            line = self._data[position:following].rstrip(b"\n").removesuffix(b"\r")
            if self._plain.fullmatch(line):
                return True
            position = following
        return False

    def _reject(self, error: _Malformed, line_number: int, start: int, end: int) -> Rejected:
        # Four bytes at most make a character, so this much is never too little.
        kept = self._data[start : min(end, start + 4 * MAX_REJECTED_TEXT)]
        text = kept.rstrip(b"\r\n").decode("utf-8", errors="backslashreplace")
        text = text.replace("\0", "\\x00")
        if len(text) > MAX_REJECTED_TEXT or end - start > 4 * MAX_REJECTED_TEXT:
            text = text[:MAX_REJECTED_TEXT] + "…"
        column = None
        if error.column is not None and error.column < len(self._columns):
            column = self._columns[error.column]
        return Rejected(line_number, column, error.reason, text)


def _after_line(data: mmap.mmap, position: int, limit: int) -> int:
    end = data.find(b"\n", position, limit)
    return limit if end == -1 else end + 1


def _skip_spaces(data: mmap.mmap, position: int, limit: int) -> int:
    while position < limit and data[position] == _SPACE:
        position += 1
    return position


def _count_lines(data: mmap.mmap, start: int, end: int) -> int:
    # Lines longer than a record can be are never sliced out whole.
    if end - start > MAX_RECORD_BYTES:
        return 1
    return max(data[start:end].count(b"\n"), 1)


def _is_text(value: bytes) -> bool:
    if value.isascii():
        return True
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_csv(fields: list[bytes | None]) -> bytes:
    """Write a record so that it can be read in one way only: every value quoted."""
    return (
        b",".join(
            b"" if value is None else _QUOTE + value.replace(b'"', b'""') + _QUOTE
            for value in fields
        )
        + b"\n"
    )


def _reject_as_csv(rejected: Rejected) -> bytes:
    return _as_csv(
        [None if value is None else str(value).encode("utf-8") for value in rejected]
    )
