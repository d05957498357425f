"""Spans of days, and which months of the data may be compared.

Calendar arithmetic lives here, and the one rule on incomplete months: a span that touches a
month without complete data is never compared; nor, where it is about deliveries, one whose
parcels are still under way. No SQL, no business metric, no wording of a page.
"""

from __future__ import annotations

import calendar as _calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

# The lengths, in months, that a default period may have, the preferred one first.
DEFAULT_LENGTHS = (12, 6, 3, 1)


class PeriodError(ValueError):
    """A span that ends before it starts."""


def month_start(day: date) -> date:
    """The first day of the month that ``day`` lies in."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the month that ``day`` lies in."""
    return day.replace(day=_calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months; a day that the target month lacks becomes its last."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


def month_name(day: date) -> str:
    """A month as words: ``Aug 2018``."""
    return f"{_calendar.month_abbr[day.month]} {day.year}"


@dataclass(frozen=True, order=True)
class Period:
    """A span of days, both ends included.

    Raises:
        PeriodError: The end lies before the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a span that ends before it starts."""
        if self.end < self.start:
            raise PeriodError(
                f"The period ends ({self.end}) before it starts ({self.start}): "
                "choose a later end."
            )

    @classmethod
    def of_months(cls, first: date, num_months: int) -> Period:
        """``num_months`` whole months from the month of ``first`` on."""
        start = month_start(first)
        return cls(start, month_end(add_months(start, num_months - 1)))

    @property
    def num_days(self) -> int:
        """Length in days, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def is_whole_months(self) -> bool:
        """Whether it starts on the first and ends on the last day of a month."""
        return self.start.day == 1 and self.end == month_end(self.end)

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the months it touches, in order."""
        found = [month_start(self.start)]
        while found[-1] < month_start(self.end):
            found.append(add_months(found[-1], 1))
        return tuple(found)

    def covers_month(self, month: date) -> bool:
        """Whether every day of the month lies inside."""
        return self.start <= month_start(month) and month_end(month) <= self.end

    def clip_to_month(self, month: date) -> Period:
        """The part of it that lies in the month.

        Raises:
            PeriodError: No day of it lies in the month.
        """
        return Period(max(self.start, month_start(month)), min(self.end, month_end(month)))

    def previous(self) -> Period:
        """The span of equal length that ends the day before this one starts.

        Whole months are answered with as many whole months: six months are compared with
        six months, though their days may differ in number.
        """
        if self.is_whole_months:
            num_months = len(self.months)
            return Period.of_months(add_months(self.start, -num_months), num_months)
        end = self.start - timedelta(days=1)
        return Period(end - timedelta(days=self.num_days - 1), end)

    def year_earlier(self) -> Period:
        """The same span, twelve months before."""
        if self.is_whole_months:
            return Period.of_months(add_months(self.start, -12), len(self.months))
        return Period(add_months(self.start, -12), add_months(self.end, -12))

    @property
    def label(self) -> str:
        """The span in words, ``Mar-Aug 2018`` or ``3 Mar-5 Apr 2018``, with an en dash."""
        name = month_name if self.is_whole_months else _day_name
        first, last = name(self.start), name(self.end)
        if first == last:
            return first
        if self.start.year == self.end.year:
            first = first.removesuffix(f" {self.start.year}")
        return f"{first}\N{EN DASH}{last}"

    @property
    def when(self) -> str:
        """The span within a sentence: ``in Mar-Aug 2018``, ``on 15 Mar 2018``."""
        if self.is_whole_months:
            return f"in {self.label}"
        if self.num_days == 1:
            return f"on {self.label}"
        return f"from {_day_name(self.start)} to {_day_name(self.end)}"

    @property
    def length_label(self) -> str:
        """Its length in words: ``6 months``, ``1 month`` or ``45 days``."""
        if self.is_whole_months:
            return _plural(len(self.months), "month")
        return _plural(self.num_days, "day")


@dataclass(frozen=True)
class Month:
    """A month of the data: its first day, and whether its data and deliveries are complete.

    While parcels are under way, those that have arrived are the fast ones.
    """

    start: date
    is_complete: bool
    is_delivery_mature: bool = True


@dataclass(frozen=True)
class DataCalendar:
    """The days the data cover and the months among them that are complete.

    ``months`` holds every month from the first to the last order, in order; a month without
    any order is there too, as incomplete. In the calendar ``of_delivery`` a month is complete
    only if its deliveries are mature, too.
    """

    first_date: date
    last_date: date
    as_of_date: date
    months: tuple[Month, ...]
    is_of_delivery: bool = False

    @property
    def complete_months(self) -> tuple[date, ...]:
        """First days of the complete months, in order."""
        return tuple(
            month.start
            for month in self.months
            if month.is_complete and (month.is_delivery_mature or not self.is_of_delivery)
        )

    @property
    def of_delivery(self) -> DataCalendar:
        """The same months, for figures of what has arrived."""
        return replace(self, is_of_delivery=True)

    @property
    def whole(self) -> Period:
        """From the first order to the last."""
        return Period(self.first_date, self.last_date)

    @property
    def whole_months(self) -> Period:
        """From the first day of the first month to the last day of the last."""
        return Period(month_start(self.first_date), month_end(self.last_date))

    @property
    def range_label(self) -> str:
        """From the first order to the last in words: ``4 Sep 2016 to 17 Oct 2018``."""
        return f"{_day_name(self.first_date)} to {_day_name(self.last_date)}"

    def is_complete(self, month: date) -> bool:
        """Whether the month has complete data."""
        return month_start(month) in self.complete_months

    def why_incomplete(self, period: Period) -> str | None:
        """Why figures of the period must not be compared, or None when they may be.

        The reason names the first month at fault: ``no data before Sep 2016``,
        ``Sep 2018 is incomplete`` or ``deliveries of Apr 2018 are still under way``.
        """
        complete = set(self.complete_months)
        under_way = {month.start for month in self.months if month.is_complete} - complete
        for month in period.months:
            if month in complete:
                continue
            if month in under_way:
                return f"deliveries of {month_name(month)} are still under way"
            if month < month_start(self.first_date):
                return f"no data before {month_name(self.first_date)}"
            if month > month_start(self.last_date):
                return f"no data after {month_name(self.last_date)}"
            return f"{month_name(month)} is incomplete"
        return None

    def last_complete(self, num_months: int) -> Period | None:
        """The last ``num_months`` complete months in a row, or None if there are fewer."""
        if not self.complete_months:
            return None
        period = Period.of_months(
            add_months(self.complete_months[-1], 1 - num_months), num_months
        )
        return period if self.why_incomplete(period) is None else None

    def default_period(self) -> Period:
        """The longest of 12, 6, 3, 1 complete months that can be compared both ways.

        Both ways: with the period before it and with the same months a year earlier. On the
        full Olist data (19 complete months) that is six months; twelve would open the page
        with nothing to compare. Where no length has both, the period before it is enough;
        where not even that exists, the last complete months stand alone, and where no month
        is complete, all the data.
        """
        candidates = [
            period for length in DEFAULT_LENGTHS if (period := self.last_complete(length))
        ]
        for period in candidates:
            if (
                self.why_incomplete(period.previous()) is None
                and self.why_incomplete(period.year_earlier()) is None
            ):
                return period
        for period in candidates:
            if self.why_incomplete(period.previous()) is None:
                return period
        return candidates[0] if candidates else self.whole_months

    def presets(self) -> dict[str, Period]:
        """Periods worth choosing with one click, by their label, the default among them."""
        found: dict[str, Period] = {}
        for length in (1, 3, 6, 12):
            if period := self.last_complete(length):
                found[f"Last {_plural(length, 'complete month')}"] = period
        complete = self.complete_months
        for year in sorted({month.year for month in complete}, reverse=True):
            months = [month for month in complete if month.year == year]
            period = Period(months[0], month_end(months[-1]))
            if self.why_incomplete(period) is None:
                found[f"{year} ({period.label.removesuffix(f' {year}')})"] = period
        if complete:
            whole = Period(complete[0], month_end(complete[-1]))
            if self.why_incomplete(whole) is None:
                found["All complete months"] = whole
        found["All data"] = self.whole_months
        return found


def _day_name(day: date) -> str:
    return f"{day.day} {month_name(day)}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
