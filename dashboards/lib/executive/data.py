"""Everything one view of the executive dashboard shows, read from one published version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboards.lib.changes import Comparison
from dashboards.lib.metrics import Measures, growth_by_month
from dashboards.lib.months import MonthPoint, compare, month_points
from dashboards.lib.periods import DataCalendar, Period, month_end
from dashboards.lib.queries import executive as queries
from dashboards.lib.queries.executive import RegionMeasures, Scope, StateMeasures, StateName
from dashboards.lib.queries.warehouse import (
    PublishedInfo,
    published,
    read_calendar,
    read_info,
)


@dataclass(frozen=True)
class Outline:
    """What the filters need to know before anything is chosen."""

    info: PublishedInfo
    calendar: DataCalendar
    states: tuple[StateName, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the data, by name."""
        return tuple(sorted({state.region for state in self.states}))

    def states_of(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """The states of some regions, by name; of all where none is named."""
        return tuple(s.state for s in self.states if not regions or s.region in regions)


@dataclass(frozen=True)
class LatestMonth:
    """The last complete month of the period, against the one before and a year before."""

    period: Period
    measures: Measures
    previous: Comparison[Measures]
    year_earlier: Comparison[Measures]


@dataclass(frozen=True)
class ExecutiveData:
    """One view: the chosen scope and all its figures."""

    info: PublishedInfo
    calendar: DataCalendar
    scope: Scope
    current: Measures
    previous: Comparison[Measures]
    year_earlier: Comparison[Measures]
    latest: LatestMonth | None
    months: tuple[MonthPoint[Measures], ...]
    months_in_period: tuple[MonthPoint[Measures], ...]
    states: tuple[StateMeasures, ...]
    states_before: tuple[StateMeasures, ...]
    regions: tuple[RegionMeasures, ...]
    regions_before: tuple[RegionMeasures, ...]

    @property
    def period(self) -> Period:
        """The chosen period."""
        return self.scope.period

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave no order."""
        return self.current.is_empty

    def revenue_growth(self, months_back: int) -> dict[date, float]:
        """Revenue growth of every complete month on the one ``months_back`` before."""
        values = {point.month: point.measures.revenue_amount for point in self.months}
        complete = [point.month for point in self.months if point.is_complete]
        return growth_by_month(values, complete, months_back)


def load_outline(path: Path) -> Outline:
    """The published version, its calendar and its states.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        return Outline(
            info=info,
            calendar=read_calendar(connection, info.as_of_date),
            states=queries.read_states(connection),
        )


def load(path: Path, scope: Scope) -> ExecutiveData:
    """Everything the page shows for a scope, on one connection.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)

        def read(period: Period) -> Measures:
            return queries.read_total(connection, scope.during(period))

        def latest() -> LatestMonth | None:
            chosen = [m for m in calendar.complete_months if scope.period.covers_month(m)]
            if not chosen:
                return None
            period = Period(chosen[-1], month_end(chosen[-1]))
            measures = read(period)
            return LatestMonth(
                period,
                measures,
                compare(calendar, period.previous(), read, period),
                compare(calendar, period.year_earlier(), read, period),
            )

        def points(period: Period) -> tuple[MonthPoint[Measures], ...]:
            by_month = {
                row.month: row.measures
                for row in queries.read_months(connection, scope.during(period))
            }
            return month_points(calendar, scope.period, by_month, Measures())

        previous = compare(calendar, scope.period.previous(), read, scope.period)
        has_before = previous.measures is not None
        before = scope.during(previous.period)
        return ExecutiveData(
            info=info,
            calendar=calendar,
            scope=scope,
            current=queries.read_total(connection, scope),
            previous=previous,
            year_earlier=compare(calendar, scope.period.year_earlier(), read, scope.period),
            latest=latest(),
            months=points(calendar.whole),
            months_in_period=tuple(p for p in points(scope.period) if p.is_selected),
            states=queries.read_by_state(connection, scope),
            states_before=queries.read_by_state(connection, before) if has_before else (),
            regions=queries.read_by_region(connection, scope),
            regions_before=queries.read_by_region(connection, before) if has_before else (),
        )
