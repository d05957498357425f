"""Rows as files: CSV, CSV for Excel in Portuguese, XLSX and Parquet, and the links to them.

Values are unformatted: exact money, shares 0 to 1, days as days. No text is a formula.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import marimo as mo
import pandas as pd

from dashboards.lib.results import ResultSet
from dashboards.lib.tables import excel_csv, spreadsheet_csv

Columns = Sequence[str]
Rows = Sequence[Sequence[Any]]
_MOST_LINES = 1_048_575  # of a sheet, below its heading


def workbook(columns: Columns, rows: Rows) -> bytes:
    """The rows as an XLSX workbook: numbers, days and yes or no as such, text as text."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with pd.ExcelWriter(
        buffer,
        engine="xlsxwriter",
        date_format="yyyy-mm-dd",
        engine_kwargs={"options": options},
    ) as book:
        frame = _frame(columns, rows[:_MOST_LINES])
        frame.to_excel(book, sheet_name="Rows", index=False, freeze_panes=(1, 0))
    return buffer.getvalue()


def parquet(columns: Columns, rows: Rows) -> bytes:
    """The rows as Parquet, with exact money."""
    frame = _frame(columns, rows)
    with TemporaryDirectory() as folder, duckdb.connect() as memory:
        # Types are taken from all rows, not from a sample of them.
        memory.execute(f"set pandas_analyze_sample = {len(frame) + 1}")
        path = Path(folder) / "rows.parquet"
        memory.from_df(frame).write_parquet(str(path))
        return path.read_bytes()


def _frame(columns: Columns, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


class _Format(NamedTuple):
    label: str
    ending: str
    kind: str
    make: Callable[[Columns, Rows], bytes]


_FORMATS = (
    _Format("CSV", ".csv", "text/csv", spreadsheet_csv),
    _Format("CSV for Excel in Portuguese", "_excel.csv", "text/csv", excel_csv),
    _Format(
        "XLSX",
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        workbook,
    ),
    _Format("Parquet", ".parquet", "application/vnd.apache.parquet", parquet),
)


def downloads(
    name: str, load: Callable[[], ResultSet], of: str = "", *, is_for_people: bool = False
) -> mo.Html:
    """A link a format; a file is made when its link is pressed.

    Args:
        name: The stem of the files' names.
        load: Gives all rows.
        of: What they hold, where a page has several tables.
        is_for_people: Whether columns go by their headings, not by the names of programs.
    """

    def data(one: _Format) -> bytes:
        result = load()
        return one.make(result.headings if is_for_people else result.columns, result.rows)

    links = [
        mo.download(
            data=partial(data, one),
            filename=f"{name}{one.ending}",
            mimetype=one.kind,
            label=f"Download {one.label}{f', {of}' if of else ''}",
        )
        for one in _FORMATS
    ]
    return mo.hstack(links, justify="start", wrap=True)
