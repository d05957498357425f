"""The nine files as one list of steps in time order; no rule of the shop is applied here.

A step is what somebody did: a payment came in, the carrier took a parcel. Its row is the source
row as text. Steps that the source dates before their order was placed come right after it, as
there was nothing to act on before; what they say of the time stays in the row. No source says
when an order was canceled or unavailable: the day after its last date is the first moment that
contradicts nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from extract.raw.fingerprint import take_checksum
from extract.replay.reading import read_source
from extract.sources import SourceFiles
from extract.tables import TABLES, TABLES_BY_NAME

_STEPS = Path(__file__).with_suffix(".sql")
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did.

    Attributes:
        position: 1 for the first of all.
        at: When, as the shop's clock says.
        kind: What, as ``player`` names it.
        entity: The order, product, seller or account.
        row: The source row as text; with ``items`` and ``person_id`` where an order is placed.
    """

    position: int
    at: datetime
    kind: str
    entity: str
    row: dict[str, Any]


class Timeline:
    """The steps of one dataset, in an order that is the same each time."""

    def __init__(self, con: duckdb.DuckDBPyConnection, source: SourceFiles) -> None:
        """Read the files and put the steps in order.

        Raises:
            ContractError: A header is not as agreed.
            SourceError: A file cannot be read to its last record.
        """
        self._con = con
        self._source = source
        checksums = "".join(take_checksum(source.paths[table.name]) for table in TABLES)
        self.dataset = hashlib.sha256(checksums.encode()).hexdigest()
        read_source(con, source)
        con.execute(_STEPS.read_text(encoding="utf-8"))

    def last_position(self, until: datetime | None = None) -> int:
        """The position of the last step before a moment; of the last of all without one."""
        row = self._con.execute(
            "select coalesce(max(position), 0) from step"
            " where $until is null or due_at < $until",
            {"until": until},
        ).fetchone()
        return int(row[0]) if row else 0

    def batches(self, after: int, last: int, size: int) -> Iterator[list[Step]]:
        """The steps after a position, up to another, so many at a time."""
        for first in range(after, last, size):
            rows = self._con.execute(
                "select position, due_at, kind, entity, source_row from step"
                " where position > $first and position <= $last order by position",
                {"first": first, "last": min(first + size, last)},
            ).fetchall()
            yield [
                Step(position, at, kind, entity, json.loads(row))
                for position, at, kind, entity, row in rows
            ]

    def reference_rows(self, table_name: str) -> Iterator[tuple[str | None, ...]]:
        """The rows of geolocation or the translation, as text."""
        table = TABLES_BY_NAME[table_name]
        columns = ", ".join(f"'{name}': 'varchar'" for name in table.columns)
        path = self._source.paths[table_name]
        literal = "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
        cursor = self._con.cursor()
        cursor.execute(
            f"from read_csv($path, auto_detect = false, hive_partitioning = false,"
            f" columns = {{{columns}}}, header = true, delim = ',', quote = '\"',"
            f" escape = '\"', allow_quoted_nulls = false)",
            {"path": literal},
        )
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows
