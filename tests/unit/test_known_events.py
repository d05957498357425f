"""The seed of known events against the calendar: Black Fridays, and no two events at once."""

from __future__ import annotations

import calendar
import csv
from datetime import date, timedelta
from itertools import pairwise

import pytest

from orchestration.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "olist_dw_dbt" / "seeds" / "known_events.csv"


@pytest.fixture(scope="module")
def events() -> list[tuple[date, date, str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return [
            (
                date.fromisoformat(row["first_date"]),
                date.fromisoformat(row["last_date"]),
                row["event_name"],
                row["event_kind"],
            )
            for row in csv.DictReader(file)
        ]


def test_every_year_has_its_black_friday_the_day_after_the_fourth_thursday(
    events: list[tuple[date, date, str, str]],
) -> None:
    found = {one[0].year: one for one in events if one[2] == "Black Friday"}
    assert sorted(found) == list(range(2016, 2051))
    for year, (first, last, _, kind) in found.items():
        weeks = calendar.Calendar().monthdatescalendar(year, 11)
        thursdays = [week[3] for week in weeks if week[3].month == 11]
        assert first == thursdays[3]  # so that the Friday is the second day
        assert (last, kind) == (first + timedelta(days=7), "sale")


def test_events_come_in_order_and_never_overlap(
    events: list[tuple[date, date, str, str]],
) -> None:
    assert all(first <= last for first, last, _, _ in events)
    assert all(one[1] < other[0] for one, other in pairwise(events))
    assert {one[3] for one in events} == {"sale", "disruption", "data"}
