"""Spans of days, the periods they are compared with, and the rule on incomplete months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.lib.periods import DataCalendar, Month, Period, PeriodError, add_months

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 12, 31))


def calendar_of(first: date, last: date, incomplete: set[date]) -> DataCalendar:
    months = Period(first, last).months
    return DataCalendar(
        first_date=first,
        last_date=last,
        as_of_date=last,
        months=tuple(Month(month, month not in incomplete) for month in months),
    )


# As the full Olist data are: complete from 2017-02 to 2018-08.
OLIST = calendar_of(
    date(2016, 9, 4),
    date(2018, 10, 17),
    {date(2016, m, 1) for m in (9, 10, 11, 12)}
    | {date(2017, 1, 1), date(2018, 9, 1), date(2018, 10, 1)},
)


def test_whole_months_are_compared_with_as_many_months_before() -> None:
    half_year = Period(date(2018, 3, 1), date(2018, 8, 31))
    assert half_year.previous() == Period(date(2017, 9, 1), date(2018, 2, 28))


def test_days_are_compared_with_as_many_days_before() -> None:
    ten_days = Period(date(2018, 3, 5), date(2018, 3, 14))
    assert ten_days.previous() == Period(date(2018, 2, 23), date(2018, 3, 4))


def test_february_is_compared_with_all_of_february_a_year_before_even_in_a_leap_year() -> None:
    leap = Period(date(2020, 2, 1), date(2020, 2, 29))
    assert leap.year_earlier() == Period(date(2019, 2, 1), date(2019, 2, 28))


def test_the_29th_of_february_has_the_28th_a_year_before() -> None:
    day = Period(date(2020, 2, 29), date(2020, 2, 29))
    assert day.year_earlier() == Period(date(2019, 2, 28), date(2019, 2, 28))


@given(start=DAYS, length=st.integers(min_value=0, max_value=800))
def test_the_previous_period_always_ends_the_day_before(start: date, length: int) -> None:
    period = Period(start, start + timedelta(days=length))
    previous = period.previous()
    assert previous.end == period.start - timedelta(days=1)
    if period.is_whole_months:
        assert len(previous.months) == len(period.months)
    else:
        assert previous.num_days == period.num_days


@given(day=DAYS, months=st.integers(min_value=-60, max_value=60))
def test_moving_by_months_lands_in_the_month_that_many_away(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(PeriodError, match="before it starts"):
        Period(date(2018, 2, 1), date(2018, 1, 31))


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period(date(2018, 8, 1), date(2018, 8, 31)), "Aug 2018"),
        (Period(date(2018, 3, 1), date(2018, 8, 31)), "Mar\N{EN DASH}Aug 2018"),
        (Period(date(2017, 9, 1), date(2018, 2, 28)), "Sep 2017\N{EN DASH}Feb 2018"),
        (Period(date(2018, 3, 5), date(2018, 3, 14)), "5 Mar\N{EN DASH}14 Mar 2018"),
        (Period(date(2018, 3, 5), date(2018, 3, 5)), "5 Mar 2018"),
    ],
)
def test_a_period_is_named_in_words(period: Period, label: str) -> None:
    assert period.label == label


def test_the_page_opens_on_six_months_where_twelve_cannot_be_compared() -> None:
    assert OLIST.default_period() == Period(date(2018, 3, 1), date(2018, 8, 31))


def test_the_page_opens_on_twelve_months_where_they_can_be_compared() -> None:
    long = calendar_of(date(2015, 1, 1), date(2018, 8, 31), set())
    assert long.default_period() == Period(date(2017, 9, 1), date(2018, 8, 31))


def test_without_a_year_of_history_the_period_before_decides() -> None:
    short = calendar_of(date(2018, 1, 1), date(2018, 8, 31), set())
    assert short.default_period() == Period(date(2018, 6, 1), date(2018, 8, 31))


def test_without_any_complete_month_the_page_opens_on_all_data() -> None:
    tiny = calendar_of(date(2018, 8, 5), date(2018, 8, 9), {date(2018, 8, 1)})
    assert tiny.default_period() == Period(date(2018, 8, 1), date(2018, 8, 31))


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        (Period(date(2018, 3, 1), date(2018, 8, 31)), None),
        (Period(date(2018, 9, 1), date(2018, 9, 2)), "Sep 2018 is incomplete"),
        (Period(date(2016, 9, 1), date(2017, 8, 31)), "Sep 2016 is incomplete"),
        (Period(date(2016, 8, 1), date(2017, 8, 31)), "no data before Sep 2016"),
        (Period(date(2018, 11, 1), date(2018, 11, 30)), "no data after Oct 2018"),
    ],
)
def test_a_period_that_touches_an_incomplete_month_says_why_it_is_not_compared(
    period: Period, reason: str | None
) -> None:
    assert OLIST.why_incomplete(period) == reason


def test_a_month_without_orders_between_others_makes_a_run_of_months_incomplete() -> None:
    gap = calendar_of(date(2018, 1, 1), date(2018, 6, 30), {date(2018, 3, 1)})
    assert gap.last_complete(3) == Period(date(2018, 4, 1), date(2018, 6, 30))
    assert gap.last_complete(4) is None


def test_the_default_period_is_among_the_presets() -> None:
    assert OLIST.default_period() in OLIST.presets().values()


def test_a_year_that_is_complete_in_part_is_offered_with_its_months() -> None:
    presets = OLIST.presets()
    assert presets["2017 (Feb\N{EN DASH}Dec)"] == Period(date(2017, 2, 1), date(2017, 12, 31))
    assert presets["2018 (Jan\N{EN DASH}Aug)"] == Period(date(2018, 1, 1), date(2018, 8, 31))


# A live feed on 2018-05-10: April is over, and its last parcels are on their way.
LIVE = DataCalendar(
    first_date=date(2017, 1, 5),
    last_date=date(2018, 5, 9),
    as_of_date=date(2018, 5, 9),
    months=tuple(
        Month(
            month,
            is_complete=date(2017, 2, 1) <= month <= date(2018, 4, 1),
            is_delivery_mature=month < date(2018, 4, 1),
        )
        for month in Period(date(2017, 1, 5), date(2018, 5, 9)).months
    ),
)
APRIL = Period(date(2018, 4, 1), date(2018, 4, 30))


def test_a_month_whose_parcels_are_under_way_is_complete_but_not_for_deliveries() -> None:
    assert LIVE.why_incomplete(APRIL) is None
    assert LIVE.of_delivery.why_incomplete(APRIL) == (
        "deliveries of Apr 2018 are still under way"
    )
    assert LIVE.of_delivery.why_incomplete(APRIL.previous()) is None
    assert LIVE.of_delivery.why_incomplete(Period.of_months(date(2018, 5, 1), 1)) == (
        "May 2018 is incomplete"
    )


def test_the_delivery_page_opens_on_the_last_months_of_which_all_has_arrived() -> None:
    assert LIVE.default_period().end == date(2018, 4, 30)
    assert LIVE.of_delivery.default_period().end == date(2018, 3, 31)
