"""The days of a replay's drops: steps, month ends, bounds."""

from __future__ import annotations

from datetime import date

import pytest

from extract.replay.days import DropCalendar, drop_days
from extract.replay.errors import ReplayError


def test_daily_drops_run_from_the_first_day_to_the_last() -> None:
    assert drop_days(date(2018, 2, 27), date(2018, 3, 1), "day") == (
        date(2018, 2, 27),
        date(2018, 2, 28),
        date(2018, 3, 1),
    )


def test_the_end_is_a_drop_even_if_no_step_falls_on_it() -> None:
    assert drop_days(date(2018, 8, 1), date(2018, 8, 17), "week") == (
        date(2018, 8, 1),
        date(2018, 8, 8),
        date(2018, 8, 15),
        date(2018, 8, 17),
    )


def test_one_day_is_one_drop() -> None:
    assert drop_days(date(2018, 8, 1), date(2018, 8, 1), "month") == (date(2018, 8, 1),)


def test_months_from_a_month_end_are_month_ends() -> None:
    assert drop_days(date(2017, 11, 30), date(2018, 3, 31), "month") == (
        date(2017, 11, 30),
        date(2017, 12, 31),
        date(2018, 1, 31),
        date(2018, 2, 28),
        date(2018, 3, 31),
    )


def test_months_keep_the_day_where_the_month_has_it() -> None:
    assert drop_days(date(2018, 1, 30), date(2018, 3, 30), "month") == (
        date(2018, 1, 30),
        date(2018, 2, 28),
        date(2018, 3, 30),
    )


def test_days_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ReplayError, match=r"end \(2018-01-01\) before they start \(2018-02-01"):
        drop_days(date(2018, 2, 1), date(2018, 1, 1), "day")


def test_a_mistyped_year_does_not_fill_the_disk() -> None:
    with pytest.raises(ReplayError, match="more than 3,660 drops, one every day"):
        drop_days(date(1018, 8, 1), date(2018, 8, 31), "day")


def test_the_last_year_there_is_can_be_the_end() -> None:
    days = drop_days(date(9999, 11, 30), date(9999, 12, 31), "month")
    assert days == (date(9999, 11, 30), date(9999, 12, 31))


def test_a_day_is_first_shown_by_the_drop_on_or_after_it() -> None:
    drops = DropCalendar(
        days=(date(2018, 1, 1), date(2018, 1, 4), date(2018, 1, 5)), is_complete=False
    )
    assert drops.drop_of_each_day() == [0, 1, 1, 1, 2]


def test_only_a_complete_last_drop_shows_what_comes_after_it() -> None:
    days = (date(2018, 1, 1), date(2018, 1, 2))
    assert DropCalendar(days=days, is_complete=True).after_end == 1
    assert DropCalendar(days=days, is_complete=False).after_end == 2
