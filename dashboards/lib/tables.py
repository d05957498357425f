"""Tables to sort and to take away: their columns, their cells, and the same as CSV.

A table is given finished rows; it computes no metric and knows no page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period

Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading with its unit, and how the page writes its values."""

    name: str
    words: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Table:
    """Rows to sort and to take away; money is exact, ratios are 0..1.

    ``period`` is given where the rows are of another one than the page.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    period: Period | None = None

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

    def words(self) -> dict[str, str | Callable[..., Any]]:
        """How the page writes the columns that are not text."""
        return {column.name: column.words for column in self.columns if column.words}

    def csv(self) -> bytes:
        """The rows as CSV in UTF-8 with the headings of the page, exact and unformatted."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        writer.writerows(self.rows)
        return buffer.getvalue().encode("utf-8")

    def file_name(self, page: str, period: Period) -> str:
        """A name that says what the file holds: ``executive_by_state_2018-03-01_....csv``."""
        of = self.period or period
        return f"{page}_{self.key}_{of.start}_{of.end}.csv"


def money(value: Any) -> str:
    """Money without its sign, two decimals, for a column that names the unit."""
    return fmt.number(value, 2)


def one_decimal(value: Any) -> str:
    """A number with one decimal."""
    return fmt.number(value, 1)


def two_decimals(value: Any) -> str:
    """A number with two decimals."""
    return fmt.number(value, 2)


def percent_number(value: float | None) -> float | None:
    """A share 0..1 as the number of percent, two decimals."""
    return None if value is None else round(value * 100, 2)


def rounded(value: float | None) -> float | None:
    """A number for a cell, two decimals."""
    return None if value is None else round(value, 2)
