"""Anomalies of made-up days: what is found, what is not, and that nothing looks ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from orchestration.models.anomalies import METRICS, Days, episodes, find

ORDERS, REVENUE, STARS, LATE = METRICS
NUMBER = 200
FIRST = date(2018, 1, 1)


def _days(values: np.ndarray | None = None) -> Days:
    """Days of about a hundred orders, fewer at weekends, with chance of one in ten."""
    chance = np.random.default_rng(7).normal(0, 0.1, NUMBER)
    week = np.tile([1.2, 1.15, 1.1, 1.0, 0.95, 0.7, 0.8], NUMBER // 7 + 1)[:NUMBER]
    made = np.round(100 * week * np.exp(chance)) if values is None else values
    return Days(
        tuple(FIRST + timedelta(days=one) for one in range(NUMBER)),
        made,
        made.copy() if values is None else np.full(NUMBER, 100.0),
        np.zeros(NUMBER, dtype=bool),
        ("",) * NUMBER,
    )


def _changed(days: Days, place: slice, factor: float) -> Days:
    values = days.values.copy()
    values[place] *= factor
    return replace(days, values=values)


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_a_day_that_doubles_or_halves_stands_out_alone(factor: float) -> None:
    found = find(ORDERS, _changed(_days(), slice(150, 151), factor))
    assert np.flatnonzero(found.is_point[140:160]).tolist() == [10]
    assert np.sign(found.z[150]) == np.sign(factor - 1)
    assert not found.is_level[140:160].any()


def test_a_level_that_halves_is_found_within_a_week_and_becomes_usual() -> None:
    found = find(ORDERS, _changed(_days(), slice(130, NUMBER), 0.5))
    assert found.is_level[130:137].any()
    assert not (found.is_point | found.is_level)[170:].any()


def test_quiet_days_raise_few_alarms() -> None:
    found = find(ORDERS, _days())
    assert (found.is_point | found.is_level).sum() <= 4


def test_no_day_changes_what_is_found_of_a_day_before_it() -> None:
    before = find(ORDERS, _days())
    after = find(ORDERS, _changed(_days(), slice(160, NUMBER), 7.0))
    for name in ("expected", "low", "high", "z", "level_z"):
        np.testing.assert_array_equal(getattr(before, name)[:160], getattr(after, name)[:160])
    assert not np.array_equal(before.z[160:], after.z[160:])


def test_a_known_event_is_marked_and_teaches_nothing() -> None:
    event = np.zeros(NUMBER, dtype=bool)
    event[120:128] = True
    usual = find(ORDERS, replace(_days(), is_event=event))
    changed = find(ORDERS, replace(_changed(_days(), slice(120, 128), 5.0), is_event=event))
    assert changed.is_point[120:128].all()
    np.testing.assert_array_equal(usual.expected[128:], changed.expected[128:])
    np.testing.assert_array_equal(usual.level_z[132:], changed.level_z[132:])
    known = tuple("Sale" if one else "" for one in event)
    _, is_alarm = episodes(changed.is_point & event, known)
    assert not is_alarm.any()


def test_a_rate_of_few_says_nothing_and_one_of_many_is_known_better() -> None:
    chance = np.random.default_rng(3).normal(0, 0.1, NUMBER)
    days = replace(_days(4 + chance), volumes=np.full(NUMBER, 100.0))
    days.values[150] = 3.4
    many, few = days.volumes.copy(), days.volumes.copy()
    many[150], few[150] = 400, 19
    z = find(STARS, days).z[150]
    assert find(STARS, replace(days, volumes=many)).z[150] == pytest.approx(2 * z)
    assert np.isnan(find(STARS, replace(days, volumes=few)).z[150])


def test_days_without_any_figure_leave_the_others_as_they_are() -> None:
    """No promise is for a weekend."""
    values = np.full(NUMBER, 0.06) + np.random.default_rng(5).normal(0, 0.01, NUMBER)
    values[np.arange(NUMBER) % 7 >= 5] = np.nan
    values[151] = 0.25
    found = find(LATE, _days(values))
    assert found.is_point[151]
    assert np.isnan(found.z[np.arange(NUMBER) % 7 >= 5]).all()


def test_too_few_a_day_or_too_few_days_say_nothing() -> None:
    few = _days()
    few = replace(few, volumes=np.full(NUMBER, 19.0))
    assert np.isnan(find(ORDERS, _changed(few, slice(150, 151), 9.0)).z).all()
    short = replace(
        _days(),
        days=_days().days[:50],
        values=_days().values[:50],
        volumes=_days().volumes[:50],
        is_event=_days().is_event[:50],
        known=("",) * 50,
    )
    assert np.isnan(find(ORDERS, short).z).all()


def test_days_close_together_are_one_episode_with_one_alarm_at_its_first_unknown_day() -> None:
    is_anomaly = np.zeros(30, dtype=bool)
    is_anomaly[[2, 3, 7, 12, 20, 21]] = True
    known = [""] * 30
    known[20] = "Christmas Day"
    firsts, is_alarm = episodes(is_anomaly, known)
    assert firsts[is_anomaly].tolist() == [2, 2, 2, 12, 20, 20]
    assert np.flatnonzero(is_alarm).tolist() == [2, 12, 21]
    assert (firsts[~is_anomaly] == -1).all()


@pytest.mark.parametrize("metric", METRICS, ids=[one.name for one in METRICS])
def test_the_way_back_from_a_scale_is_the_way_there(metric: object) -> None:
    values = np.array([1.0, 2.5, 5.0]) if metric is STARS else np.array([0.0, 0.25, 0.9])
    back = metric.back(metric.scale(values))  # type: ignore[attr-defined]
    np.testing.assert_allclose(back, values, atol=1e-9)
