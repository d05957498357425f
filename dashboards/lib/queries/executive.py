"""The queries on marts.mart_executive_dashboard: additive sums by day, month, state, region.

Every query takes a `Scope`: the days and the states it may look at. Nothing here divides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from dashboards.lib.metrics import MEASURE_NAMES, Measures
from dashboards.lib.periods import Period

# Sums are cast back to the column's own kind: DuckDB widens them to hugeint and decimal(38).
_CASTS = {
    "gmv_amount": "decimal(18, 2)",
    "freight_amount": "decimal(18, 2)",
    "revenue_amount": "decimal(18, 2)",
    "sum_delivery_days": "double",
    "sum_promised_days": "double",
}
_SUMS = ",\n            ".join(
    f"coalesce(sum({name}), 0)::{_CASTS.get(name, 'bigint')} as {name}"
    for name in MEASURE_NAMES
)
# An empty list means no restriction: a filter that was left alone.
_WHERE = """
        where order_date between $first_day and $last_day
            and (len($states::varchar[]) = 0 or list_contains($states, customer_state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, region))
"""


@dataclass(frozen=True)
class Scope:
    """The rows a query may look at; empty states or regions mean all of them."""

    period: Period
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def during(self, period: Period) -> Scope:
        """The same states and regions over another period."""
        return Scope(period, self.states, self.regions)

    def bound(self) -> dict[str, Any]:
        """The values to bind."""
        return {
            "first_day": self.period.start,
            "last_day": self.period.end,
            "states": list(self.states),
            "regions": list(self.regions),
        }


@dataclass(frozen=True)
class StateName:
    """A customer state of the data and the region it belongs to."""

    state: str
    region: str


@dataclass(frozen=True)
class MonthMeasures:
    """The sums of one calendar month."""

    month: date
    measures: Measures


@dataclass(frozen=True)
class StateMeasures:
    """The sums of one customer state."""

    state: str
    region: str
    measures: Measures


@dataclass(frozen=True)
class RegionMeasures:
    """The sums of one region."""

    region: str
    measures: Measures


def read_states(connection: duckdb.DuckDBPyConnection) -> tuple[StateName, ...]:
    """The customer states of the data with their regions, by name."""
    rows = connection.execute(
        """
        select distinct customer_state, region
        from marts.mart_executive_dashboard
        order by customer_state, region
        """
    ).fetchall()
    return tuple(StateName(*row) for row in rows)


def read_total(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Measures:
    """The sums over the whole scope; all zero where it holds no row."""
    row = connection.execute(
        f"""
        select
            {_SUMS}
        from marts.mart_executive_dashboard
        {_WHERE}
        """,
        scope.bound(),
    ).fetchone()
    return Measures() if row is None else Measures(*row)


def read_months(
    connection: duckdb.DuckDBPyConnection, scope: Scope
) -> tuple[MonthMeasures, ...]:
    """The sums by month, in order; a month without a row is left out."""
    rows = connection.execute(
        f"""
        select
            order_month,
            {_SUMS}
        from marts.mart_executive_dashboard
        {_WHERE}
        group by order_month
        order by order_month
        """,
        scope.bound(),
    ).fetchall()
    return tuple(MonthMeasures(row[0], Measures(*row[1:])) for row in rows)


def read_by_state(
    connection: duckdb.DuckDBPyConnection, scope: Scope
) -> tuple[StateMeasures, ...]:
    """The sums by customer state, the largest revenue first."""
    rows = connection.execute(
        f"""
        select
            customer_state,
            region,
            {_SUMS}
        from marts.mart_executive_dashboard
        {_WHERE}
        group by customer_state, region
        order by sum(revenue_amount) desc, customer_state, region
        """,
        scope.bound(),
    ).fetchall()
    return tuple(StateMeasures(row[0], row[1], Measures(*row[2:])) for row in rows)


def read_by_region(
    connection: duckdb.DuckDBPyConnection, scope: Scope
) -> tuple[RegionMeasures, ...]:
    """The sums by region, the largest revenue first."""
    rows = connection.execute(
        f"""
        select
            region,
            {_SUMS}
        from marts.mart_executive_dashboard
        {_WHERE}
        group by region
        order by sum(revenue_amount) desc, region
        """,
        scope.bound(),
    ).fetchall()
    return tuple(RegionMeasures(row[0], Measures(*row[1:])) for row in rows)
