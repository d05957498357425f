"""Everything one view of the delivery dashboard shows, read from one published version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dashboards.lib.changes import Comparison
from dashboards.lib.delivery.measures import DeliveryMeasures, FunnelMeasures
from dashboards.lib.months import MonthPoint, compare, month_points
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.queries import delivery as queries
from dashboards.lib.queries.delivery import CustomerState, DeliveryScope, OrderStatus, Route
from dashboards.lib.queries.executive import StateName, read_states
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_calendar, read_info

# Deliveries that a state or a route needs to be ranked: the choices, the first to begin with.
# Below fifty one late parcel moves a rate by more than two points.
MINIMUM_DELIVERIES = (50, 20, 100, 500)

Months = tuple[MonthPoint[DeliveryMeasures], ...]


@dataclass(frozen=True)
class Outline:
    """What the filters need to know before anything is chosen."""

    info: PublishedInfo
    calendar: DataCalendar
    states: tuple[StateName, ...]
    seller_states: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the customers, by name."""
        return tuple(sorted({state.region for state in self.states}))

    def states_of(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """The states of some regions, by name; of all where none is named."""
        return tuple(s.state for s in self.states if not regions or s.region in regions)


@dataclass(frozen=True)
class DeliveryData:
    """One view: the chosen scope and all its figures.

    ``stuck`` is of all orders up to the as-of date; everything else is of the chosen period.
    """

    info: PublishedInfo
    calendar: DataCalendar
    scope: DeliveryScope
    minimum: int
    current: DeliveryMeasures
    previous: Comparison[DeliveryMeasures]
    year_earlier: Comparison[DeliveryMeasures]
    months: Months
    states: tuple[CustomerState, ...]
    routes: tuple[Route, ...]
    funnel: FunnelMeasures
    stuck: tuple[OrderStatus, ...]
    all_orders: FunnelMeasures

    @property
    def period(self) -> Period:
        """The chosen period, whole months."""
        return self.scope.period

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave no shipment."""
        return self.current.is_empty

    @property
    def ranked_states(self) -> tuple[CustomerState, ...]:
        """The states with enough deliveries, the largest share of late ones first."""
        rows = (row for row in self.states if row.measures.num_deliveries >= self.minimum)
        return tuple(sorted(rows, key=lambda row: (-_late(row.measures), row.state)))

    @property
    def ranked_routes(self) -> tuple[Route, ...]:
        """The routes with enough deliveries, the largest share of late ones first."""
        rows = (row for row in self.routes if row.measures.num_deliveries >= self.minimum)
        return tuple(sorted(rows, key=lambda row: (-_late(row.measures), row.name)))


def _late(measures: DeliveryMeasures) -> float:
    return measures.late_rate or 0.0


def scope(
    period: Period,
    regions: Iterable[object],
    states: Iterable[object],
    seller_states: Iterable[object],
) -> DeliveryScope:
    """The scope that the widgets' values describe."""
    return DeliveryScope(
        period,
        states=tuple(str(state) for state in states),
        regions=tuple(str(region) for region in regions),
        seller_states=tuple(str(state) for state in seller_states),
    )


def scope_words(chosen: DeliveryScope) -> str:
    """The scope as a reader would say it: ``Mar-Aug 2018, to RJ, from SP``."""
    places = chosen.states or chosen.regions
    to = f"to {', '.join(places)}" if places else "to all states"
    sellers = chosen.seller_states
    return (
        f"{chosen.period.label}, {to}, from {', '.join(sellers) if sellers else 'all sellers'}"
    )


def load_outline(path: Path) -> Outline:
    """The published version, its calendar and its states.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        return Outline(
            info=info,
            calendar=read_calendar(connection, info.as_of_date).of_delivery,
            states=read_states(connection),
            seller_states=queries.read_seller_states(connection),
        )


def load(path: Path, chosen: DeliveryScope, minimum: int) -> DeliveryData:
    """Everything the page shows for a scope, on one connection.

    Args:
        path: The published warehouse.
        chosen: The months and the states.
        minimum: Deliveries that a state or a route needs to be ranked.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date).of_delivery

        def read(period: Period) -> DeliveryMeasures:
            return queries.read_total(connection, chosen.during(period))

        def against(period: Period) -> Comparison[DeliveryMeasures]:
            return compare(
                calendar, period, read, chosen.period, nothing="nothing was sent there"
            )

        ever = chosen.during(calendar.whole_months)
        return DeliveryData(
            info=info,
            calendar=calendar,
            scope=chosen,
            minimum=minimum,
            current=read(chosen.period),
            previous=against(chosen.period.previous()),
            year_earlier=against(chosen.period.year_earlier()),
            months=month_points(
                calendar,
                chosen.period,
                queries.read_months(connection, ever),
                DeliveryMeasures(),
            ),
            states=queries.read_by_state(connection, chosen),
            routes=queries.read_routes(connection, chosen),
            funnel=queries.read_funnel(connection, chosen),
            stuck=queries.read_stuck(connection, ever),
            all_orders=queries.read_funnel(connection, ever),
        )
