"""Anomalies: days on which a daily figure is not what the weeks before it make likely.

A figure is split, from the eight weeks before its day alone, into the effect of its weekday
and a level; what is left is compared with what was left on the days before (a trailing
decomposition in the manner of STL, by medians, of all days at once). A single day stands out
(kind "point"), or the last five days together stand off the three weeks before them (kind
"level"). Days that lie close together are one episode, and an episode raises one alarm, unless
an event or a holiday explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

    from orchestration.models.model import Backtest, Content, Rows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

POINT_BOUND = 2.75
# Chosen by false alarms alone, on the months before 2018: the lowest bound in steps of a half
# at which no metric has more than one false episode in 30 days.
LEVEL_BOUND = 3.5
_WINDOW = 56
# Of the last week a day counts half as much as the one three days after it.
_HALF_LIFE = 3.0
_LEAST_RESIDUALS = 28
_RECENT, _BEFORE = 5, 21
# Fewer orders, reviews or promises a day move a figure by chance.
_LEAST_A_DAY = 20
# Days without an anomaly that end an episode.
GAP = 4


@dataclass(frozen=True)
class Metric:
    """A daily figure that is watched.

    Attributes:
        name: Of the metric; ``review_score`` and ``late_rate`` are those of one day.
        value: The figure in SQL, on the features of a day.
        volume: Of how many it is, in SQL.
        is_rate: Whether a day with more behind it is known better.
        scale: Brings it to a scale on which days differ alike.
        back: The way back.
        least_spread: On that scale; days that are all alike would make anything stand out.
    """

    name: str
    value: str
    volume: str
    is_rate: bool
    scale: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    least_spread: float


METRICS = (
    Metric(
        *("num_orders", "num_orders", "num_orders", False),
        lambda x: np.log(x + 1),
        lambda y: np.maximum(np.exp(y) - 1, 0),
        0.05,
    ),
    Metric(
        *("revenue_amount", "cast(revenue_amount as double)", "num_orders", False),
        lambda x: np.log(x + 100),
        lambda y: np.maximum(np.exp(y) - 100, 0),
        0.05,
    ),
    Metric(
        *("review_score", "sum_review_score / nullif(num_reviews, 0)", "num_reviews", True),
        lambda x: x,
        lambda y: np.clip(y, 1, 5),
        0.02,
    ),
    # The square root's arc sine: a share near 0 varies less than one near a half.
    Metric(
        *("late_rate", "num_late / nullif(num_due, 0)", "num_due", True),
        lambda x: np.arcsin(np.sqrt(x)),
        lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2,
        0.02,
    ),
)


@dataclass(frozen=True)
class Days:
    """The days of a metric, one after another.

    Attributes:
        days: The days.
        values: The figure, not a number where there is none.
        volumes: Of how many it is.
        is_event: Whether an event moves the day; nothing is learned from it.
        known: The event or the holiday of each day, "" where there is none.
    """

    days: tuple[date, ...]
    values: Floats
    volumes: Floats
    is_event: Flags
    known: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What is found of each day; not a number where too little is known.

    Attributes:
        expected: In the unit of the metric.
        low: The lowest figure that does not stand out.
        high: The highest one.
        z: How far the day stands out, in spreads.
        level_z: How far its last five days do.
    """

    expected: Floats
    low: Floats
    high: Floats
    z: Floats
    level_z: Floats

    @property
    def is_point(self) -> Flags:
        """The days that stand out."""
        return np.abs(self.z) > POINT_BOUND

    @property
    def is_level(self) -> Flags:
        """The days whose last five stand out."""
        return np.abs(self.level_z) > LEVEL_BOUND


def load(con: duckdb.DuckDBPyConnection, metric: Metric) -> Days:
    """The past days of a metric, from the features."""
    rows = con.execute(
        f"select day, cast({metric.value} as double), cast({metric.volume} as double), "
        "event_name is not null, coalesce(event_name, holiday_name, '') "
        "from predictive.features_days where is_past order by day"
    ).fetchall()
    return Days(
        tuple(row[0] for row in rows),
        np.array([np.nan if row[1] is None else row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows], dtype=bool),
        tuple(row[4] for row in rows),
    )


