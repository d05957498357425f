"""The rows: the tables of the executive dashboard, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import metrics
from dashboards.lib.executive.data import ExecutiveData, MonthPoint
from dashboards.lib.metrics import Measures, share

Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading with its unit, and how the page writes its values."""

    name: str
    words: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Table:
    """Rows to sort and to take away; money is exact, ratios are 0..1."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

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

    def file_name(self, data: ExecutiveData) -> str:
        """A name that says what the file holds: ``executive_by_state_2018-03-01_....csv``."""
        return f"executive_{self.key}_{data.period.start}_{data.period.end}.csv"


def _money(value: Any) -> str:
    return fmt.number(value, 2)


def _one_decimal(value: Any) -> str:
    return fmt.number(value, 1)


def _two_decimals(value: Any) -> str:
    return fmt.number(value, 2)


def _percent(value: float | None) -> float | None:
    """A share 0..1 as the number of percent, two decimals."""
    return None if value is None else round(value * 100, 2)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


# The columns that every table has, after its own first ones.
_MEASURES: tuple[tuple[Column, Callable[[Measures], Cell]], ...] = (
    (Column("Revenue (R$)", _money), lambda m: m.revenue_amount),
    (Column("GMV (R$)", _money), lambda m: m.gmv_amount),
    (Column("Freight (R$)", _money), lambda m: m.freight_amount),
    (Column("Sales", fmt.count), lambda m: m.num_sales),
    (Column("Order value (R$)", _money), lambda m: _rounded(m.average_order_value)),
    (Column("New customers", fmt.count), lambda m: m.num_new_customers),
    (Column("Free freight (%)", _one_decimal), lambda m: _percent(m.free_freight_rate)),
    (Column("Delivery (days)", _one_decimal), lambda m: _rounded(m.average_delivery_days)),
    (Column("Promised (days)", _one_decimal), lambda m: _rounded(m.average_promised_days)),
    (Column("On time (%)", _one_decimal), lambda m: _percent(m.on_time_rate)),
    (Column("Score (1-5)", _two_decimals), lambda m: _rounded(m.average_review_score)),
    (Column("NPS proxy (points)", _one_decimal), lambda m: _rounded(m.nps)),
)
_GROWTH = Column("Revenue change (%)", _one_decimal)
_SHARE = Column("Revenue share (%)", _one_decimal)


def _measured(measures: Measures) -> tuple[Cell, ...]:
    return tuple(read(measures) for _, read in _MEASURES)


_MEASURE_COLUMNS = tuple(column for column, _ in _MEASURES)


def tables(data: ExecutiveData) -> tuple[Table, ...]:
    """By state, by region, by month."""
    return (_by_state(data), _by_region(data), _by_month(data))


def _by_state(data: ExecutiveData) -> Table:
    before = {row.state: row.measures for row in data.states_before}
    return Table(
        "by_state",
        "By state",
        (Column("State"), Column("Region"), _SHARE, _GROWTH, *_MEASURE_COLUMNS),
        tuple(
            (
                row.state,
                row.region,
                _percent(share(row.measures, data.current)),
                _change(row.measures, before.get(row.state)),
                *_measured(row.measures),
            )
            for row in data.states
        ),
    )


def _by_region(data: ExecutiveData) -> Table:
    before = {row.region: row.measures for row in data.regions_before}
    return Table(
        "by_region",
        "By region",
        (Column("Region"), _SHARE, _GROWTH, *_MEASURE_COLUMNS),
        tuple(
            (
                row.region,
                _percent(share(row.measures, data.current)),
                _change(row.measures, before.get(row.region)),
                *_measured(row.measures),
            )
            for row in data.regions
        ),
    )


def _by_month(data: ExecutiveData) -> Table:
    mom, yoy = data.revenue_growth(1), data.revenue_growth(12)

    def coverage(point: MonthPoint) -> str:
        if not point.is_complete:
            return "incomplete"
        if data.period.covers_month(point.month):
            return "complete"
        part = data.period.clip_to_month(point.month)
        return f"days {part.start.day}\N{EN DASH}{part.end.day} only"

    def whole_growth(point: MonthPoint, found: float | None) -> float | None:
        """Growth is of whole months: none is shown beside the figures of a part of one."""
        return _percent(found) if data.period.covers_month(point.month) else None

    return Table(
        "by_month",
        "By month",
        (
            Column("Month"),
            Column("Data"),
            Column("Revenue MoM (%)", _one_decimal),
            Column("Revenue YoY (%)", _one_decimal),
            *_MEASURE_COLUMNS,
        ),
        tuple(
            (
                f"{point.month:%Y-%m}",
                coverage(point),
                whole_growth(point, mom.get(point.month)),
                whole_growth(point, yoy.get(point.month)),
                *_measured(point.measures),
            )
            for point in data.months_in_period
        ),
    )


def _change(now: Measures, before: Measures | None) -> float | None:
    return None if before is None else _percent(metrics.REVENUE.change(now, before))
