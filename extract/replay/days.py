"""The days on which drops are taken, and which drop first shows what happened on a day.

Pure calendar: no data, no files.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from extract.replay.errors import ReplayError

Every = Literal["day", "week", "month"]
EVERY: tuple[Every, ...] = get_args(Every)

# Ten years of days. More is a mistyped year, and would fill the disk with directories.
MAX_DROPS = 3_660

_DAYS_A_WEEK = 7
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class DropCalendar:
    """The days of the drops, in order; each shows the end of its day.

    Attributes:
        days: At least one, ascending.
        is_complete: Whether the last drop shows what happens after its day too.
    """

    days: tuple[date, ...]
    is_complete: bool

    @property
    def last(self) -> int:
        """The index of the last drop."""
        return len(self.days) - 1

    @property
    def after_end(self) -> int:
        """The index of the drop that shows what happens after the last day."""
        return self.last if self.is_complete else self.last + 1

    def drop_of_each_day(self) -> list[int]:
        """Give, for each day from the first to the last, the first drop that shows it."""
        drops, index = [], 0
        for offset in range((self.days[-1] - self.days[0]).days + 1):
            if self.days[0] + timedelta(days=offset) > self.days[index]:
                index += 1
            drops.append(index)
        return drops


def drop_days(start: date, end: date, every: Every) -> tuple[date, ...]:
    """List the days of the drops: from the start in steps, and always the end.

    Months are counted from the start, so the 31st is followed by the 28th and the 31st; from
    the last day of a month they are month ends.

    Raises:
        ReplayError: The end is before the start, or there would be too many drops.
    """
    if end < start:
        raise ReplayError(
            f"The drops would end ({end}) before they start ({start}). Give --from the earlier "
            f"day and --to the later one."
        )
    days: list[date] = []
    step = 0
    while (day := _step(start, step, every)) is not None and day < end:
        if len(days) + 1 >= MAX_DROPS:
            raise ReplayError(
                f"From {start} to {end} there are more than {MAX_DROPS:,} drops, one every "
                f"{every}. Check the years, or take them by week or month."
            )
        days.append(day)
        step += 1
    return (*days, end)


def _step(start: date, step: int, every: Every) -> date | None:
    """Give the day so many steps after the start; None beyond the last year there is."""
    try:
        if every == "month":
            return _months_after(start, step)
        return start + timedelta(days=step * (_DAYS_A_WEEK if every == "week" else 1))
    except (OverflowError, ValueError):
        return None


def _months_after(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, _MONTHS_A_YEAR)
    year = start.year + years
    length = calendar.monthrange(year, month + 1)[1]
    is_month_end = start.day == calendar.monthrange(start.year, start.month)[1]
    return date(year, month + 1, length if is_month_end else min(start.day, length))