def find(metric: Metric, days: Days) -> Found:
    """What stands out among the days, each compared with those before it."""
    number = len(days.days)
    usable = np.array(not metric.is_rate) | (days.volumes >= _LEAST_A_DAY)
    values = np.full(number, np.nan)
    there = np.isfinite(days.values) & usable
    values[there] = metric.scale(days.values[there])
    if number <= _WINDOW:
        nothing = np.full(number, np.nan)
        return Found(nothing, nothing, nothing, nothing, nothing)
    usual = _without_events(values, days.is_event)
    expected, weekday = _expected(usual)
    # The mean of n reviews spreads by the root of n less than one.
    weights = np.sqrt(days.volumes) if metric.is_rate else np.ones(number)
    residuals = np.where(days.is_event, np.nan, (values - expected) * weights)
    spread = np.full(number, np.nan)
    spread[_WINDOW:] = _median_size(sliding_window_view(residuals, _WINDOW)[:-1])
    spread = np.maximum(spread / np.maximum(weights, 1), metric.least_spread)
    few = np.full(number, True)
    few[_WINDOW:] = sliding_window_view(days.volumes, _WINDOW)[:-1].mean(axis=1) < _LEAST_A_DAY
    spread[few] = np.nan
    return Found(
        metric.back(expected),
        metric.back(expected - POINT_BOUND * spread),
        metric.back(expected + POINT_BOUND * spread),
        (values - expected) / spread,
        _shift(values - weekday, usual - weekday, days.is_event)
        / (spread * np.sqrt(1 / _RECENT + 1 / _BEFORE)),
    )


def _without_events(values: Floats, is_event: Flags) -> Floats:
    """The values, those of events replaced by the same weekday's before the event."""
    usual = np.where(is_event, np.nan, values)
    for place in np.flatnonzero(is_event):
        usual[place] = usual[place - 7] if place >= 7 else np.nan  # noqa: PLR2004 - a week
    return usual


def _expected(usual: Floats) -> tuple[Floats, Floats]:
    """What each day would be by the eight weeks before it, and the part of its weekday."""
    windows = sliding_window_view(usual, _WINDOW)[:-1]
    padded = np.pad(windows, ((0, 0), (3, 3)), constant_values=np.nan)
    around = _median(sliding_window_view(padded, 7, axis=1))
    # Columns are weekdays, the first one that of the day itself.
    by_weekday = (windows - around).reshape(len(windows), -1, 7)
    effects = _median(by_weekday.transpose(0, 2, 1))
    effects -= _mean(effects)[:, None]
    left = by_weekday - effects[:, None, :]
    bound = POINT_BOUND * _median_size(left.reshape(len(windows), -1))[:, None]
    last = windows[:, -7:] - effects
    middle = _median(last)[:, None]
    # A day that stands out does not draw the next ones after it.
    last = np.clip(last, middle - bound, middle + bound)
    weights = 0.5 ** (np.arange(7)[::-1] / _HALF_LIFE) * np.isfinite(last)
    total = weights.sum(axis=1)
    level = np.full(len(windows), np.nan)
    np.divide(np.nansum(last * weights, axis=1), total, out=level, where=total > 0)
    expected, weekday = np.full(len(usual), np.nan), np.full(len(usual), np.nan)
    # A weekday on which there never is a figure, as no promise is for a Sunday, has no effect.
    weekday[_WINDOW:] = np.nan_to_num(effects[:, 0])
    expected[_WINDOW:] = level + weekday[_WINDOW:]
    return expected, weekday


def _shift(adjusted: Floats, usual: Floats, is_event: Flags) -> Floats:
    """The mean of the last five days less that of the three weeks before them.

    The days of an event count while it lasts, and no longer once it is over.
    """
    found = np.full(len(adjusted), np.nan)
    start = _RECENT + _BEFORE - 1
    before = _mean(sliding_window_view(usual, _BEFORE))[: len(adjusted) - start]
    recent = [_mean(sliding_window_view(one, _RECENT))[_BEFORE:] for one in (adjusted, usual)]
    found[start:] = np.where(is_event[start:], recent[0], recent[1]) - before
    return found


