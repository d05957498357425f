"""How demand is forecast, on arrays of days and series; the table is made in ``demand``.

A level (the mean of eight weeks) with a quarter of the
trend, spread over the days of a week by weekday and holiday, and intervals that are as wide as
earlier forecasts were wrong (conformal). Weeks are blocks of seven days that count from the
origin, so that nothing of the last days is left unused and no week is half seen. All series get
the factors of the total; so states and categories add up to it by construction.

A value of day d is forecast from days before the origin alone. What Black Friday does is
applied to the next one; as the data holds it once, nothing tests it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HORIZON = 13  # weeks
_LEVEL_DAYS = 56
# Of the trend since trade became steady only a quarter is carried on: growth slows.
_TREND_SHARE = 0.25
_PROFILE_DAYS = 182
# A holiday is worth as much as others were, with so many ordinary days mixed in.
_HOLIDAY_PRIOR = 5
# The first origin has seen so many weeks.
_LEAST_WEEKS = 16
# Two orders a day over a year and a half; fewer make no series worth a forecast.
_LEAST_ORDERS = 1000
# Before so many forecasts of the past are known, last week's figures are published.
_LEAST_ORIGINS = 8
COVERAGES = (0.80, 0.95)
# Added before the logarithm of a residual: one order, and what about one order brings, so that
# series with days of nothing have intervals, too.
OFFSETS: Mapping[str, float] = {"num_orders": 1.0, "revenue_amount": 100.0}


@dataclass(frozen=True)
class Calendar:
    """What is known of days, those of the past first.

    Attributes:
        days: One after another; the first ``num_past`` lie before the origin or on it.
        num_past: How many.
        is_holiday: Of each day.
        is_event: Whether an event moves the day that nothing is to be learned from.
        event_offset: Days since the first day of a sale that comes again, -1 on other days.
        event_name: Of each day, "" where there is none.
    """

    days: tuple[date, ...]
    num_past: int
    is_holiday: Flags
    is_event: Flags
    event_offset: NDArray[np.int64]
    event_name: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """The days of one metric.

    Attributes:
        calendar: The days, and those to come.
        names: Type and name of each series; the first is the total.
        values: Past days by series.
        offset: Added before the logarithm of a residual.
    """

    calendar: Calendar
    names: tuple[tuple[str, str], ...]
    values: Floats
    offset: float


@dataclass(frozen=True)
class Rolling:
    """Forecasts from all origins, by origin, day ahead and series.

    Attributes:
        origins: The number of days that each has seen.
        expected: What was expected.
        seen: What came, not a number where it lies ahead.
        naive: The same weekday's figure of the week before the origin.
    """

    origins: NDArray[np.int64]
    expected: Floats
    seen: Floats
    naive: Floats

    def summed(self, days: int) -> Rolling:
        """The same by so many days, which divide the horizon: weeks, or all of it."""
        return replace(
            self,
            **{
                name: getattr(self, name)
                .reshape(len(self.origins), -1, days, self.expected.shape[2])
                .sum(axis=2)
                for name in ("expected", "seen", "naive")
            },
        )


def load(con: duckdb.DuckDBPyConnection, metric: str, offset: float) -> History | None:
    """The history of a metric from the features; None where there are too few orders.

    Args:
        con: A connection to a warehouse with the schema ``predictive``.
        metric: ``num_orders`` or ``revenue_amount``.
        offset: Added before the logarithm of a residual.
    """
    rows = con.execute(
        "select day, is_past, holiday_name is not null, event_name, event_kind, "
        "event_first_date, num_orders from predictive.features_days order by day"
    ).fetchall()
    num_past = sum(bool(row[1]) for row in rows)
    if not num_past or sum(row[6] or 0 for row in rows) < _LEAST_ORDERS:
        return None
    first = rows[0][0]
    calendar = Calendar(
        tuple(row[0] for row in rows),
        num_past,
        np.array([row[2] for row in rows], dtype=bool),
        np.array([row[3] is not None for row in rows], dtype=bool),
        np.array([(row[0] - row[5]).days if row[4] == "sale" else -1 for row in rows]),
        tuple(row[3] or "" for row in rows),
    )
    values, names = [_of_days(con, metric, None, first, num_past)[0]], [("total", "all")]
    for kind, column in (("state", "customer_state"), ("category", "category_name_english")):
        found, series = _of_days(con, metric, column, first, num_past)
        values.append(found)
        names += [(kind, name) for name in series]
    return History(calendar, tuple(names), np.concatenate(values, axis=1), offset)


def _of_days(
    con: duckdb.DuckDBPyConnection, metric: str, column: str | None, first: date, num_days: int
) -> tuple[Floats, list[str]]:
    """Days by the values of a column, in their order; of all orders without a column."""
    name = column or "'all'"
    rows = con.execute(
        f"select {name} as series, day, cast(sum({metric}) as double) "
        "from predictive.features_demand group by all order by series, day"
    ).fetchall()
    series = sorted({row[0] for row in rows})
    place = {one: number for number, one in enumerate(series)}
    values = np.zeros((num_days, max(len(series), column is None)))
    for one, day, value in rows:
        values[(day - first).days, place[one]] = value
    return values, series


def rolling(history: History, *, step: int = 7) -> Rolling:
    """Forecasts from every origin that has seen enough, the last one today's.

    Args:
        history: Of a metric.
        step: Days from one origin to the next.
    """
    num_past = history.calendar.num_past
    origins = np.arange(num_past, _LEAST_WEEKS * 7 - 1, -step)[::-1].astype(np.int64)
    total = history.values[:, 0]
    profiles = _profiles(history, origins)
    ahead = 7 * HORIZON
    expected = np.empty((len(origins), ahead, history.values.shape[1]))
    seen, naive = np.full_like(expected, np.nan), np.empty_like(expected)
    for number, origin in enumerate(origins):
        level = history.values[origin - _LEVEL_DAYS : origin].mean(axis=0)
        shape = profiles[number] * _trend(total[:origin])
        expected[number] = shape[:, None] * level[None, :]
        came = history.values[origin : origin + ahead]
        seen[number, : len(came)] = came
        naive[number] = np.tile(history.values[origin - 7 : origin], (HORIZON, 1))
    return Rolling(origins, expected, seen, naive)


def _trend(total: Floats) -> Floats:
    """The factors of the days ahead on the level of the last eight weeks."""
    num_weeks = len(total) // 7
    weeks = total[-7 * num_weeks :].reshape(num_weeks, 7).sum(axis=1)
    slope = np.polyfit(np.arange(num_weeks), weeks, 1)[0]
    level = weeks[-_LEVEL_DAYS // 7 :].mean()
    # The level stands in the middle of its weeks.
    weeks_on = np.arange(1, HORIZON + 1) + (_LEVEL_DAYS // 7 - 1) / 2
    growth = 1 + _TREND_SHARE * slope * weeks_on / level if level > 0 else np.ones(HORIZON)
    return np.repeat(np.maximum(growth, 0), 7)


def _profiles(history: History, origins: NDArray[np.int64]) -> Floats:
    """The days ahead against the mean of their week, by origin: weekdays and holidays."""
    calendar, total = history.calendar, history.values[:, 0]
    usable = ~calendar.is_event[: calendar.num_past]
    holidays = calendar.is_holiday
    ratios = np.full(len(total), np.nan)
    means = sliding_window_view(total, 7).mean(axis=1)  # around the days 3, 4, ...
    np.divide(total[3:-3], means, out=ratios[3:-3], where=means > 0)
    ordinary = np.where(usable & ~holidays[: calendar.num_past], ratios, np.nan)
    # The ratio of one of the last three days would need the days after the origin.
    windows = np.full((len(origins), _PROFILE_DAYS), np.nan)
    for number, origin in enumerate(origins):
        known = ordinary[max(origin - _PROFILE_DAYS, 0) : origin - 3]
        windows[number, _PROFILE_DAYS - 3 - len(known) : _PROFILE_DAYS - 3] = known
    weekdays = np.nanmedian(windows.reshape(len(origins), -1, 7), axis=1)
    weekdays /= weekdays.mean(axis=1, keepdims=True)
    profiles = np.tile(weekdays, (1, HORIZON))
    for number, origin in enumerate(origins):
        past = np.flatnonzero(holidays[: origin - 3] & usable[: origin - 3])
        against = ratios[past] / weekdays[number, (past - origin) % 7]
        logs = np.log(np.clip(against[np.isfinite(against)], 0.1, 10))
        factor = np.exp(logs.sum() / (len(logs) + _HOLIDAY_PRIOR))
        ahead = holidays[origin : origin + 7 * HORIZON]
        profiles[number, : len(ahead)] *= np.where(ahead, factor, 1)
    by_week = profiles.reshape(len(origins), HORIZON, 7)
    # A holiday moves orders within its week; the week as a whole is not lower.
    by_week /= by_week.mean(axis=2, keepdims=True)
    return by_week.reshape(len(origins), -1)


def bounds(
    history: History, made: Rolling, number: int, coverages: Sequence[float] = COVERAGES
) -> tuple[tuple[Floats, Floats], ...]:
    """The intervals of the forecasts of an origin, by step ahead and series.

    How wide: the residuals of earlier origins, as logarithms without a sign, as far as their
    outcome was known at the origin; days and weeks of sales that come again are left out, as
    these are applied by themselves. Residuals grow with the fourth root of the horizon, and are
    brought to one horizon by it. Forecasts of overlapping weeks err alike, so the level of the
    quantile is raised as for fewer independent ones: as many as there are origins, divided by
    the square root of the horizon for weeks, by the fourth root for days, which chance moves
    more.

    Args:
        history: That the forecasts are of.
        made: By day or by week.
        number: Which origin.
        coverages: The shares of outcomes that are to lie inside, 0 to 1.

    Returns:
        Lower and upper ends of each coverage, not a number where too few outcomes are known.
    """
    steps = made.expected.shape[1]
    days = 7 * HORIZON // steps  # of a step
    ends = days * np.arange(1, steps + 1)
    is_known = made.origins[:, None] + ends[None, :] <= made.origins[number]
    base = made.expected[number] + history.offset
    if is_known[:, 0].sum() < _LEAST_ORIGINS:
        nothing = np.full_like(base, np.nan)
        return tuple((nothing, nothing) for _ in coverages)
    growth = np.ceil(ends / 7) ** 0.25
    logs = np.log((made.seen + history.offset) / (made.expected + history.offset))
    sales = np.asarray(history.calendar.event_offset >= 0)
    is_sale = np.asarray(sliding_window_view(sales, days).any(axis=1))
    counts = is_known & ~is_sale[made.origins[:, None] + days * np.arange(steps)[None, :]]
    pool = np.sort((np.abs(logs) / growth[None, :, None])[counts], axis=0)
    num_independent = np.maximum(is_known.sum(axis=0) / growth ** (1 if days == 1 else 2), 1)
    found = []
    for coverage in coverages:
        level = np.minimum(coverage * (1 + 1 / num_independent), 1)
        place = np.ceil(level * len(pool)).astype(np.int64) - 1
        factor = np.exp(pool[place] * growth[:, None])
        found.append(
            (
                np.maximum(base / factor - history.offset, 0),
                base * factor - history.offset,
            )
        )
    return tuple(found)


def quarter_bounds(
    history: History, made: Rolling, number: int, coverages: Sequence[float] = COVERAGES
) -> tuple[tuple[Floats, Floats], ...]:
    """The intervals of all of the horizon: as uncertain as the week in the middle of it.

    Too few quarters have been seen whole to learn from themselves.

    Args:
        history: That the forecasts are of.
        made: By day.
        number: Which origin.
        coverages: As in :func:`bounds`.
    """
    weeks, middle = made.summed(7), HORIZON // 2
    base = made.summed(7 * HORIZON).expected[number] + history.offset
    usual = weeks.expected[number, middle] + history.offset
    found = []
    for _, high in bounds(history, weeks, number, coverages):
        factor = (high[middle] + history.offset) / usual
        found.append(
            (np.maximum(base / factor - history.offset, 0), base * factor - history.offset)
        )
    return tuple(found)


def uplift(history: History) -> Floats:
    """What the last sale that came again made of its days, against the forecast before it.

    Returns:
        Factors by day of the event; empty where none lies whole in the past with enough before.
    """
    offsets = history.calendar.event_offset
    length = int(offsets.max()) + 1
    for first in np.flatnonzero(offsets[: history.calendar.num_past] == 0)[::-1]:
        if first < _LEAST_WEEKS * 7 or first + length > history.calendar.num_past:
            continue
        until = replace(
            history,
            calendar=replace(history.calendar, num_past=int(first)),
            values=history.values[:first],
        )
        expected = rolling(until, step=int(first)).expected[-1, :length, 0]
        return np.asarray(history.values[first : first + length, 0] / expected)
    return np.empty(0)


def beats_naive(made: Rolling) -> bool:
    """Whether the weeks of the total were met better than by last week's figure so far."""
    weeks = made.summed(7)
    known = np.isfinite(weeks.seen[:, :HORIZON, 0])
    if known[:, 0].sum() < _LEAST_ORIGINS:
        return False
    errors = {
        name: np.abs(getattr(weeks, name)[:, :HORIZON, 0] - weeks.seen[:, :HORIZON, 0])[known]
        for name in ("expected", "naive")
    }
    return bool(errors["expected"].mean() < errors["naive"].mean())


def shared_out(values: Floats, names: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """Values in hundredths, such that states and categories add up to the total exactly.

    What rounding leaves goes to the series with the largest remainders.

    Args:
        values: By day and series.
        names: Of the series; the first is the total.
    """
    cents = np.floor(values * 100 + 1e-6)
    cents[:, 0] = np.rint(values[:, 0] * 100)
    for kind in ("state", "category"):
        places = np.flatnonzero([name[0] == kind for name in names])
        if not len(places):
            continue
        remainders = values[:, places] * 100 - cents[:, places]
        ranks = np.argsort(np.argsort(-remainders, axis=1, kind="stable"), axis=1)
        left = cents[:, 0] - cents[:, places].sum(axis=1)
        cents[:, places] += ranks < left[:, None]
    return cents.astype(np.int64)


def next_event(calendar: Calendar) -> tuple[int, ...]:
    """The days of the next sale that comes again, as days ahead from 0."""
    ahead = calendar.event_offset[calendar.num_past :]
    starts = np.flatnonzero(ahead == 0)
    if not len(starts):
        return ()
    length = int(calendar.event_offset.max()) + 1
    return tuple(range(int(starts[0]), min(int(starts[0]) + length, len(ahead))))
