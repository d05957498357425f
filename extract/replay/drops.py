"""Writing drops: one directory a day with the nine files, each complete once it is there.

DuckDB writes the rows; none comes through Python. A drop is written beside its place and
renamed, so anyone who watches the output never sees half of one. What a drop shows is decided
in ``extract.replay.timelines``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from extract.replay.days import EVERY, DropCalendar, Every, drop_days
from extract.replay.errors import ReplayError
from extract.replay.reading import CHANGING_TABLES, STATIC_TABLES, data_range, read_source
from extract.replay.timelines import (
    Faults,
    changing_drops,
    has_twins,
    make_timelines,
    shown,
    shown_as_delta,
)
from extract.results import LoadMode
from extract.sources import SourceFiles
from extract.tables import TABLES, SourceTable

# Of DuckDB; beyond it the scratch database spills to disk.
MEMORY_LIMIT = "1GB"


@dataclass(frozen=True, slots=True)
class Drop:
    """One drop that was written.

    Attributes:
        day: The day at whose end the source system looked like this.
        directory: Where its nine files are.
        rows: Table name to number of rows in its file.
        is_whole: Whether it shows everything that is in the dataset (in snapshot mode: it
            equals the dataset, row for row).
    """

    day: date
    directory: Path
    rows: Mapping[str, int]
    is_whole: bool


def replay(  # noqa: PLR0913 - a command's options, all given by name
    source: SourceFiles,
    output: Path,
    *,
    start: date | None = None,
    end: date | None = None,
    every: Every = "day",
    mode: LoadMode = "snapshot",
    seed: int = 42,
    late: float = 0.0,
    corrections: float = 0.0,
    deletions: float = 0.0,
    complete: bool = False,
    on_drop: Callable[[Drop], None] | None = None,
) -> list[Drop]:
    """Cut a dataset into dated drops; the rules are in the package's docstring.

    Args:
        source: The dataset; its files must be sound.
        output: A directory that is empty or does not exist; drops go to
            ``<output>/2018-08-01`` and so on.
        start: Day of the first drop, which shows all that came before too; by default the
            day of the first purchase.
        end: Day of the last drop; by default the last day on which anything changes.
        every: Step between drops; the end is always one.
        mode: Whole files, or only what is new or changed since the drop before.
        seed: Decides which rows the faults strike.
        late: Share of rows, 0 to 1, that arrive in a later drop than they should.
        corrections: Share of rows, 0 to 1, that first show a wrong value.
        deletions: Share of rows, 0 to 1, that are missing from some drops in between.
        complete: Have the last drop equal the dataset even if its day is before the data's
            end.
        on_drop: Called after each drop.

    Returns:
        The drops in order of their days.

    Raises:
        ReplayError: The days, shares or output make no sense, or writing failed.
        ContractError: A header of the source is not as agreed.
        SourceError: A file of the source cannot be read to its last record.
    """
    faults = Faults(seed=seed, late=late, corrections=corrections, deletions=deletions)
    _check_choices(every, mode, faults)
    if start and end:
        drop_days(start, end, every)  # Refused before a minute of reading, not after.
    is_new = _check_output(output)
    drops: list[Drop] = []
    try:
        with _scratch_database() as con:
            records = read_source(con, source)
            first, last = _resolve_range(data_range(con), start, end)
            days = drop_days(first, end or last, every)
            is_whole = complete or days[-1] >= last
            calendar = DropCalendar(days=days, is_complete=is_whole)
            make_timelines(con, calendar, faults)
            output.mkdir(parents=True, exist_ok=True)
            writer = _Writer(con, source, output, mode, records)
            for index, day in enumerate(days):
                drop = writer.write(index, day, is_whole=is_whole and index == calendar.last)
                drops.append(drop)
                if on_drop:
                    on_drop(drop)
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if is_new and not drops:
            shutil.rmtree(output, ignore_errors=True)
        reason = error.strerror if isinstance(error, OSError) else None
        raise ReplayError(
            f"Writing the drops to {output} failed after {len(drops)} of them: "
            f"{reason or str(error).splitlines()[0]}. See that there is space there and in the "
            f"temporary directory (TMPDIR), remove what was written, and run again."
        ) from error
    return drops


class _Writer:
    """Writes one drop after the other; remembers the one before."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        source: SourceFiles,
        output: Path,
        mode: LoadMode,
        records: Mapping[str, int],
    ) -> None:
        """Ask each table once in which drops it changes."""
        self._con = con
        self._source = source
        self._output = output
        self._mode = mode
        self._records = records
        self._previous: Drop | None = None
        self._changing = {table.name: changing_drops(con, table) for table in CHANGING_TABLES}
        self._with_twins = {table.name: has_twins(con, table) for table in CHANGING_TABLES}

    def write(self, index: int, day: date, *, is_whole: bool) -> Drop:
        partial = self._output / f".{day}.partial"
        partial.mkdir()
        try:
            rows = {
                table.name: self._write_table(table, index, partial / table.file_name)
                for table in TABLES
            }
            directory = partial.rename(self._output / day.isoformat())
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        self._previous = Drop(day=day, directory=directory, rows=rows, is_whole=is_whole)
        return self._previous

    def _write_table(self, table: SourceTable, index: int, path: Path) -> int:
        previous = self._previous
        if previous is None and table.name in STATIC_TABLES:
            shutil.copyfile(self._source.paths[table.name], path)
            return self._records[table.name]
        if previous is None or index in self._changing.get(table.name, ()):
            return self._write_rows(table, index, path)
        if self._mode == "delta":
            header = ",".join(f'"{column}"' for column in table.columns)
            path.write_text(f"{header}\n", encoding="utf-8", newline="\n")
            return 0
        _link(previous.directory / table.file_name, path)
        return previous.rows[table.name]

    def _write_rows(self, table: SourceTable, index: int, path: Path) -> int:
        if self._mode == "delta":
            query = shown_as_delta(table, index, with_twins=self._with_twins[table.name])
        else:
            query = shown(table, index)
        # Every value is quoted and NULL is not, so that nothing can be read back otherwise.
        literal = str(path).replace("'", "''")
        row = self._con.execute(
            f"""
            copy ({query}) to '{literal}' (
                format csv, header true, delimiter ',', quote '"', escape '"', force_quote *
            )
            """
        ).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def _scratch_database() -> Iterator[duckdb.DuckDBPyConnection]:
    with (
        tempfile.TemporaryDirectory(prefix="olist_replay_") as scratch,
        duckdb.connect(
            str(Path(scratch, "replay.duckdb")),
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(Path(scratch, "spill")),
            },
        ) as con,
    ):
        yield con


