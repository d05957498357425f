"""How well anomalies are found: days and weeks of the real series made larger and smaller.

A change of one day touches nothing that the day is compared with, so every day is tried. A
change that stays is tried from every third day on, on the days around it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import orchestration.models.plots  # noqa: F401 - names inside of the SVG, the same each time
from orchestration.models.anomalies import (
    LEVEL_BOUND,
    METRICS,
    POINT_BOUND,
    Days,
    Flags,
    Floats,
    Found,
    Metric,
    episodes,
    find,
    load,
)
from orchestration.models.backtest import POOLED
from orchestration.models.model import Backtest

if TYPE_CHECKING:
    import duckdb

# What is done to a day: a factor, or what is added to a score and a rate.
CHANGES: Mapping[str, Mapping[str, float]] = {
    "num_orders": {"x2": 2, "x1.5": 1.5, "x0.5": 0.5, "x0.3": 0.3},
    "revenue_amount": {"x2": 2, "x1.5": 1.5, "x0.5": 0.5, "x0.3": 0.3},
    "review_score": {"minus_1": -1, "minus_0.5": -0.5},
    "late_rate": {"plus_0.2": 0.2, "plus_0.1": 0.1},
}
_LEVELS = {"x0.5": 0.5, "x0.7": 0.7, "x2": 2.0}
_DAYS_TO_FIND = 7
_BEFORE = 130
_EVERY = 3
_LEAST_OF_FOLD = 5
_WEEK, _WINDOW = 7, 56


def backtest(con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
    """Monthly folds of the days on which something can be found."""
    rows: list[dict[str, Any]] = []
    alarms: list[str] = []
    for metric in METRICS:
        days = load(con, metric)
        found = find(metric, days)
        rows += _points(metric, days, found)
        if metric.name in ("num_orders", "revenue_amount"):
            rows += _level_shifts(metric, days)
        rows += _level_episodes(metric, days, found)
        alarms += _alarms(metric, days, found)
    orders = load(con, METRICS[0])
    return Backtest(
        pd.DataFrame(rows),
        _CARD.format(
            figures="{figures}",
            as_of=as_of,
            point=POINT_BOUND,
            level=LEVEL_BOUND,
            alarms="\n".join(alarms),
        ),
        {"orders": _plot(orders, find(METRICS[0], orders))},
    )


def _is_tested(days: Days, z: Floats) -> Flags:
    """The days that nothing explains and of which enough is known."""
    return np.asarray(np.isfinite(z) & np.array([not one for one in days.known]))


def _points(metric: Metric, days: Days, found: Found) -> Iterator[dict[str, Any]]:
    tested = _is_tested(days, found.z)
    # The naive answer: the day against the same weekday of the week before.
    scaled = _scaled(metric, days.values)
    against = np.full(len(scaled), np.nan)
    against[_WEEK:] = scaled[_WEEK:] - scaled[:-_WEEK]
    spread = (
        pd.Series(np.abs(against)).shift(1).rolling(_WINDOW, min_periods=28).median() * 1.4826
    )
    naive = against / np.maximum(spread.to_numpy(), metric.least_spread)
    expected = _scaled(metric, found.expected)
    with np.errstate(invalid="ignore", divide="ignore"):
        own_spread = (scaled - expected) / found.z
    for name, change in CHANGES[metric.name].items():
        changed = _scaled(metric, _changed(metric, days.values, change))
        sign = 1 if change > 1 or (0 < change < 1 and metric.is_rate) else -1
        hit = sign * (changed - expected) / own_spread > POINT_BOUND
        naive_hit = sign * (naive + (changed - scaled) / spread.to_numpy()) > POINT_BOUND
        yield from _by_month(f"{metric.name}_{name}_found", days, tested, hit, naive_hit)
    alone = np.abs(found.z) > POINT_BOUND
    for row in _by_month(
        f"{metric.name}_false_alarms_in_30_days",
        *(days, tested, alone, np.abs(naive) > POINT_BOUND),
    ):
        yield row | {
            "metric_value": 30 * row["metric_value"],
            "naive_value": 30 * row["naive_value"],
        }


def _scaled(metric: Metric, values: Floats) -> Floats:
    there = np.isfinite(values)
    found = np.full(len(values), np.nan)
    found[there] = metric.scale(values[there])
    return found


def _changed(metric: Metric, values: Floats, change: float) -> Floats:
    if not metric.is_rate:
        return values * change
    low, high = (1, 5) if metric.name == "review_score" else (0, 1)
    return np.clip(values + change, low, high)


def _by_month(
    name: str, days: Days, tested: Flags, hit: Flags | Floats, naive: Flags | Floats
) -> Iterator[dict[str, Any]]:
    """A row for each month with enough days, and one of all days: the means of both."""
    months = np.array([f"{day:%Y-%m}" for day in days.days])
    for month in [*sorted(set(months[tested])), POOLED]:
        here = tested & ((months == month) | (month == POOLED))
        if here.sum() < _LEAST_OF_FOLD:
            continue
        places = np.flatnonzero(here)
        yield {
            "fold": month,
            "metric_name": name,
            "metric_value": float(hit[here].mean()),
            "naive_value": float(naive[here].mean()),
            "num_rows": len(places),
            "data_from": days.days[places[0]],
            "data_until": days.days[places[-1]],
        }


def _level_shifts(metric: Metric, days: Days) -> Iterator[dict[str, Any]]:
    """Changes that stay: how often they are found within a week, and after how many days."""
    known = np.array([bool(one) for one in days.known])
    starts = [
        start
        for start in range(_BEFORE, len(days.days) - _DAYS_TO_FIND, _EVERY)
        if not known[start : start + _DAYS_TO_FIND].any()
    ]
    tested, nothing = np.zeros(len(days.days), dtype=bool), np.full(len(days.days), np.nan)
    tested[starts] = True
    for name, factor in _LEVELS.items():
        waits = nothing.copy()
        waits[starts] = [_days_to_find(metric, days, start, factor) for start in starts]
        what, is_found = f"{metric.name}_level_{name}", np.isfinite(waits)
        yield from _by_month(f"{what}_found_in_7_days", days, tested, is_found, nothing)
        yield from _by_month(f"{what}_days_to_find", days, tested & is_found, waits, nothing)


def _level_episodes(metric: Metric, days: Days, found: Found) -> Iterator[dict[str, Any]]:
    """Levels that are found without a change, as alarms in 30 days."""
    tested = _is_tested(days, found.level_z)
    _, is_alarm = episodes(found.is_level & tested, days.known)
    nothing = np.full(len(days.days), np.nan)
    for row in _by_month(
        f"{metric.name}_level_episodes_in_30_days", days, tested, is_alarm, nothing
    ):
        yield row | {"metric_value": 30 * row["metric_value"]}


def _days_to_find(metric: Metric, days: Days, start: int, factor: float) -> float:
    """Days from the first changed one to the one found; not a number where none is."""
    place = slice(start - _BEFORE, start + _DAYS_TO_FIND)
    values = days.values[place].copy()
    values[-_DAYS_TO_FIND:] *= factor
    part = replace(
        days,
        days=days.days[place],
        values=values,
        volumes=days.volumes[place],
        is_event=days.is_event[place],
        known=days.known[place],
    )
    z = find(metric, part).level_z[-_DAYS_TO_FIND:]
    hits = np.flatnonzero(np.sign(factor - 1) * z > LEVEL_BOUND)
    return float(hits[0]) if len(hits) else float("nan")


def _alarms(metric: Metric, days: Days, found: Found) -> Iterator[str]:
    """The alarms of the real data, as lines of a table."""
    is_anomaly = found.is_point | found.is_level
    firsts, is_alarm = episodes(is_anomaly, days.known)
    for place in np.flatnonzero(is_alarm).tolist():
        length = int((firsts == firsts[place]).sum())
        kind = "level" if found.is_level[place] else "point"
        yield (
            f"| {metric.name} | {days.days[place]} | {days.values[place]:,.2f} | "
            f"{found.expected[place]:,.2f} | {kind} | {length} |"
        )


def _plot(days: Days, found: Found) -> Figure:
    """The daily orders, what was expected, and the days that stand out."""
    figure = Figure(figsize=(10, 3.6))
    axes = figure.add_subplot()
    when = np.array(days.days, dtype="datetime64[D]")
    there = np.isfinite(found.z)
    axes.fill_between(
        when[there], found.low[there], found.high[there], color="#cfe3f2", linewidth=0
    )
    axes.plot(when, days.values, color="#56606b", linewidth=0.8, label="orders a day")
    is_anomaly = found.is_point | found.is_level
    _, is_alarm = episodes(is_anomaly, days.known)
    known = np.array([bool(one) for one in days.known])
    for places, colour, label in (
        (is_anomaly & known, "#0072b2", "known event or holiday"),
        (is_anomaly & ~known, "#e69f00", "stands out"),
        (is_alarm, "#d55e00", "alarm"),
    ):
        axes.scatter(
            when[places], days.values[places], s=16, color=colour, label=label, zorder=3
        )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


_CARD = """
Which days of the daily figures are not what the weeks before them make likely.

