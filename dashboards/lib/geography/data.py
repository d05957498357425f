"""Everything one view of the geography dashboard shows, read from one published version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from dashboards.lib import metrics, place_metrics
from dashboards.lib.changes import Comparison
from dashboards.lib.metrics import Measures, total
from dashboards.lib.months import compare
from dashboards.lib.periods import DataCalendar, Period, month_end, month_start
from dashboards.lib.place_metrics import CityMeasures, RouteMeasures, added
from dashboards.lib.queries import executive as queries
from dashboards.lib.queries import geography as places
from dashboards.lib.queries.executive import Scope
from dashboards.lib.queries.geography import City, Route
from dashboards.lib.queries.warehouse import (
    PublishedInfo,
    published,
    read_calendar,
    read_info,
)

# A state is ranked by a rate, an average or growth from this many orders on, as in the marts.
STATE_MINIMUM = 20
CITY_MINIMUMS = (1, 20, 50, 100, 500)
DEFAULT_CITY_MINIMUM = 20

# Kilometres between the states of a route: upper end of each band, and the last without one.
DISTANCE_BANDS = (250, 500, 1000, 1500, 2000, None)


@dataclass(frozen=True)
class Area:
    """A state or a region: who lives there, what they bought, how far it travelled.

    ``before`` are the sums of the period growth is measured against, None where there is no
    such period. ``routes`` are of whole months. ``num_days`` is the length of the period.
    """

    code: str
    name: str
    region: str
    population: int
    measures: Measures
    before: Measures | None
    routes: RouteMeasures
    num_days: int

    @property
    def revenue_per_thousand(self) -> float | None:
        """BRL a year per 1,000 inhabitants."""
        return place_metrics.a_year_per_thousand(
            self.measures.revenue_amount, self.population, self.num_days
        )

    @property
    def sales_per_thousand(self) -> float | None:
        """Sales a year per 1,000 inhabitants."""
        return place_metrics.a_year_per_thousand(
            self.measures.num_sales, self.population, self.num_days
        )

    @property
    def growth(self) -> float | None:
        """Growth of revenue, 0.1 for ten percent; None with fewer orders than the minimum."""
        if self.before is None:
            return None
        if min(self.before.num_orders, self.measures.num_orders) < STATE_MINIMUM:
            return None
        return metrics.REVENUE.change(self.measures, self.before)


@dataclass(frozen=True)
class Band:
    """The routes whose average distance lies between two bounds (km).

    ``label`` is for the axis of a chart, ``words`` for a sentence.
    """

    label: str
    words: str
    num_routes: int
    measures: RouteMeasures


@dataclass(frozen=True)
class GeographyData:
    """One view: the chosen scope and all its figures.

    ``growth_base`` is what growth is measured against: the same days of the year before, or,
    where these cannot be compared, the period before.
    """

    info: PublishedInfo
    calendar: DataCalendar
    scope: Scope
    city_minimum: int
    current: Measures
    previous: Comparison[Measures]
    year_earlier: Comparison[Measures]
    growth_base: Comparison[Measures]
    states: tuple[Area, ...]
    regions: tuple[Area, ...]
    routes: tuple[Route, ...]
    routes_before: Comparison[RouteMeasures]
    cities: tuple[City, ...]

    @property
    def period(self) -> Period:
        """The chosen period."""
        return self.scope.period

    @property
    def months(self) -> Period:
        """The whole months the chosen days touch: distances are known by month."""
        return whole_months(self.period)

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave no order."""
        return self.current.is_empty

    @property
    def population(self) -> int:
        """Inhabitants of the chosen states that have trade."""
        return sum(area.population for area in self.states)

    @property
    def whole(self) -> Area:
        """All that is chosen, as one area."""
        return _joined("All", self.states)

    @property
    def shipments(self) -> RouteMeasures:
        """All shipments of the months."""
        return added(RouteMeasures, [route.measures for route in self.routes])

    @property
    def ranked_cities(self) -> tuple[City, ...]:
        """The cities with the minimum of orders, the largest revenue first."""
        return tuple(c for c in self.cities if c.measures.num_orders >= self.city_minimum)

    @property
    def all_cities(self) -> CityMeasures:
        """All cities of the chosen states, over all days."""
        return added(CityMeasures, [city.measures for city in self.cities])

    def split(self, region: str | None = None) -> tuple[CityMeasures, CityMeasures]:
        """The capitals and the rest, over all days; of one region where it is named."""
        chosen = [city for city in self.cities if region is None or city.region == region]
        capitals = [city.measures for city in chosen if city.is_capital]
        others = [city.measures for city in chosen if not city.is_capital]
        return added(CityMeasures, capitals), added(CityMeasures, others)

    @property
    def bands(self) -> tuple[Band, ...]:
        """The routes by their average distance, near to far; bands without routes left out."""
        found = []
        lower = 0
        for upper in DISTANCE_BANDS:
            words = f"{lower:,} km and more" if upper is None else f"{lower:,} to {upper:,} km"
            if not lower:
                words = f"under {upper:,} km"
            inside = [
                route.measures
                for route in self.routes
                if (distance := route.measures.average_distance_km) is not None
                and lower <= distance < (upper or float("inf"))
            ]
            if inside:
                found.append(
                    Band(f"{lower:,}+", words, len(inside), added(RouteMeasures, inside))
                )
            lower = upper or lower
        return tuple(found)


