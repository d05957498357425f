"""Rows as files of other programs: a workbook for spreadsheets, Parquet for programs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

_MOST_LINES = 1_048_576  # of a sheet


def workbook(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as an XLSX workbook; text stays text, and is no formula and no link."""
    import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415 - loaded when asked for

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("Rows")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for line, row in enumerate(rows[: _MOST_LINES - 1], start=1):
            sheet.write_row(line, 0, [_plain(value) for value in row])
    return buffer.getvalue()


def parquet(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The rows as Parquet, with exact money."""
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype=object)
    with TemporaryDirectory() as folder, duckdb.connect() as memory:
        # Types are taken from all rows, not from a sample of them.
        memory.execute(f"set pandas_analyze_sample = {len(frame) + 1}")
        path = Path(folder) / "rows.parquet"
        memory.from_df(frame).write_parquet(str(path))
        return path.read_bytes()


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