**For** the people who run the shop: a day, or a level, that nobody expects is worth a look on
the morning after. **Not for** causes: it says that a figure stands out, never why.

**Data.** `features_days`: orders and revenue by day of purchase, stars by the day of the
answer, late parcels by the promised day, up to {as_of}. Of the days after it the public data
hold too few orders. Black Friday, the strike of the truck drivers and holidays are known
(seeds known_events, brazilian_holidays): marked, no alarm, and nothing is learned from
events.

**Method.** A trailing decomposition by medians over the eight weeks before a day: an effect
of its weekday, and a level of its last week in which a day counts half as much as the one
three days after it. What is left is divided by the spread of what was left in the eight weeks
before. A day stands out beyond {point} spreads (point); five days together beyond {level}
spreads against the three weeks before them (level): the lowest bound in steps of a half at
which, in the months before 2018, no metric had more than one false episode in 30 days. Orders
and revenue on a logarithmic scale, the late rate by the arc sine of its root, stars and
lateness weighted by the number of answers and promises. Nothing is said of a figure with
fewer than 20 orders, answers or promises a day. It takes the place of an STL fitted a day at
a time (decision 0023): as good at half the false alarms, for a thousandth of the time.

**Test.** Every day from the third month on, known ones left out, is changed as named and must
be found on the same day; false alarms are the unchanged days that stand out, so real
surprises count as false. A change that stays is made from every third day on and must be
found as a level within seven days. Naive: the day against the same weekday a week before, at
the same bound. Folds are months.

![Orders a day with what was expected](metric_anomalies-orders.svg)

{figures}

**Alarms of the real data** (an episode each; of Black Friday and the strike there is none)

| metric | day | figure | expected | kind | days that stand out |
|---|---|---:|---:|---|---:|
{alarms}

**Where it fails.** Revenue varies more than orders, so half and double of it are found on two
of three days only. A change of less than a third is found on few days. A rise that begins
within an event is noticed once the event is over. What comes slowly, over weeks, is no
anomaly here.
"""
