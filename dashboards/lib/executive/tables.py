"""The rows: the tables of the executive dashboard."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.lib import format as fmt
from dashboards.lib import metrics
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.metrics import Measures, share
from dashboards.lib.months import MonthPoint
from dashboards.lib.tables import (
    Cell,
    Column,
    Table,
    money,
    one_decimal,
    percent_number,
    rounded,
    two_decimals,
)

# The columns that every table has, after its own first ones.
_MEASURES: tuple[tuple[Column, Callable[[Measures], Cell]], ...] = (
    (Column("Revenue (R$)", money), lambda m: m.revenue_amount),
    (Column("GMV (R$)", money), lambda m: m.gmv_amount),
    (Column("Freight (R$)", money), lambda m: m.freight_amount),
    (Column("Sales", fmt.count), lambda m: m.num_sales),
    (Column("Order value (R$)", money), lambda m: rounded(m.average_order_value)),
    (Column("New customers", fmt.count), lambda m: m.num_new_customers),
    (Column("Free freight (%)", one_decimal), lambda m: percent_number(m.free_freight_rate)),
    (Column("Not fulfilled (%)", two_decimals), lambda m: percent_number(m.not_fulfilled_rate)),
    (Column("Delivery (days)", one_decimal), lambda m: rounded(m.average_delivery_days)),
    (Column("Promised (days)", one_decimal), lambda m: rounded(m.average_promised_days)),
    (Column("Promise kept (%)", one_decimal), lambda m: percent_number(m.promise_kept_rate)),
    (
        Column("On time, of the delivered (%)", one_decimal),
        lambda m: percent_number(m.on_time_rate),
    ),
    (Column("Score (1-5)", two_decimals), lambda m: rounded(m.average_review_score)),
    (Column("CSAT (%)", one_decimal), lambda m: percent_number(m.csat_rate)),
    (Column("NPS proxy (points)", one_decimal), lambda m: rounded(m.nps)),
)
_GROWTH = Column("Revenue change (%)", one_decimal)
_SHARE = Column("Revenue share (%)", one_decimal)


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
                percent_number(share(row.measures, data.current)),
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
                percent_number(share(row.measures, data.current)),
                _change(row.measures, before.get(row.region)),
                *_measured(row.measures),
            )
            for row in data.regions
        ),
    )


def _by_month(data: ExecutiveData) -> Table:
    mom, yoy = data.revenue_growth(1), data.revenue_growth(12)

    def coverage(point: MonthPoint[Measures]) -> str:
        if not point.is_complete or data.period.covers_month(point.month):
            return point.coverage
        part = data.period.clip_to_month(point.month)
        return f"days {part.start.day}\N{EN DASH}{part.end.day} only"

    def whole_growth(point: MonthPoint[Measures], found: float | None) -> float | None:
        """Growth is of whole months: none is shown beside the figures of a part of one."""
        return percent_number(found) if data.period.covers_month(point.month) else None

    return Table(
        "by_month",
        "By month",
        (
            Column("Month"),
            Column("Data"),
            Column("Revenue MoM (%)", one_decimal),
            Column("Revenue YoY (%)", one_decimal),
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
    return None if before is None else percent_number(metrics.REVENUE.change(now, before))
