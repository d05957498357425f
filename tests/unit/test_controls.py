"""What the filters' values select."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

import pytest

from dashboards.executive import PAGE
from dashboards.lib.controls import FilterError, period_of
from dashboards.lib.periods import DataCalendar, Month, Period
from dashboards.lib.source import Source

CALENDAR = DataCalendar(
    first_date=date(2018, 1, 10),
    last_date=date(2018, 2, 20),
    as_of_date=date(2018, 2, 20),
    months=(Month(date(2018, 1, 1), False), Month(date(2018, 2, 1), False)),
)
# What the controls know of a page: how long its periods are, and its days.
DAYS = SimpleNamespace(page=PAGE, calendar=CALENDAR)
MONTHS = SimpleNamespace(page=replace(PAGE, is_monthly=True), calendar=CALENDAR)


def chosen(source: SimpleNamespace, own: dict[str, object]) -> Period:
    return period_of(cast("Source", source), WHOLE, own)


WHOLE = CALENDAR.whole_months


@pytest.mark.parametrize(
    ("own", "period"),
    [
        ({}, WHOLE),
        ({"first": "5 Jan 2018"}, Period(date(2018, 1, 5), date(2018, 2, 28))),
        ({"last": " 2018-02-03 "}, Period(date(2018, 1, 1), date(2018, 2, 3))),
        ({"first": "05/01/2018", "last": "5.1.2018"}, Period(*[date(2018, 1, 5)] * 2)),
        ({"first": "1 January 2018"}, WHOLE),
    ],
)
def test_typed_days_take_the_place_of_those_of_the_chosen_period(
    own: dict[str, object], period: Period
) -> None:
    assert chosen(DAYS, own) == period


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"first": "11/24"}, "'11/24' is no day. Write it as"),
        ({"first": ""}, "'' is no day"),
        ({"last": "30 Feb 2018"}, "'30 Feb 2018' is no day"),
        (
            {"first": "1 Feb 2018", "last": "31 Jan 2018"},
            "The first day, 1 Feb 2018, lies after the last, 31 Jan 2018",
        ),
        # Days nobody chose are not put in the place of those that were.
        (
            {"first": "15 Mar 2015"},
            "You chose 15 Mar 2015 to 28 Feb 2018, and the data run from 10 Jan 2018 to 20 Feb",
        ),
        ({"last": "2019-01-01"}, "You chose 1 Jan 2018 to 1 Jan 2019"),
    ],
)
def test_days_that_select_nothing_are_named_with_the_reason(
    own: dict[str, object], words: str
) -> None:
    with pytest.raises(FilterError, match=re.escape(words)):
        chosen(DAYS, own)


def test_months_set_by_hand_are_taken_in_the_order_they_are_given() -> None:
    january, february = date(2018, 1, 1), date(2018, 2, 1)
    assert chosen(MONTHS, {"first": february}) == Period(february, date(2018, 2, 28))
    with pytest.raises(FilterError, match="Feb 2018, lies after To month, Jan 2018"):
        chosen(MONTHS, {"first": february, "last": january})


def test_a_span_is_said_as_a_reader_says_it() -> None:
    one_day = Period(date(2018, 1, 5), date(2018, 1, 5))
    assert one_day.when == "on 5 Jan 2018"
    days = Period(date(2018, 1, 5), date(2018, 2, 3))
    assert days.when == "from 5 Jan 2018 to 3 Feb 2018"
    month = Period.of_months(date(2018, 1, 1), 1)
    assert month.when == "in Jan 2018"
