"""The header contract: what the first line of each file must say.

Only headers are read here. Nothing is written, so a source that breaks its contract stops a
load before it began. Rows are handled by ``extract.raw.reader``.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path

from extract.errors import ContractError, SourceError
from extract.sources.files import SourceFiles
from extract.tables import TABLES, SourceTable

# The longest real header has 208 bytes; a first line beyond this is not a header.
MAX_HEADER_BYTES = 64 * 1024

_BOM = b"\xef\xbb\xbf"
# What a file is instead, by its first bytes. UTF-32 before UTF-16, whose mark it begins with.
_OTHER_CONTENT: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\0\0", "is UTF-32 text. Save it as UTF-8"),
    (b"\xff\xfe", "is UTF-16 text. Save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text. Save it as UTF-8"),
    (b"PK\x03\x04", "is a zip or a spreadsheet, not CSV text. Unpack it, or export it as CSV"),
    (b"\x1f\x8b", "is compressed with gzip. Unpack it (gunzip)"),
    (b"PAR1", "is a Parquet file. Export it as CSV"),
    (b"SQLite format 3", "is a SQLite database. Export the table as CSV"),
    (b"%PDF", "is a PDF. Export the data as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook of the old form. Export it as CSV"),
    (b"7z\xbc\xaf", "is a 7-Zip archive. Unpack it"),
    (b"Rar!", "is a RAR archive. Unpack it"),
    (b"BZh", "is compressed with bzip2. Unpack it (bunzip2)"),
    (b"\xfd7zXZ", "is compressed with xz. Unpack it (unxz)"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd. Unpack it (unzstd)"),
    (
        b"version https://git-lfs",
        "is a pointer of Git LFS, not the file itself. Fetch the file with git lfs pull",
    ),
    (
        _BOM + _BOM,
        "begins with the byte order mark (EF BB BF) twice. Remove one: tail -c +4 FILE",
    ),
)
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
# How alike two column names must be for one to be offered as the new name of the other.
_COLUMN_CUTOFF = 0.6


@dataclass(frozen=True, slots=True)
class Header:
    """The accepted first line of one file.

    Attributes:
        columns: Names in file order; an unnamed column is an empty text.
        extra_columns: Those that are not in the contract, as people are shown them.
        has_records: Whether anything follows the first line.
    """

    columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    has_records: bool


def check_contract(source: SourceFiles) -> list[str]:
    """Check the headers of all nine files.

    Args:
        source: The files.

    Returns:
        Notices: extra columns, and files without rows.

    Raises:
        ContractError: One or more headers are not as agreed; the message names them all.
        SourceError: A file cannot be read.
    """
    return [
        notice
        for table, header in read_headers(source).items()
        for notice in header_notices(table, header)
    ]


def read_headers(source: SourceFiles) -> dict[SourceTable, Header]:
    """Read and check the nine headers.

    Raises:
        ContractError: One or more are not as agreed.
        SourceError: A file cannot be read.
    """
    headers: dict[SourceTable, Header] = {}
    problems: list[str] = []
    for table in TABLES:
        try:
            headers[table] = read_header(table, source.paths[table.name])
        except ContractError as error:
            problems.extend(error.problems)
    if problems:
        raise ContractError(problems)
    return headers


def header_notices(table: SourceTable, header: Header) -> list[str]:
    """Put into words what is allowed but worth knowing about a header."""
    notices = []
    if header.extra_columns:
        noun = "column" if len(header.extra_columns) == 1 else "columns"
        notices.append(
            f"{table.file_name}: not loaded, since not in the contract: {noun} "
            f"{', '.join(header.extra_columns)}."
        )
    if not header.has_records:
        notices.append(f"{table.file_name}: has a header and no rows.")
    return notices


def read_header(table: SourceTable, path: Path) -> Header:
    """Read and check the header of one file.

    Raises:
        ContractError: It is not as agreed.
        SourceError: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(MAX_HEADER_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    name = table.file_name
    text = _first_line(name, start)
    columns = _split(table, text)
    _check_repeats(name, columns)
    _check_missing(table, columns)
    extra = [column or "(without a name)" for column in columns if column not in table.columns]
    return Header(
        columns=columns,
        extra_columns=tuple(extra),
        has_records=bool(start.removeprefix(_BOM).partition(b"\n")[2].strip(b"\r\n")),
    )


def _first_line(name: str, start: bytes) -> str:
    if not start.removeprefix(_BOM):
        raise ContractError(f"{name} is empty (no header line). Fetch the file again.")
    for magic, what in _OTHER_CONTENT:
        if start.startswith(magic):
            raise ContractError(f"{name} {what}.")
    if start.lstrip()[:9].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ContractError(
            f"{name} is a web page, not CSV (a download that wanted a login?). Fetch it again."
        )
    if start.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["):
        raise ContractError(f"{name} is JSON, not CSV. Export the table as CSV.")
    line = start.removeprefix(_BOM).partition(b"\n")[0]
    if b"\0" in line:
        raise ContractError(
            f"{name} has NUL bytes in its header: it is UTF-16 without a mark, or binary. Save "
            f"it as UTF-8 text."
        )
    line = line.removesuffix(b"\r")
    if b"\r" in line:
        raise ContractError(
            f"{name} ends its lines with a carriage return alone. Save it with line ends LF or "
            f"CRLF."
        )
    if len(line) > MAX_HEADER_BYTES:
        raise ContractError(
            f"{name} has a first line of more than {MAX_HEADER_BYTES:,} bytes, which is no "
            f"header. Its first line must name the columns."
        )
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{name} has a header that is not UTF-8 (Latin-1?): byte 0x{line[error.start]:02x} "
            f"at position {error.start + 1}. Save the file as UTF-8."
        ) from error


def _split(table: SourceTable, text: str) -> tuple[str, ...]:
    name = table.file_name
    if not text.strip():
        raise ContractError(
            f"{name} begins with a blank line. Its first line must name the columns."
        )
    _check_delimiter(table, text)
    if text.count('"') % 2:
        raise ContractError(
            f"{name} has a header with a quote that is not closed: {_shown(text)}. Repair its "
            f"first line."
        )
    (columns,) = csv.reader([text], skipinitialspace=True)
    if (
        len(columns) == 1
        and "," in columns[0]
        and set(columns[0].split(",")) & set(table.columns)
    ):
        raise ContractError(
            f"{name} has each line in quotes as a whole, so that it has one column: "
            f"{_shown(text)}. Some spreadsheet wrote it so: export it again with the fields "
            f"quoted one by one, or remove the outer quotes of every line."
        )
    return tuple(column.strip() for column in columns)


def _check_delimiter(table: SourceTable, text: str) -> None:
    def names(delimiter: str) -> set[str]:
        return {part.strip().strip('"') for part in text.split(delimiter)}

    if names(",") & set(table.columns):
        return
    for delimiter, words in _OTHER_DELIMITERS.items():
        if names(delimiter) & set(table.columns):
            raise ContractError(
                f"{table.file_name} is separated by {words}, not commas: {_shown(text)}. Save "
                f"it with commas."
            )


def _check_repeats(name: str, columns: tuple[str, ...]) -> None:
    repeated = sorted({column for column in columns if column and columns.count(column) > 1})
    if repeated:
        raise ContractError(
            f"{name} names {_listed(repeated)} more than once in its header. Which one counts "
            f"cannot be known: remove or rename one."
        )


def _check_missing(table: SourceTable, columns: tuple[str, ...]) -> None:
    missing = [column for column in table.columns if column not in columns]
    if not missing:
        return
    found = ", ".join(columns)
    spare = [column for column in columns if column and column not in table.columns]
    renamed = _renamed(missing, spare)
    if len(missing) == len(table.columns) and not renamed:
        raise ContractError(
            f"{table.file_name} has none of its columns; its first line is {_shown(found)}. "
            f"If the header is missing, add it: {','.join(table.columns)}."
        )
    hints = [f"{new} looks like {old} under another name." for old, new in renamed]
    raise ContractError(
        f"{table.file_name} lacks {_listed(missing)}. Its header is: {_shown(found)}. "
        + (" ".join(hints) + " " if hints else "")
        + "Restore the agreed names in the first line."
    )


def _renamed(missing: list[str], spare: list[str]) -> list[tuple[str, str]]:
    by_lower = {column.lower(): column for column in spare}
    pairs = []
    for name in missing:
        near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=_COLUMN_CUTOFF)
        if near:
            pairs.append((name, by_lower[near[0]]))
    return pairs


def _listed(names: list[str]) -> str:
    return ("the column " if len(names) == 1 else "the columns ") + ", ".join(names)


def _shown(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