def _median(values: Floats) -> Floats:
    """Of the last axis, without what is not a number; quicker than numpy's."""
    ordered = np.sort(values, axis=-1)  # what is not a number comes last
    count = np.isfinite(ordered).sum(axis=-1)
    ends = [
        np.take_along_axis(ordered, np.maximum(place, 0)[..., None], axis=-1)[..., 0]
        for place in ((count - 1) // 2, count // 2)
    ]
    return np.asarray(np.where(count > 0, (ends[0] + ends[1]) / 2, np.nan), dtype=np.float64)


def _mean(values: Floats) -> Floats:
    """Of the last axis, without what is not a number."""
    count = np.isfinite(values).sum(axis=-1)
    total = np.nansum(values, axis=-1)
    found = np.full(count.shape, np.nan)
    np.divide(total, count, out=found, where=count > 0)
    return found


def _median_size(values: Floats) -> Floats:
    """The spread by the median of the sizes, as a standard deviation of normal ones."""
    count = np.isfinite(values).sum(axis=-1)
    return np.where(count >= _LEAST_RESIDUALS, 1.4826 * _median(np.abs(values)), np.nan)


def episodes(is_anomaly: Flags, known: Sequence[str]) -> tuple[NDArray[np.int64], Flags]:
    """The place of the first day of each anomaly's episode, and the days that raise an alarm.

    Args:
        is_anomaly: Of each day.
        known: Its event or holiday; "" where none explains it.

    Returns:
        The places, -1 on other days, and whether a day is the first of its episode that nothing
        explains.
    """
    firsts = np.full(len(is_anomaly), -1, dtype=np.int64)
    is_alarm = np.zeros(len(is_anomaly), dtype=bool)
    first = last = -1
    is_told = False
    for place in np.flatnonzero(is_anomaly).tolist():
        if first < 0 or place - last > GAP:
            first, is_told = place, False
        firsts[place], last = first, place
        if not is_told and not known[place]:
            is_alarm[place] = is_told = True
    return firsts, is_alarm


class MetricAnomalies:
    """The model ``metric_anomalies``: nothing is fitted ahead, each day is its own fit."""

    name = "metric_anomalies"
    features: tuple[str, ...] = ("features_days",)
    code: tuple[str, ...] = ("anomalies.py",)
    columns: Mapping[str, str] = {
        "metric_name": "varchar",
        "metric_date": "date",
        "known_event": "varchar",
        "anomaly_kind": "varchar",
        "episode_first_date": "date",
        "is_anomaly": "boolean",
        "is_alarm": "boolean",
        "num_observed": "integer",
        "metric_value": "double",
        "expected_value": "double",
        "low_value": "double",
        "high_value": "double",
        "z_score": "double",
        "level_z_score": "double",
        "scored_as_of_date": "date",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> None:
        """Nothing to learn: a day is compared with the days before it."""

    def score(self, con: duckdb.DuckDBPyConnection, _: Content | None, as_of: date) -> Rows:
        """Each past day of each metric that has a figure."""
        parts = [_rows(metric, load(con, metric), as_of) for metric in METRICS]
        return {name: np.concatenate([part[name] for part in parts]) for name in self.columns}

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """Days made larger and smaller; see ``orchestration.models.anomalies_backtest``."""
        from orchestration.models.anomalies_backtest import backtest  # noqa: PLC0415 - plots

        return backtest(con, as_of)


MODEL = MetricAnomalies()


def _rows(metric: Metric, days: Days, as_of: date) -> dict[str, NDArray[Any]]:
    """The columns of a metric, one element a day with a figure."""
    found = find(metric, days)
    is_anomaly = found.is_point | found.is_level
    firsts, is_alarm = episodes(is_anomaly, days.known)
    kinds = np.where(found.is_level, "level", "point")
    there = np.flatnonzero(np.isfinite(days.values))
    texts: dict[str, list[Any]] = {
        "metric_name": [metric.name for _ in days.days],
        "metric_date": list(days.days),
        "known_event": [one or None for one in days.known],
        "anomaly_kind": [
            kind if is_one else None for kind, is_one in zip(kinds, is_anomaly, strict=True)
        ],
        "episode_first_date": [days.days[one] if one >= 0 else None for one in firsts.tolist()],
        "scored_as_of_date": [as_of for _ in days.days],
    }
    numbers = {
        "is_anomaly": is_anomaly,
        "is_alarm": is_alarm,
        "num_observed": days.volumes,
        "metric_value": days.values,
        "expected_value": found.expected,
        "low_value": found.low,
        "high_value": found.high,
        "z_score": found.z,
        "level_z_score": found.level_z,
    }
    return {name: np.array(values, dtype=object)[there] for name, values in texts.items()} | {
        name: values[there] for name, values in numbers.items()
    }
