"""The queries on mart_delivery_metrics and mart_order_funnel: additive sums, nothing divided.

Both marts know whole months; a `DeliveryScope` says which, and which states.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from dashboards.lib.delivery.measures import DELIVERY_SUMS, DeliveryMeasures, FunnelMeasures
from dashboards.lib.periods import Period, month_start

_CASTS = {"freight_amount": "decimal(18, 2)"} | {
    name: "double" for name in DELIVERY_SUMS if name.endswith(("_days", "_km"))
}
# Sums are cast back to the column's own kind: DuckDB widens them to hugeint and decimal(38).
_SUMS = ",\n            ".join(
    f"coalesce(sum({name}), 0)::{_CASTS.get(name, 'bigint')} as {name}"
    for name in DELIVERY_SUMS
)
_PLACES = """
            and (len($states::varchar[]) = 0 or list_contains($states, customer_state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, customer_region))
"""
_WHERE = f"""
        where order_month between $first_month and $last_month {_PLACES}
            and (
                len($seller_states::varchar[]) = 0
                or list_contains($seller_states, seller_state)
            )
"""
_FUNNEL = """
            coalesce(sum(num_orders), 0)::bigint as num_orders,
            coalesce(sum(num_reached_approved), 0)::bigint as num_reached_approved,
            coalesce(sum(num_reached_shipped), 0)::bigint as num_reached_shipped,
            coalesce(sum(num_reached_delivered), 0)::bigint as num_reached_delivered,
            coalesce(sum(num_stuck), 0)::bigint as num_stuck,
            coalesce(sum(num_overdue), 0)::bigint as num_overdue,
            coalesce(sum(sum_standing_days), 0)::bigint as sum_standing_days,
            max(max_standing_days) as max_standing_days
"""


@dataclass(frozen=True)
class DeliveryScope:
    """The rows a query may look at; empty states or regions mean all of them.

    ``states`` and ``regions`` are the customer's. The funnel knows no seller.
    """

    period: Period
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    seller_states: tuple[str, ...] = ()

    def during(self, period: Period) -> DeliveryScope:
        """The same places over another period."""
        return DeliveryScope(period, self.states, self.regions, self.seller_states)

    def bound(self, *, with_seller: bool = True) -> dict[str, Any]:
        """The values to bind; the queries on the funnel name no seller."""
        values: dict[str, Any] = {
            "first_month": month_start(self.period.start),
            "last_month": month_start(self.period.end),
            "states": list(self.states),
            "regions": list(self.regions),
        }
        return values | {"seller_states": list(self.seller_states)} if with_seller else values


@dataclass(frozen=True)
class Route:
    """From the state of a seller to the state of a customer."""

    seller_state: str
    customer_state: str
    measures: DeliveryMeasures

    @property
    def name(self) -> str:
        """``SP to RJ``, with an arrow."""
        return f"{self.seller_state} \N{RIGHTWARDS ARROW} {self.customer_state}"


@dataclass(frozen=True)
class CustomerState:
    """What was sent to one state."""

    state: str
    region: str
    measures: DeliveryMeasures


@dataclass(frozen=True)
class OrderStatus:
    """The orders that stand in one status."""

    status: str
    measures: FunnelMeasures


def read_seller_states(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The states that something was sent from, by name."""
    rows = connection.execute(
        "select distinct seller_state from marts.mart_delivery_metrics order by seller_state"
    ).fetchall()
    return tuple(row[0] for row in rows)


def read_total(connection: duckdb.DuckDBPyConnection, scope: DeliveryScope) -> DeliveryMeasures:
    """The sums over the whole scope; all zero where it holds no row."""
    row = connection.execute(
        f"""
        select
            {_SUMS}
        from marts.mart_delivery_metrics
        {_WHERE}
        """,
        scope.bound(),
    ).fetchone()
    return DeliveryMeasures() if row is None else DeliveryMeasures(*row)


def read_months(
    connection: duckdb.DuckDBPyConnection, scope: DeliveryScope
) -> dict[date, DeliveryMeasures]:
    """The sums by month of purchase; a month without a row is left out."""
    rows = connection.execute(
        f"""
        select
            order_month,
            {_SUMS}
        from marts.mart_delivery_metrics
        {_WHERE}
        group by order_month
        """,
        scope.bound(),
    ).fetchall()
    return {row[0]: DeliveryMeasures(*row[1:]) for row in rows}


def read_by_state(
    connection: duckdb.DuckDBPyConnection, scope: DeliveryScope
) -> tuple[CustomerState, ...]:
    """The sums by state of the customer, the most deliveries first."""
    rows = connection.execute(
        f"""
        select
            customer_state,
            customer_region,
            {_SUMS}
        from marts.mart_delivery_metrics
        {_WHERE}
        group by customer_state, customer_region
        order by sum(num_deliveries) desc, customer_state
        """,
        scope.bound(),
    ).fetchall()
    return tuple(CustomerState(row[0], row[1], DeliveryMeasures(*row[2:])) for row in rows)


def read_routes(
    connection: duckdb.DuckDBPyConnection, scope: DeliveryScope
) -> tuple[Route, ...]:
    """The sums by route, the most deliveries first."""
    rows = connection.execute(
        f"""
        select
            seller_state,
            customer_state,
            {_SUMS}
        from marts.mart_delivery_metrics
        {_WHERE}
        group by seller_state, customer_state
        order by sum(num_deliveries) desc, seller_state, customer_state
        """,
        scope.bound(),
    ).fetchall()
    return tuple(Route(row[0], row[1], DeliveryMeasures(*row[2:])) for row in rows)


def read_funnel(connection: duckdb.DuckDBPyConnection, scope: DeliveryScope) -> FunnelMeasures:
    """How far the orders of the scope came, whatever seller they are from."""
    row = connection.execute(
        f"""
        select {_FUNNEL}
        from marts.mart_order_funnel
        where order_month between $first_month and $last_month {_PLACES}
        """,
        scope.bound(with_seller=False),
    ).fetchone()
    return FunnelMeasures() if row is None else FunnelMeasures(*row)


def read_stuck(
    connection: duckdb.DuckDBPyConnection, scope: DeliveryScope
) -> tuple[OrderStatus, ...]:
    """The orders of the scope that are stuck, by status, the most orders first."""
    rows = connection.execute(
        f"""
        select
            order_status,
            {_FUNNEL}
        from marts.mart_order_funnel
        where order_month between $first_month and $last_month {_PLACES}
        group by order_status
        having sum(num_stuck) > 0
        order by sum(num_stuck) desc, order_status
        """,
        scope.bound(with_seller=False),
    ).fetchall()
    return tuple(OrderStatus(row[0], FunnelMeasures(*row[1:])) for row in rows)
