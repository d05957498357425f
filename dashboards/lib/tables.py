"""Tables to sort and to take away: their columns, their cells, and the same as CSV.

A table is given finished rows; it computes no metric and knows no page.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period

# Where a spreadsheet takes text for a formula: at the start of a cell, and behind what another
# spreadsheet takes for the end of one (with a comma for decimals, the semicolon is).
_SIGNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf"^(?=[\t\r\n]|[ \"\x00]*{_SIGNS})|(?<=[;\t\r\n])(?=[ \"\x00]*{_SIGNS})")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")

Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading with its unit, and how the page writes its values."""

    name: str
    words: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Table:
    """Rows to sort and to take away; money is exact, ratios are 0..1.

    ``period`` is given where the rows are of another one than the page; ``everything`` where
    these are only the first ones: it reads all, once somebody takes them away.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    period: Period | None = None
    everything: Callable[[], Table] | None = None

    def records(self) -> list[dict[str, Cell]]:
        """One dict a row, for the page; money as numbers, so that it sorts by size."""
        names = [column.name for column in self.columns]
        return [
            {
                name: float(cell) if isinstance(cell, Decimal) else cell
                for name, cell in zip(names, row, strict=True)
            }
            for row in self.rows
        ]

    def words(self) -> dict[str, Callable[[Any], str]]:
        """How the page writes the columns that are not text."""
        return {column.name: column.words for column in self.columns if column.words}

    def csv(self) -> bytes:
        """The rows as CSV for a spreadsheet, with the headings of the page, unformatted."""
        return spreadsheet_csv([column.name for column in self.columns], self.all_rows())

    def all_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Its rows; all there are, where it shows only the first ones."""
        return self.rows if self.everything is None else self.everything().rows

    def file_name(self, page: str, period: Period) -> str:
        """What the file holds: ``executive_by_state_2018-03-01_2018-08-31``; no ending."""
        of = self.period or period
        return f"{page}_{self.key}_{of.start}_{of.end}"


def exact_csv(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ","
) -> str:
    """A CSV for a program: every value as it is."""
    buffer = io.StringIO()
    # The writer quotes what stands in its line end: with a line feed alone, a carriage return
    # in a text would end the line for who reads it.
    writer = csv.writer(buffer, lineterminator="\r\n", delimiter=separator)
    lines = []
    for row in (columns, *rows):
        writer.writerow(row)
        lines.append(buffer.getvalue().removesuffix("\r\n"))
        buffer.seek(0)
        buffer.truncate()
    return "\n".join([*lines, ""])


def spreadsheet_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV in UTF-8 that a person downloads: no text in it is a formula to a spreadsheet.

    Such text gets an apostrophe in front, which is how spreadsheets mark text themselves;
    numbers stay as they are.
    """
    return exact_csv(*_as_texts(columns, rows)).encode("utf-8")


def excel_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same for Excel as Portuguese speakers have it, which opens it without an import.

    Semicolons part the cells and a comma the decimals; a mark at its start says UTF-8.
    """
    names, cells = _as_texts(columns, rows)
    made = exact_csv(names, ([_with_comma(cell) for cell in row] for row in cells), ";")
    return made.encode("utf-8-sig")


def _as_texts(
    columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[list[str], Iterator[list[Any]]]:
    cells = ([_as_text(cell) for cell in row] for row in rows)
    return [_as_text(name) for name in columns], cells


def _with_comma(cell: Any) -> Any:
    is_number = isinstance(cell, float | Decimal) or _NUMBER.fullmatch(str(cell))
    return str(cell).replace(".", ",") if is_number else cell


def _as_text(cell: Any) -> Any:
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return _FORMULA.sub("'", cell)


def money(value: Any) -> str:
    """Money without its sign, two decimals, for a column that names the unit."""
    return fmt.number(value, 2)


def one_decimal(value: Any) -> str:
    """A number with one decimal."""
    return fmt.number(value, 1)


def percent_number(value: float | None) -> float | None:
    """A share 0..1 as the number of percent, two decimals."""
    return None if value is None else round(value * 100, 2)


def rounded(value: float | None) -> float | None:
    """A number for a cell, two decimals."""
    return None if value is None else round(value, 2)
