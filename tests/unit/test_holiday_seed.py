"""The holiday seed against an Easter computed another way than the one it was made by."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

SEED = Path(__file__).resolve().parents[2] / "olist_dw_dbt" / "seeds" / "brazilian_holidays.csv"
YEARS = range(2016, 2051)

# Days from Easter Sunday.
MOVABLE = {
    "Carnival Monday": -48,
    "Carnival Tuesday": -47,
    "Good Friday": -2,
    "Corpus Christi": 60,
}
FIXED = {
    "New Year's Day": (1, 1),
    "Tiradentes Day": (4, 21),
    "Labour Day": (5, 1),
    "Independence Day": (9, 7),
    "Our Lady of Aparecida": (10, 12),
    "All Souls' Day": (11, 2),
    "Republic Day": (11, 15),
    "Christmas Day": (12, 25),
}
# Law 14,759 of 21 December 2023 made the day national.
BLACK_CONSCIOUSNESS_SINCE = 2024
OPTIONAL = {"Carnival Monday", "Carnival Tuesday", "Corpus Christi"}


@pytest.fixture(scope="module")
def rows() -> list[Mapping[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def easter(year: int) -> date:
    """Easter Sunday as the church tables define it, without a closed formula.

    The Sunday after the first ecclesiastical full moon on or after 21 March. The moon's age
    follows from the epact of the Gregorian calendar (Clavius: golden number, solar and lunar
    corrections), and the Sunday from the calendar itself.
    """
    golden_number = year % 19 + 1
    century = year // 100 + 1
    solar_correction = 3 * century // 4 - 12
    lunar_correction = (8 * century + 5) // 25 - 5
    epact = (11 * golden_number + 20 + lunar_correction - solar_correction) % 30
    if epact == 24 or (epact == 25 and golden_number > 11):
        epact += 1
    full_moon_in_march = 44 - epact
    if full_moon_in_march < 21:
        full_moon_in_march += 30
    full_moon = date(year, 3, 1) + timedelta(days=full_moon_in_march - 1)
    return full_moon + timedelta(days=7 - full_moon.isoweekday() % 7)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2016, 3, 27), (2017, 4, 16), (2018, 4, 1), (2019, 4, 21), (2024, 3, 31), (2038, 4, 25)],
)
def test_easter_falls_where_the_church_kept_it(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_every_year_has_its_movable_feasts(rows: list[Mapping[str, str]]) -> None:
    in_seed = {
        (date.fromisoformat(row["holiday_date"]), row["holiday_name"])
        for row in rows
        if row["holiday_name"] in MOVABLE
    }
    computed = {
        (easter(year) + timedelta(days=days), name)
        for year in YEARS
        for name, days in MOVABLE.items()
    }
    assert in_seed == computed


def test_every_year_has_the_holidays_of_fixed_date(rows: list[Mapping[str, str]]) -> None:
    in_seed = {
        (date.fromisoformat(row["holiday_date"]), row["holiday_name"])
        for row in rows
        if row["holiday_name"] not in MOVABLE
    }
    by_law = {
        (date(year, month, day), name) for year in YEARS for name, (month, day) in FIXED.items()
    } | {
        (date(year, 11, 20), "Black Consciousness Day")
        for year in YEARS
        if year >= BLACK_CONSCIOUSNESS_SINCE
    }
    assert in_seed == by_law


def test_no_day_is_two_holidays(rows: list[Mapping[str, str]]) -> None:
    days = Counter(row["holiday_date"] for row in rows)
    assert [day for day, count in days.items() if count > 1] == []


def test_the_optional_holidays_are_carnival_and_corpus_christi(
    rows: list[Mapping[str, str]],
) -> None:
    assert {
        row["holiday_name"] for row in rows if row["holiday_type"] == "optional"
    } == OPTIONAL
    assert {row["holiday_type"] for row in rows} == {"national", "optional"}
