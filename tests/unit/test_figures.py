"""A metric's value and its change in words, by its unit."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest

from dashboards.lib.definitions import Better, Change, Metric, Unit
from dashboards.lib.figures import change, change_size, delta, direction, figure, moved


def _metric(
    unit: Unit = "share",
    decimals: int = 1,
    changes: Change = "points",
    better: Better = "more",
) -> Metric:
    return Metric(
        name="m",
        label="M",
        description="A metric.",
        unit=unit,
        decimals=decimals,
        better=better,
        change=changes,
        volume=None,
        least_volume=0,
        is_mature_late=False,
    )


REVENUE = _metric("brl", 0, "relative")
RATE = _metric("share", 1, "points")
DAYS = _metric("days", 1, "absolute", "less")
STARS = _metric("stars", 2, "absolute")
FREIGHT = _metric("brl", 2, "relative", "none")


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        (REVENUE, Decimal("1234567.89"), "R$ 1,234,568"),
        (FREIGHT, 19.9917, "R$ 19.99"),
        (_metric("count", 0), 12345, "12,345"),
        (_metric("number", 2), 3.507, "3.51"),
        (RATE, 0.9322, "93.2%"),
        (DAYS, 12.558, "12.6 days"),
        (_metric("hours", 1), 10.419, "10.4 hours"),
        (STARS, 4.0864, "4.09"),
        (_metric("points", 1), -34.84, "\N{MINUS SIGN}34.8"),
        (_metric("km", 0), 597.5, "598 km"),
        (RATE, None, "n/a"),
        (REVENUE, 0, "R$ 0"),
    ],
)
def test_a_value_is_written_with_its_unit(
    metric: Metric, value: float | Decimal | None, words: str
) -> None:
    # An amount does not break behind its sign.
    assert figure(metric, value).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize("unit", get_args(Unit))
def test_each_unit_can_be_written(unit: Unit) -> None:
    assert figure(_metric(unit), 1.25)
    assert change_size(_metric(unit, changes="absolute"), 1.25)


@pytest.mark.parametrize(
    ("metric", "now", "before", "expected"),
    [
        (REVENUE, Decimal(110), Decimal(100), 0.1),
        (REVENUE, 110, 0, None),
        (REVENUE, None, 100, None),
        (REVENUE, 0, 100, -1.0),
        (RATE, 0.93, 0.90, 0.03),
        (RATE, 0.93, None, None),
        (DAYS, 12.0, 0, 12.0),
    ],
)
def test_a_change_is_relative_or_a_difference(
    metric: Metric, now: float, before: float, expected: float | None
) -> None:
    found = change(metric, now, before)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("metric", "size", "words"),
    [
        (REVENUE, 0.1234, "up 12.3%"),
        (REVENUE, -0.1234, "down 12.3%"),
        (REVENUE, 0.0004, "unchanged"),
        (RATE, -0.0123, "down 1.2 pp"),
        (RATE, 0.0004, "unchanged"),
        (DAYS, -0.4, "down 0.4 days"),
        (DAYS, 0.04, "unchanged"),
        (STARS, 0.12, "up 0.12 stars"),
        (STARS, 0.004, "unchanged"),
        (REVENUE, None, ""),
    ],
)
def test_a_change_is_said_in_the_words_of_its_metric(
    metric: Metric, size: float | None, words: str
) -> None:
    assert moved(metric, size) == words


def test_what_is_said_as_a_change_is_never_zero_of_something() -> None:
    """What would be written as 0.0 is called unchanged, and nothing else is."""
    for metric in (REVENUE, RATE, DAYS, STARS):
        for thousandths in range(1, 200):
            size = thousandths / 10_000
            is_zero = not change_size(metric, size).strip("0. %pdaystr")
            assert is_zero == (direction(metric, size) == "flat"), (metric.unit, size)


@pytest.mark.parametrize(
    ("metric", "now", "before", "is_good"),
    [
        (REVENUE, 110, 100, True),
        (REVENUE, 90, 100, False),
        (DAYS, 11.0, 12.0, True),
        (DAYS, 13.0, 12.0, False),
        (FREIGHT, 13.0, 12.0, None),
        (REVENUE, 100, 100, None),
        (REVENUE, 100.4, 100, None),
        (RATE, 0.901, 0.9, None),
        (STARS, 4.07, 4.06, None),
        (STARS, 4.09, 4.06, True),
    ],
)
def test_a_change_is_good_or_bad_by_what_the_metric_says(
    metric: Metric, now: float, before: float, is_good: bool | None
) -> None:
    assert delta(metric, now, before, "vs before").is_good is is_good


def test_without_something_to_compare_with_a_tile_says_why() -> None:
    found = delta(REVENUE, 100, None, "vs before")
    assert found.text is None
    assert found.reason == "nothing to compare with"
