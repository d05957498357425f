"""Sums by month and by period, for any mart: the points of monthly charts, what to compare.

A month or a period without complete data is marked, and never compared. No SQL, no metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, Protocol, TypeVar

from dashboards.lib import theme
from dashboards.lib.changes import Comparison, Words
from dashboards.lib.charts import Series, Timeline
from dashboards.lib.metrics import Metric
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.tiles import Key

CHOSEN = Key("Chosen period", theme.BLUE)
OUTSIDE = Key("Outside the chosen period", theme.PALE_BLUE)
INCOMPLETE_BAR = Key("Incomplete month", theme.INCOMPLETE, "hatch")
INCOMPLETE_BAND = Key("Incomplete month, not shown", theme.INCOMPLETE_BAND, "band")
CHOSEN_BAND = Key("Chosen period", theme.SELECTED_BAND, "band")


class Sums(Protocol):
    """Additive sums over some rows of a mart."""

    @property
    def is_empty(self) -> bool:
        """Whether there was no row with anything to count."""
        ...


T = TypeVar("T")
S = TypeVar("S", bound=Sums)


@dataclass(frozen=True)
class MonthPoint(Generic[T]):
    """One calendar month of the charts, whole, whatever days were chosen."""

    month: date
    measures: T
    is_complete: bool
    is_delivery_mature: bool
    is_selected: bool

    @property
    def coverage(self) -> str:
        """How far the data of the month go, in words."""
        if not self.is_complete:
            return "incomplete"
        return "complete" if self.is_delivery_mature else "deliveries under way"


def month_points(
    calendar: DataCalendar, period: Period, by_month: Mapping[date, T], nothing: T
) -> tuple[MonthPoint[T], ...]:
    """Every month of the data in order; ``nothing`` stands for one without a row."""
    complete, mature = calendar.complete_months, calendar.of_delivery.complete_months
    return tuple(
        MonthPoint(
            month.start,
            by_month.get(month.start, nothing),
            month.start in complete,
            month.start in mature,
            month.start in period.months,
        )
        for month in calendar.months
    )


def compare(
    calendar: DataCalendar,
    period: Period,
    read: Callable[[Period], S],
    current: Period,
    fault: str | None = None,
    nothing: str = "no orders there",
) -> Comparison[S]:
    """The sums of a period to compare ``current`` with, or why they must not be compared.

    Args:
        calendar: Which months of the data are complete.
        period: The period to compare with.
        read: Reads the sums of a period.
        current: The period that is compared.
        fault: What else speaks against it, if anything.
        nothing: The reason to give where nothing was counted in ``period``.
    """
    reason = fault or calendar.why_incomplete(current) or calendar.why_incomplete(period)
    if reason is not None:
        return Comparison(period, None, reason)
    measures = read(period)
    if measures.is_empty:
        return Comparison(period, None, nothing)
    of_delivery = calendar.of_delivery
    under_way = of_delivery.why_incomplete(current) or of_delivery.why_incomplete(period)
    return Comparison(period, measures, None, under_way)


def timeline(points: tuple[MonthPoint[T], ...]) -> Timeline:
    """The months of a monthly chart."""
    return Timeline(
        months=tuple(point.month for point in points),
        complete=tuple(point.is_complete for point in points),
        selected=tuple(point.is_selected for point in points),
    )


def series(
    points: tuple[MonthPoint[T], ...], metric: Metric, name: str, words: Words, **look: str
) -> Series:
    """A metric by month; ``look`` holds the colour, pale and dash of the series."""
    values = tuple(metric.value(point.measures) for point in points)
    return Series(name, values, words, **look)


def of_delivery(points: tuple[MonthPoint[T], ...]) -> tuple[MonthPoint[T], ...]:
    """The points for figures of what has arrived: complete only where deliveries are mature."""
    return tuple(replace(point, is_complete=point.is_delivery_mature) for point in points)


def complete_only(points: tuple[MonthPoint[T], ...], nothing: T) -> tuple[MonthPoint[T], ...]:
    """The points with ``nothing`` in incomplete months: for bars of rates and averages.

    A rate of the three orders of a trickling month would dwarf all the others.
    """
    return tuple(
        point if point.is_complete else replace(point, measures=nothing) for point in points
    )


def legend(points: tuple[MonthPoint[T], ...], *keys: Key, incomplete: Key) -> tuple[Key, ...]:
    """The keys, with that of incomplete months only where the chart has one."""
    has_incomplete = any(not point.is_complete for point in points)
    return (*keys, incomplete) if has_incomplete else keys


def chosen_complete(points: tuple[MonthPoint[T], ...]) -> list[MonthPoint[T]]:
    """The months of the chosen period that are complete."""
    return [point for point in points if point.is_selected and point.is_complete]


def extremes(
    points: tuple[MonthPoint[T], ...], metric: Metric
) -> tuple[MonthPoint[T], MonthPoint[T]] | None:
    """The chosen complete months with the lowest and the highest figure; the earlier wins."""
    shown = of_delivery(points) if metric.is_of_delivery else points
    known = [p for p in chosen_complete(shown) if metric.value(p.measures) is not None]
    if len(known) < 2:  # noqa: PLR2004 - one month has no extremes
        return None

    def figure(point: MonthPoint[T]) -> float:
        return float(metric.value(point.measures) or 0)

    return min(known, key=figure), max(known, key=figure)
