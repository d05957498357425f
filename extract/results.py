"""What a load reports: figures for each table and for the whole, as frozen data.

Only the shapes are here. The audit table stores the same figures; see ``extract.raw.audit``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LoadMode = Literal["snapshot", "delta"]


@dataclass(frozen=True, slots=True)
class TableLoad:
    """One table of one load. Counts are rows unless said otherwise.

    Every record of the file is accounted for:
    ``num_records = num_inserted + num_updated + num_unchanged + num_exact_duplicates +
    num_rejected_lines``. When the file is the one loaded last (``is_skipped``), the figures
    that describe the file are carried over and every row in it counts as unchanged.

    Attributes:
        table_name: Table in schema ``raw``.
        source_file: Base name of the file.
        file_bytes: Size of the file.
        file_sha256: Checksum of the file, hexadecimal.
        is_skipped: The file was the one loaded last, so it was not read again.
        num_records: Records in the file, header and blank lines aside.
        num_inserted: Rows whose key was not in raw (without a key: further copies of a row).
        num_updated: Rows of keys that were in raw with other contents.
        num_unchanged: Rows that raw held already.
        num_missing: Rows in raw that the file no longer has; kept. 0 for a delta.
        num_exact_duplicates: Rows of the file that repeat another one and were left out.
        num_conflicting: Rows loaded whose key stands in the file with differing contents.
        num_rejected_lines: Records that are not CSV or not text; in ``ops.rejected_lines``.
        num_rows_after: Rows in raw when the load was done.
        extra_columns: Columns of the file that are not in the contract; not loaded.
        duration_seconds: Time from opening the file to its last row.
        notices: Sentences for people about this file.
    """

    table_name: str
    source_file: str
    file_bytes: int
    file_sha256: str
    is_skipped: bool
    num_records: int
    num_inserted: int
    num_updated: int
    num_unchanged: int
    num_missing: int
    num_exact_duplicates: int
    num_conflicting: int
    num_rejected_lines: int
    num_rows_after: int
    extra_columns: tuple[str, ...]
    duration_seconds: float
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One load of all nine tables.

    Attributes:
        batch_id: The identifier every row of this load carries.
        mode: Whether the files were the whole (snapshot) or changes only (delta).
        loaded_at: The ``_loaded_at`` of the rows, naive UTC; later than any before it.
        tables: One entry for each table, in contract order.
        duration_seconds: Time of the whole load.
        num_deleted_rows: Rows that the source says it deleted, and that raw held.
    """

    batch_id: str
    mode: LoadMode
    loaded_at: datetime
    tables: tuple[TableLoad, ...]
    duration_seconds: float
    num_deleted_rows: int = 0

    @property
    def notices(self) -> tuple[str, ...]:
        """All notices, in table order."""
        return tuple(notice for table in self.tables for notice in table.notices)

    @property
    def num_changed_rows(self) -> int:
        """Rows inserted or updated over all tables."""
        return sum(table.num_inserted + table.num_updated for table in self.tables)