def whole_months(period: Period) -> Period:
    """The whole months that a period touches."""
    return Period(month_start(period.start), month_end(period.end))


def load(path: Path, scope: Scope, city_minimum: int = DEFAULT_CITY_MINIMUM) -> GeographyData:
    """Everything the page shows for a scope, on one connection.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)

        def read(period: Period) -> Measures:
            return queries.read_total(connection, scope.during(period))

        def routes_in(period: Period) -> tuple[Route, ...]:
            return places.read_routes(connection, scope.during(period))

        def shipments_in(period: Period) -> RouteMeasures:
            return added(RouteMeasures, [route.measures for route in routes_in(period)])

        previous = compare(calendar, scope.period.previous(), read, scope.period)
        year_earlier = compare(calendar, scope.period.year_earlier(), read, scope.period)
        base = previous if year_earlier.measures is None else year_earlier
        before = None
        if base.measures is not None:
            before = _by_state(queries.read_by_state(connection, scope.during(base.period)))
        months = whole_months(scope.period)
        routes = routes_in(months)
        states = _states(
            [one for one in places.read_places(connection) if _is_chosen(one, scope)],
            _by_state(queries.read_by_state(connection, scope)),
            before,
            routes,
            scope.period.num_days,
        )
        return GeographyData(
            info=info,
            calendar=calendar,
            scope=scope,
            city_minimum=city_minimum,
            current=read(scope.period),
            previous=previous,
            year_earlier=year_earlier,
            growth_base=base,
            states=states,
            regions=_regions(states),
            routes=routes,
            routes_before=compare(
                calendar.of_delivery, months.previous(), shipments_in, months
            ),
            cities=places.read_cities(connection, scope),
        )


def _is_chosen(place: places.State, scope: Scope) -> bool:
    in_states = not scope.states or place.state in scope.states
    return in_states and (not scope.regions or place.region in scope.regions)


def _by_state(rows: Sequence[queries.StateMeasures]) -> dict[str, Measures]:
    return {row.state: row.measures for row in rows}


def _states(
    chosen: Sequence[places.State],
    now: dict[str, Measures],
    before: dict[str, Measures] | None,
    routes: Sequence[Route],
    num_days: int,
) -> tuple[Area, ...]:
    areas = [
        Area(
            one.state,
            one.name,
            one.region,
            one.population,
            now.get(one.state, Measures()),
            None if before is None else before.get(one.state, Measures()),
            added(RouteMeasures, [r.measures for r in routes if r.customer_state == one.state]),
            num_days,
        )
        for one in chosen
    ]
    return tuple(sorted(areas, key=_largest_first))


def _regions(states: Sequence[Area]) -> tuple[Area, ...]:
    names = {area.region for area in states}
    regions = [_joined(name, [a for a in states if a.region == name]) for name in names]
    return tuple(sorted(regions, key=_largest_first))


def _largest_first(area: Area) -> tuple[Decimal, str]:
    return -area.measures.revenue_amount, area.code


def _joined(name: str, areas: Sequence[Area]) -> Area:
    before = [area.before for area in areas if area.before is not None]
    return Area(
        name,
        name,
        name,
        sum(area.population for area in areas),
        total([area.measures for area in areas]),
        total(before) if before else None,
        added(RouteMeasures, [area.routes for area in areas]),
        max((area.num_days for area in areas), default=1),
    )
