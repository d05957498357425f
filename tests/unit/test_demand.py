"""The demand forecast of made-up days: sums, growth, weekdays, intervals, no look ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from orchestration.models import demand
from orchestration.models.demand_method import (
    HORIZON,
    Calendar,
    History,
    beats_naive,
    bounds,
    rolling,
    shared_out,
    uplift,
)

FIRST = date(2017, 1, 2)
PAST, AHEAD = 420, 400
NAMES = (
    ("total", "all"),
    *(("state", name) for name in ("SP", "RJ", "AC")),
    *(("category", name) for name in ("toys", "auto")),
)
WEEK = np.array([1.2, 1.15, 1.1, 1.0, 0.95, 0.8, 0.8])


def _calendar(num_past: int = PAST, event: int | None = None) -> Calendar:
    number = PAST + AHEAD
    offsets = np.full(number, -1)
    if event is not None:
        for first in (event, event + 364):
            offsets[first : first + 4] = np.arange(4)
    return Calendar(
        tuple(FIRST + timedelta(days=one) for one in range(number)),
        num_past,
        np.zeros(number, dtype=bool),
        offsets >= 0,
        offsets,
        tuple("Sale" if one >= 0 else "" for one in offsets),
    )


def _history(growth: float = 0.0, event: int | None = None, chance: float = 0.1) -> History:
    random = np.random.default_rng(11)
    level = 100 * (1 + growth * np.arange(PAST)) * np.tile(WEEK, PAST // 7)
    mean = level[:, None] * np.array([0.7, 0.28, 0.02])
    moved = mean * np.exp(random.normal(0, chance, (PAST, 1)))
    states = random.poisson(moved).astype(float) if chance else mean
    if event is not None:
        states[event : event + 4] *= 3
    total = states.sum(axis=1, keepdims=True)
    toys = total * 0.3
    return History(
        _calendar(event=event),
        NAMES,
        np.concatenate([total, states, toys, total - toys], 1),
        1.0,
    )


def test_states_and_categories_add_up_to_the_total_and_days_to_weeks() -> None:
    made = rolling(_history())
    for kind in ("state", "category"):
        places = [number for number, name in enumerate(NAMES) if name[0] == kind]
        parts = made.expected[:, :, places].sum(axis=2)
        np.testing.assert_allclose(parts, made.expected[:, :, 0])
        cents = shared_out(made.expected[-1], NAMES)
        assert (cents[:, places].sum(axis=1) == cents[:, 0]).all()
    days = made.expected.reshape(len(made.origins), HORIZON, 7, -1).sum(axis=2)
    np.testing.assert_allclose(made.summed(7).expected, days)


def test_rounding_moves_no_series_by_more_than_a_hundredth() -> None:
    values = np.random.default_rng(1).random((50, 6))
    values[:, 0] = values[:, 1:4].sum(axis=1)
    values[:, 4:] *= values[:, :1] / values[:, 4:].sum(axis=1, keepdims=True)
    cents = shared_out(values, NAMES)
    assert np.abs(cents / 100 - values).max() <= 0.01 + 1e-9
    assert (cents >= 0).all()


def test_a_forecast_has_the_shape_of_the_week_and_a_quarter_of_the_trend() -> None:
    flat = rolling(_history(chance=0.0))
    ahead = flat.expected[-1, :7, 0]
    np.testing.assert_allclose(ahead / ahead.mean(), WEEK / WEEK.mean(), atol=1e-6)
    history = _history(growth=0.005, chance=0.0)
    weeks = history.values[:, 0].reshape(-1, 7).sum(axis=1)
    slope = np.polyfit(np.arange(len(weeks)), weeks, 1)[0]
    expected = weeks[-8:].mean() + slope / 4 * (HORIZON + 3.5)
    assert rolling(history).summed(7).expected[-1, -1, 0] == pytest.approx(expected, rel=1e-6)


def test_no_forecast_knows_a_day_at_or_after_its_origin() -> None:
    history = _history()
    changed = replace(history, values=history.values.copy())
    changed.values[300:] *= 9
    one, other = rolling(history, step=1), rolling(changed, step=1)
    until = one.origins <= 300
    assert until.sum() > 100
    np.testing.assert_array_equal(one.expected[until], other.expected[until])
    assert not np.array_equal(one.expected[~until], other.expected[~until])
    known = np.flatnonzero(one.origins == 300)[0]
    for before, after in zip(
        bounds(history, one, known), bounds(changed, other, known), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_an_interval_holds_about_as_many_outcomes_as_it_says() -> None:
    history = _history()
    weeks = rolling(history, step=1).summed(7)
    inside = []
    for number in np.flatnonzero(weeks.origins > 280).tolist():
        low, high = bounds(history, weeks, number)[0]
        seen = weeks.seen[number]
        known = np.isfinite(seen[:, 0])
        inside += ((seen >= low) & (seen <= high))[known, 0].tolist()
    assert 0.7 <= np.mean(inside) <= 0.95


def test_the_wider_interval_holds_the_narrower_one_and_the_forecast() -> None:
    made = rolling(_history())
    (low, high), (lower, higher) = bounds(_history(), made, len(made.origins) - 1)
    expected = made.expected[-1]
    assert ((lower <= low) & (low <= expected) & (expected <= high) & (high <= higher)).all()


def test_the_last_sale_is_measured_against_the_forecast_before_it() -> None:
    np.testing.assert_allclose(uplift(_history(event=200, chance=0.0)), 3, rtol=1e-6)
    assert len(uplift(_history())) == 0
    assert len(uplift(_history(event=60))) == 0  # too little before it


def test_a_sale_within_the_horizon_multiplies_its_days_in_every_series() -> None:
    history = _history(event=PAST + 74 - 364, chance=0.3)
    days = next(iter(demand._ahead(history)))
    factors = days["event_factor"][:, 0]
    assert np.flatnonzero(np.isfinite(factors)).tolist() == [74, 75, 76, 77]
    assert (factors[74:78] > 1.3).all()
    usual = days["forecast_value"][67:71] * factors[74:78, None]
    np.testing.assert_allclose(days["forecast_value"][74:78], usual, rtol=0.02, atol=0.1)


def test_last_week_is_published_where_nothing_beats_it_or_shows_that_it_does() -> None:
    steps = _history(chance=0.0)
    # A level that jumps now and then, and stays: nothing knows more than the last week.
    jumps = np.repeat([1.0, 4.0, 9.0, 20.0, 45.0, 100.0], PAST // 6)[:, None]
    steps = replace(steps, values=np.ones_like(steps.values) * 100 * jumps)
    made = rolling(steps)
    assert not beats_naive(made)
    days = next(iter(demand._ahead(steps)))
    assert days["method"] == demand.NAIVE
    np.testing.assert_array_equal(days["forecast_value"], days["naive_value"])
    assert beats_naive(rolling(_history()))
    short = replace(_history(), calendar=_calendar(150), values=_history().values[:150])
    assert not beats_naive(rolling(short))