def _link(existing: Path, path: Path) -> None:
    """Let two drops share an unchanged file, where the file system can."""
    try:
        os.link(existing, path)
    except OSError:
        shutil.copyfile(existing, path)


def _check_choices(every: str, mode: str, faults: Faults) -> None:
    if every not in EVERY:
        raise ReplayError(f"There is no step {every!r}: choose {', '.join(EVERY)}.")
    if mode not in ("snapshot", "delta"):
        raise ReplayError(f"There is no mode {mode!r}: choose snapshot or delta.")
    for name in ("late", "corrections", "deletions"):
        share = getattr(faults, name)
        if not 0 <= share <= 1:
            raise ReplayError(
                f"The share of {name} is {share:g}; give a number from 0 to 1 (0.05 is 5 %)."
            )


def _check_output(output: Path) -> bool:
    """See that the output is free; give whether it is yet to be made."""
    if not output.exists():
        return True
    if not output.is_dir():
        raise ReplayError(f"The output {output} is a file. Name a directory.")
    if any(output.iterdir()):
        raise ReplayError(
            f"The output directory {output} is not empty. Name a new one, or empty it first: "
            f"drops of two replays must not mix."
        )
    return False


def _resolve_range(
    known: tuple[date, date] | None, start: date | None, end: date | None
) -> tuple[date, date]:
    """Give the first day, and the last of the data (as far as it has readable days)."""
    if known is None:
        if start is None or end is None:
            raise ReplayError(
                "No order of the source has a readable purchase time, so its first and last "
                "day are not known. Give both --from and --to, or check the source."
            )
        return start, end
    return start or known[0], known[1]
