"""The load: nine CSV files, compared with what is there, into schema ``raw``.

This is the order of things, no more: check all headers, take checksums, skip what is known,
read, merge, write the audit. All of one load is one transaction. The parts are in
``extract.raw.contract``, ``fingerprint``, ``reader``, ``merge``, ``schema`` and ``audit``.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extract.errors import ContractError, ExtractError, SourceError
from extract.raw.audit import last_loads, latest_loaded_at, write_audit
from extract.raw.changes import apply_deletions, keep_position
from extract.raw.contract import Header, check_contract, header_notices, read_headers
from extract.raw.fingerprint import take_checksum, take_fingerprint
from extract.raw.merge import merge_incoming, settle_first_load
from extract.raw.reader import (
    Batch,
    Destination,
    ReaderGaveUpError,
    ReadResult,
    SourceFile,
    read_into,
)
from extract.raw.schema import INCOMING, create_tables
from extract.results import LoadMode, LoadReport, TableLoad
from extract.sources.files import SourceFiles
from extract.tables import TABLES, SourceTable

__all__ = [
    "ContractError",
    "ExtractError",
    "LoadMode",
    "LoadReport",
    "SourceError",
    "TableLoad",
    "check_contract",
    "load",
]

_TICK = timedelta(microseconds=1)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    """What one call of ``load`` asks for."""

    source: SourceFiles
    headers: Mapping[SourceTable, Header]
    batch_id: str
    loaded_at: datetime
    mode: LoadMode
    force: bool
    temp_dir: Path | None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at a request, in one transaction."""

    request: _Request
    batch: Batch
    known: Mapping[str, tuple[TableLoad, LoadMode]]
    with_care: AbstractSet[str]


def load(  # noqa: PLR0913 - the options are by keyword, each with a plain default
    con: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    *,
    batch_id: str,
    loaded_at: datetime,
    mode: LoadMode = "snapshot",
    force: bool = False,
    on_table: Callable[[TableLoad], None] | None = None,
    temp_dir: Path | None = None,
) -> LoadReport:
    """Bring schema ``raw`` up to date with a source.

    Args:
        con: A writing connection without an open transaction.
        source: The nine files.
        batch_id: The identifier every row of this load is to carry.
        loaded_at: The moment of the load, naive UTC. If raw holds rows as late or later, the
            load takes the next microsecond after them: transformations go by it.
        mode: ``snapshot`` if the files are the whole, ``delta`` if they hold changes only; a
            source that knows what changed knows that, too.
        force: Read and compare files even if they are the ones loaded last.
        on_table: Called after each table, for progress; the load may still fail later.
        temp_dir: Where parts of damaged files are written for a while.

    Returns:
        What happened to every record of every file.

    Raises:
        ContractError: A header is not as agreed; nothing was written.
        SourceError: A file cannot be read; nothing was written.
        ExtractError: DuckDB could not take the data; nothing was kept.
    """
    started = time.perf_counter()
    if source.changes is not None:
        mode = "snapshot" if source.changes.is_whole else "delta"
    request = _Request(source, read_headers(source), batch_id, loaded_at, mode, force, temp_dir)
    # Files that upset DuckDB's reader; it raised, so that the load has to begin again.
    with_care: set[str] = set()
    reported: set[str] = set()

    def report(table_load: TableLoad) -> None:
        if on_table is not None and table_load.table_name not in reported:
            reported.add(table_load.table_name)
            on_table(table_load)

    while True:
        con.begin()
        try:
            moment, tables, num_deleted = _load_all(con, request, with_care, report)
            con.commit()
        except ReaderGaveUpError as error:
            con.rollback()
            with_care.add(str(error))
        except duckdb.Error as error:
            _rollback(con)
            raise ExtractError(
                f"DuckDB could not load {source.label}: {_first_line(error)}"
            ) from error
        except BaseException:
            _rollback(con)
            raise
        else:
            seconds = time.perf_counter() - started
            return LoadReport(batch_id, mode, moment, tables, seconds, num_deleted)


