"""Everything one view of the customers dashboard shows, read from one published version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from dashboards.lib import format as fmt
from dashboards.lib.changes import Comparison
from dashboards.lib.customers.measures import (
    CohortCell,
    CustomerMeasures,
    PaymentMeasures,
    ReturnDays,
)
from dashboards.lib.months import MonthPoint, compare, month_points
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.queries import customers as queries
from dashboards.lib.queries.customers import (
    Attribute,
    CustomerScope,
    Group,
    Person,
    RfmCell,
)
from dashboards.lib.queries.executive import Scope, StateName, read_states
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_calendar, read_info

# As many rows as a reader looks through; the CSV holds the same.
MAX_PERSONS = 500


class Whom(StrEnum):
    """Whose segments, returns and rows the page shows."""

    EVERYBODY = "everybody"
    NEW = "new"


@dataclass(frozen=True)
class Outline:
    """What the filters need to know before anything is chosen."""

    info: PublishedInfo
    calendar: DataCalendar
    states: tuple[StateName, ...]
    segments: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the data, by name."""
        return tuple(sorted({state.region for state in self.states}))

    def states_of(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """The states of some regions, by name; of all where none is named."""
        return tuple(s.state for s in self.states if not regions or s.region in regions)


@dataclass(frozen=True)
class Compared:
    """Sums with those of the period before and of the same period a year before."""

    now: CustomerMeasures
    previous: Comparison[CustomerMeasures]
    year_earlier: Comparison[CustomerMeasures]


@dataclass(frozen=True)
class CustomersData:
    """One view: what was chosen, and all its figures.

    ``new`` are the persons whose first sale lies in the period, ``base`` all persons up to its
    end, with what was known on that day; every other figure is of the ``shown`` persons, with
    all that is known. Cohorts and payments know no state and no segment.
    """

    info: PublishedInfo
    calendar: DataCalendar
    states: tuple[StateName, ...]
    scope: Scope
    segments: tuple[str, ...]
    whom: Whom
    new: Compared
    base: Compared
    shown: CustomerMeasures
    months: tuple[MonthPoint[CustomerMeasures], ...]
    by_segment: tuple[Group, ...]
    by_rfm_segment: tuple[Group, ...]
    by_state: tuple[Group, ...]
    by_category: tuple[Group, ...]
    by_payment: tuple[Group, ...]
    rfm: tuple[RfmCell, ...]
    return_days: tuple[ReturnDays, ...]
    persons: tuple[Person, ...]
    cohorts: Mapping[tuple[date, int], CohortCell]
    payments: Mapping[tuple[date, str], PaymentMeasures]

    @property
    def period(self) -> Period:
        """The chosen period."""
        return self.scope.period

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave nobody."""
        return self.shown.is_empty

    @property
    def whom_words(self) -> str:
        """The shown persons, as a subtitle names them."""
        if self.whom is Whom.NEW:
            return f"first sale {self.period.label}"
        return f"first sale by {fmt.day(self.period.end)}"

    @property
    def whose_months(self) -> Period:
        """The months whose cohorts are shown."""
        if self.whom is Whom.NEW:
            return self.period
        return Period(self.calendar.whole_months.start, self.period.end)


def load_outline(path: Path) -> Outline:
    """The published version, its calendar, its states and its segments.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        return Outline(
            info=info,
            calendar=read_calendar(connection, info.as_of_date),
            states=read_states(connection),
            segments=queries.read_segments(connection),
        )


def load(path: Path, scope: Scope, segments: tuple[str, ...], whom: Whom) -> CustomersData:
    """Everything the page shows, on one connection.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)
        period = scope.period

        def persons(
            since: date | None, until: date, known_by: date | None = None
        ) -> CustomerScope:
            return CustomerScope(
                info.as_of_date, since, until, scope.states, scope.regions, segments, known_by
            )

        def new(of: Period) -> CustomerMeasures:
            return queries.read_customers(connection, persons(of.start, of.end))

        def base(of: Period) -> CustomerMeasures:
            return queries.read_customers(connection, persons(None, of.end, known_by=of.end))

        fault = None
        if segments:
            # A segment is what a person is today: those of an earlier period had other ones.
            fault = f"segments are those of {fmt.day(info.as_of_date)}"
        before, year_before = period.previous(), period.year_earlier()
        nobody = "nobody there"
        shown = persons(period.start if whom is Whom.NEW else None, period.end)
        everybody = persons(None, calendar.whole_months.end)
        return CustomersData(
            info=info,
            calendar=calendar,
            states=read_states(connection),
            scope=scope,
            segments=segments,
            whom=whom,
            new=Compared(
                new(period),
                compare(calendar, before, new, period, fault, nobody),
                compare(calendar, year_before, new, period, fault, nobody),
            ),
            base=Compared(
                base(period),
                compare(calendar, before, base, period, fault, nobody),
                compare(calendar, year_before, base, period, fault, nobody),
            ),
            shown=queries.read_customers(connection, shown),
            months=month_points(
                calendar,
                period,
                queries.read_by_month(connection, everybody),
                CustomerMeasures(),
            ),
            by_segment=queries.read_by(connection, shown, Attribute.CUSTOMER_SEGMENT),
            by_rfm_segment=queries.read_by(connection, shown, Attribute.RFM_SEGMENT),
            by_state=queries.read_by(connection, shown, Attribute.STATE),
            by_category=queries.read_by(connection, shown, Attribute.FIRST_CATEGORY),
            by_payment=queries.read_by(connection, shown, Attribute.FIRST_PAYMENT_TYPE),
            rfm=queries.read_rfm(connection, shown),
            return_days=queries.read_return_days(connection, shown),
            persons=queries.read_persons(connection, shown, MAX_PERSONS),
            cohorts=queries.read_cohorts(connection, shown.since, shown.until),
            payments=queries.read_payments(connection, period),
        )
