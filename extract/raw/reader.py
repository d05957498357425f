"""Reading one CSV file into a table, losslessly, and verifying what was read.

DuckDB's own reader does the work, all columns as text. The number of records it read is then
compared with the number counted from the bytes (``extract.raw.fingerprint``); where the two
differ, the file is read again by the tolerant reader (``extract.raw.tolerant_reader``). Both
give the same verdict on the same line. Comparing with what raw holds already is done in
``extract.raw.merge``.

What is kept as it stands: an unquoted empty field is NULL, a quoted empty one is the empty
text, the word NULL is the word NULL, blanks inside fields stay. Keys alone take their normal
form (no blanks around them, 1 for 1.0 and 01), since rows are found again by them.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from extract.errors import ExtractError
from extract.raw.contract import Header
from extract.raw.fingerprint import Fingerprint
from extract.raw.schema import INCOMING, REJECTED_LINES, remake_incoming, remake_raw
from extract.raw.tolerant_reader import MAX_RECORD_BYTES, part_file
from extract.tables import SourceTable

_logger = logging.getLogger(__name__)


class ReaderGaveUpError(Exception):
    """DuckDB's reader raised, which ends the transaction: roll back and read with care."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What every row of one load carries.

    Attributes:
        batch_id: The identifier of the load.
        loaded_at: Its moment, naive UTC.
    """

    batch_id: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Destination:
    """Where rows go, and what they are to carry.

    Attributes:
        is_first: Straight into the raw table, which is empty; otherwise into ``INCOMING``.
        batch: The load.
    """

    is_first: bool
    batch: Batch

    def name(self, table: SourceTable) -> str:
        """Give the name of the table to fill."""
        return f"raw.{table.name}" if self.is_first else INCOMING


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file, checked and counted, ready to be read.

    Attributes:
        table: What it must hold.
        path: Where it is.
        header: Its accepted header.
        fingerprint: Its checksum and record count.
    """

    table: SourceTable
    path: Path
    header: Header
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What became of a file's records.

    Attributes:
        num_records: Records found: those read and those rejected.
        num_rejected: Records that went to ``ops.rejected_lines``.
        num_blank_lines: Lines with nothing on them, which are no records.
    """

    num_records: int
    num_rejected: int
    num_blank_lines: int


def read_into(
    con: duckdb.DuckDBPyConnection,
    into: Destination,
    file: SourceFile,
    *,
    with_care: bool = False,
    temp_dir: Path | None = None,
) -> ReadResult:
    """Read a file into its raw table, if that is empty, or into ``INCOMING``.

    Args:
        con: A connection with an open transaction.
        into: Which of the two. ``INCOMING`` is made again.
        file: The file.
        with_care: Skip DuckDB's direct reading.
        temp_dir: Where to write the parts of a damaged file.

    Raises:
        ReaderGaveUpError: The transaction is lost; call again in a new one, with care.
        ExtractError: The file cannot be read even with care.
    """
    if not into.is_first:
        remake_incoming(con, file.table)
    if file.fingerprint.is_plain and not with_care:
        num_read = _read_directly(con, into, file)
        if num_read == file.fingerprint.num_records:
            return ReadResult(num_read, 0, 0)
        _logger.info(
            "%s: %d records read, %d expected; reading with care",
            file.table.file_name,
            num_read,
            file.fingerprint.num_records,
        )
        # A new table, not a delete: see extract.raw.merge on inserts of nothing.
        if into.is_first:
            remake_raw(con, file.table)
        else:
            remake_incoming(con, file.table)
    return _read_with_care(con, into, file, temp_dir)


def _read_directly(con: duckdb.DuckDBPyConnection, into: Destination, file: SourceFile) -> int:
    # The first record that DuckDB cannot read ends the reading, and with it the transaction.
    # To have it store such records instead takes a time that grows with the square of a line's
    # fields (a minute for one of 50,000); to have it pass over them may lose one unseen.
    try:
        return _insert(con, into, file, file.path, "header = true")
    except (
        duckdb.InvalidInputException,
        duckdb.ConversionException,
        duckdb.NotImplementedException,  # a line longer than its buffers
    ) as error:
        _logger.info("%s: %s", file.table.file_name, str(error).partition("\n")[0])
        raise ReaderGaveUpError(file.table.name) from error


def _read_with_care(
    con: duckdb.DuckDBPyConnection,
    into: Destination,
    file: SourceFile,
    temp_dir: Path | None,
) -> ReadResult:
    with tempfile.TemporaryDirectory(prefix="olist_parted_", dir=temp_dir) as name:
        clean_path, rejects_path = Path(name, "clean.csv"), Path(name, "rejects.csv")
        try:
            parted = part_file(file.path, file.header.columns, clean_path, rejects_path)
        except OSError as error:
            raise ExtractError(
                f"{file.table.file_name} could not be parted into good and damaged lines: "
                f"{error.strerror or error}. See that there is space for a second copy of it."
            ) from error
        # Quoting doubles a record's bytes at most. One thread: parts of a file are read
        # apart otherwise, and where a part begins inside quotes is guessed.
        # The line end is said, too: a carriage return within a text would be guessed to be it.
        options = (
            "header = false, parallel = false, new_line = '\\n', "
            f"max_line_size = {2 * MAX_RECORD_BYTES}"
        )
        num_read = 0
        if parted.num_good:
            num_read = _insert(con, into, file, clean_path, options)
        if num_read != parted.num_good:
            raise ExtractError(
                f"{file.table.file_name} cannot be read reliably: {parted.num_good:,} good "
                f"records were found in it, but {num_read:,} arrived. Please report this "
                f"with the file."
            )
        if parted.num_rejected:
            _keep_rejects(con, file, into.batch, rejects_path)
    return ReadResult(
        num_read + parted.num_rejected, parted.num_rejected, parted.num_blank_lines
    )


def _insert(
    con: duckdb.DuckDBPyConnection,
    into: Destination,
    file: SourceFile,
    path: Path,
    options: str,
) -> int:
    """Insert the records of a CSV file and give their number."""
    # Columns are named by position, so that no header can upset the statement; and a directory
    # called c1=x must not take the place of one, which DuckDB would read as a partition.
    positions = {name: f"c{index}" for index, name in enumerate(file.header.columns)}
    types = ", ".join(f"'c{index}': 'varchar'" for index in range(len(file.header.columns)))
    wanted = [
        _normal_key(positions[name], is_number=name in file.table.number_keys)
        if name in file.table.key
        else positions[name]
        for name in file.table.columns
    ]
    return _count(
        con,
        f"""
        insert into {into.name(file.table)}
        select
            {", ".join(wanted)},
            $source_file,
            $loaded_at::timestamp,
            $batch_id,
            {_row_hash(wanted)},
            false
        from read_csv(
            $path,
            auto_detect = false, hive_partitioning = false,
            delim = ',', quote = '"', escape = '"',
            columns = {{{types}}}, allow_quoted_nulls = false, {options}
        )
        """,
        {
            "source_file": file.path.name,
            "loaded_at": into.batch.loaded_at,
            "batch_id": into.batch.batch_id,
            "path": _literal_path(path),
        },
    )


def _normal_key(column: str, *, is_number: bool) -> str:
    """The SQL of a key in the form that equal keys share."""
    if not is_number:
        return f"trim({column})"
    # Nearly all are one digit, which needs no search.
    return (
        f"case when length({column}) = 1 then {column} else "
        f"regexp_replace(trim({column}), '^[+]?0*([0-9]+)([.]0+)?$', '\\1') end"
    )


def _keep_rejects(
    con: duckdb.DuckDBPyConnection, file: SourceFile, batch: Batch, path: Path
) -> None:
    con.execute(
        f"""
        insert into {REJECTED_LINES} by name
        select
            $batch_id as batch_id,
            $table_name as table_name,
            $source_file as source_file,
            line_number,
            column_name,
            reason,
            line_text,
            $loaded_at::timestamp as loaded_at
        from read_csv(
            $path,
            auto_detect = false, hive_partitioning = false,
            header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n',
            parallel = false, allow_quoted_nulls = false,
            columns = {{
                'line_number': 'bigint', 'column_name': 'varchar',
                'reason': 'varchar', 'line_text': 'varchar'
            }}
        )
        """,
        {
            "batch_id": batch.batch_id,
            "table_name": file.table.name,
            "source_file": file.path.name,
            "loaded_at": batch.loaded_at,
            "path": _literal_path(path),
        },
    )


def _row_hash(columns: list[str]) -> str:
    """Build the hash of a row's contents.

    No two rows with different contents share the hashed text: values hold no NUL (lines with
    one are rejected), so NUL parts them, and the sign in front distinguishes empty from NULL.
    """
    values = ", ".join(f"coalesce('=' || {column}, '')" for column in columns)
    return f"md5(concat_ws(chr(0), {values}))"


def _literal_path(path: Path) -> str:
    """Spell a path so that DuckDB sees no pattern in it."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def _count(
    con: duckdb.DuckDBPyConnection, sql: str, values: dict[str, object] | None = None
) -> int:
    row = con.execute(sql, values).fetchone()
    return int(row[0]) if row else 0