def _load_all(
    con: duckdb.DuckDBPyConnection,
    request: _Request,
    with_care: set[str],
    report: Callable[[TableLoad], None],
) -> tuple[datetime, tuple[TableLoad, ...], int]:
    create_tables(con)
    latest = latest_loaded_at(con)
    moment = request.loaded_at
    if latest is not None and latest >= moment:
        moment = latest + _TICK
    batch = Batch(request.batch_id, moment)
    attempt = _Attempt(request, batch, last_loads(con), with_care)
    num_deleted = apply_deletions(con, request.source, batch)
    loads = []
    for table in TABLES:
        table_load = _load_table(con, attempt, table)
        write_audit(con, table_load, source=request.source, batch=batch, mode=request.mode)
        _logger.info(
            "%s: %d records, %d inserted, %d updated, %d unchanged, %d rejected",
            table.name,
            table_load.num_records,
            table_load.num_inserted,
            table_load.num_updated,
            table_load.num_unchanged,
            table_load.num_rejected_lines,
        )
        report(table_load)
        loads.append(table_load)
    keep_position(con, request.source, batch)
    return moment, tuple(loads), num_deleted


def _load_table(
    con: duckdb.DuckDBPyConnection, attempt: _Attempt, table: SourceTable
) -> TableLoad:
    started = time.perf_counter()
    request, known = attempt.request, attempt.known.get(table.name)
    path, header = request.source.paths[table.name], request.headers[table]
    held = _row_count(con, table)
    if known is not None and not request.force and _is_same(path, known, request.mode, held):
        notices = header_notices(table, header)
        return _skipped(known[0], path.name, held, started, notices)
    file = SourceFile(table, path, header, take_fingerprint(path))
    into = Destination(is_first=held == 0, batch=attempt.batch)
    with_care = table.name in attempt.with_care
    read = read_into(con, into, file, with_care=with_care, temp_dir=request.temp_dir)
    if into.is_first:
        counts = settle_first_load(con, table)
    else:
        counts = merge_incoming(con, table, request.mode)
        con.execute(f"drop table {INCOMING}")
    return TableLoad(
        table_name=table.name,
        source_file=path.name,
        file_bytes=file.fingerprint.size,
        file_sha256=file.fingerprint.sha256,
        is_skipped=False,
        num_records=read.num_records,
        num_rejected_lines=read.num_rejected,
        num_rows_after=_row_count(con, table),
        extra_columns=header.extra_columns,
        duration_seconds=time.perf_counter() - started,
        notices=(*header_notices(table, header), *_row_notices(file, read)),
        **dataclasses.asdict(counts),
    )


def _is_same(path: Path, known: tuple[TableLoad, LoadMode], mode: LoadMode, held: int) -> bool:
    last, last_mode = known
    # The row count guards against a raw table that was changed behind the audit's back. What
    # costs nothing to compare comes first: a file of another size is another file.
    return (
        last_mode == mode
        and last.num_rows_after == held
        and last.file_bytes == path.stat().st_size
        and last.file_sha256 == take_checksum(path)
    )


def _skipped(
    last: TableLoad, file_name: str, held: int, started: float, notices: Sequence[str]
) -> TableLoad:
    return dataclasses.replace(
        last,
        source_file=file_name,
        is_skipped=True,
        num_inserted=0,
        num_updated=0,
        num_unchanged=last.num_inserted + last.num_updated + last.num_unchanged,
        num_rows_after=held,
        duration_seconds=time.perf_counter() - started,
        notices=tuple(notices),
    )


def _row_notices(file: SourceFile, read: ReadResult) -> list[str]:
    name, notices = file.table.file_name, []
    if read.num_rejected:
        notices.append(
            f"{name}: {read.num_rejected:,} of {read.num_records:,} records could not be read; "
            f"they are in ops.rejected_lines with line number and reason."
        )
    if read.num_blank_lines:
        notices.append(f"{name}: {read.num_blank_lines:,} blank lines were passed over.")
    return notices


def _row_count(con: duckdb.DuckDBPyConnection, table: SourceTable) -> int:
    row = con.execute(f"select count(*) from raw.{table.name}").fetchone()
    return int(row[0]) if row else 0


def _rollback(con: duckdb.DuckDBPyConnection) -> None:
    try:
        con.rollback()
    except duckdb.Error as error:  # the transaction ended with the error that led here
        _logger.debug("rollback: %s", error)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
