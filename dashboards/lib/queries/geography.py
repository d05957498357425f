"""The queries of the geography page: states, cities and routes, as additive sums.

Sums by day and state are those of `queries.executive`. Nothing here divides.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dashboards.lib.place_metrics import (
    CITY_MEASURE_NAMES,
    ROUTE_MEASURE_NAMES,
    CityMeasures,
    RouteMeasures,
)
from dashboards.lib.queries.executive import Scope

# Sums are cast back to the column's own kind: DuckDB widens them to hugeint.
_ROUTE_SUMS = ",\n            ".join(
    f"coalesce(sum({name}), 0)::{'double' if name.startswith('sum_d') else 'bigint'} as {name}"
    for name in ROUTE_MEASURE_NAMES
)
_CITY_COLUMNS = ",\n            ".join(CITY_MEASURE_NAMES)


@dataclass(frozen=True)
class State:
    """A state with trade; ``population`` is 0 where it is not known (1 July 2018)."""

    state: str
    name: str
    region: str
    population: int


@dataclass(frozen=True)
class City:
    """A city with trade, its point where one is known, and its sums over all days."""

    city: str
    state: str
    region: str
    is_capital: bool
    latitude: float | None
    longitude: float | None
    measures: CityMeasures


@dataclass(frozen=True)
class Route:
    """From the state of the seller to that of the customer, with its sums."""

    seller_state: str
    customer_state: str
    measures: RouteMeasures


def read_places(connection: duckdb.DuckDBPyConnection) -> tuple[State, ...]:
    """The states of the data, by their code."""
    rows = connection.execute(
        """
        select
            state,
            any_value(state_name) as state_name,
            any_value(region) as region,
            coalesce(any_value(state_population), 0) as population
        from marts.mart_geographic_analysis
        group by state
        order by state
        """
    ).fetchall()
    return tuple(State(*row) for row in rows)


def read_cities(connection: duckdb.DuckDBPyConnection, scope: Scope) -> tuple[City, ...]:
    """The cities of the scope's states, the largest revenue first; the mart has no dates."""
    bound = scope.bound()
    rows = connection.execute(
        f"""
        select
            city,
            state,
            region,
            is_capital,
            latitude,
            longitude,
            {_CITY_COLUMNS}
        from marts.mart_geographic_analysis
        where (len($states::varchar[]) = 0 or list_contains($states, state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, region))
        order by revenue_amount desc, state, city
        """,
        {name: bound[name] for name in ("states", "regions")},
    ).fetchall()
    return tuple(
        City(row[0], row[1], row[2], row[3], row[4], row[5], CityMeasures(*row[6:]))
        for row in rows
    )


def read_routes(connection: duckdb.DuckDBPyConnection, scope: Scope) -> tuple[Route, ...]:
    """The routes to the scope's states in the months its days touch, by their states.

    The mart knows months, not days: hand over a scope of whole months to be exact.
    """
    rows = connection.execute(
        f"""
        select
            seller_state,
            customer_state,
            {_ROUTE_SUMS}
        from marts.mart_delivery_metrics
        where order_month between date_trunc('month', $first_day::date) and $last_day
            and (len($states::varchar[]) = 0 or list_contains($states, customer_state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, customer_region))
        group by seller_state, customer_state
        order by seller_state, customer_state
        """,
        scope.bound(),
    ).fetchall()
    return tuple(Route(row[0], row[1], RouteMeasures(*row[2:])) for row in rows)
