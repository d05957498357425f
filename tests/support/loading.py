"""Loading tiny sources in tests: a connection, moments, and questions to raw and ops."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from extract.load import LoadMode, LoadReport, TableLoad, load
from tests.support.tiny_source import tiny_source

DAY_ONE = datetime(2026, 1, 1)  # noqa: DTZ001 - the load takes naive UTC
DAY_TWO = datetime(2026, 1, 2)  # noqa: DTZ001


class Loader:
    """One warehouse file, loaded again and again.

    Each load writes the nine files again, so a test names only what differs.
    """

    def __init__(self, directory: Path, *, num_loads: int = 0) -> None:
        """Open the warehouse of a directory, a new one if there is none.

        Args:
            directory: Where its file is.
            num_loads: How often it has been loaded: batches are numbered on from there.
        """
        self.directory = directory
        self.path = directory / "warehouse.duckdb"
        # As a run reads files of this size.
        self.con = duckdb.connect(str(self.path), config={"threads": 1})
        self._batches = num_loads

    def load(
        self,
        *,
        loaded_at: datetime = DAY_ONE,
        mode: LoadMode = "snapshot",
        force: bool = False,
        **overrides: str | bytes | None,
    ) -> LoadReport:
        """Load the tiny source with some files replaced."""
        self._batches += 1
        return load(
            self.con,
            tiny_source(self.directory / "source", **overrides),
            batch_id=f"batch-{self._batches}",
            loaded_at=loaded_at,
            mode=mode,
            force=force,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows."""
        return self.con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:  # noqa: ANN401 - whatever the query gives
        """Run a query and give the one value of its one row."""
        ((value,),) = self.rows(sql)
        return value


def of(report: LoadReport, table_name: str) -> TableLoad:
    """Pick one table of a report."""
    (found,) = (table for table in report.tables if table.table_name == table_name)
    return found


def assert_accounted(table: TableLoad) -> None:
    """Every record of the file is somewhere, once."""
    assert table.num_records == (
        table.num_inserted
        + table.num_updated
        + table.num_unchanged
        + table.num_exact_duplicates
        + table.num_rejected_lines
    )
