"""What the filters' values select."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.lib.filters import scope, scope_words
from dashboards.lib.periods import DataCalendar, Month, Period

CALENDAR = DataCalendar(
    first_date=date(2018, 1, 10),
    last_date=date(2018, 2, 20),
    as_of_date=date(2018, 2, 20),
    months=(Month(date(2018, 1, 1), False), Month(date(2018, 2, 1), False)),
)


@pytest.mark.parametrize(
    ("days", "period"),
    [
        ((date(2018, 1, 5), date(2018, 2, 3)), Period(date(2018, 1, 5), date(2018, 2, 3))),
        ((date(2018, 2, 3), date(2018, 1, 5)), Period(date(2018, 1, 5), date(2018, 2, 3))),
        # The year as it is typed: 2, 20, 201, 2018.
        ((date(2, 1, 5), date(2018, 2, 3)), Period(date(2018, 1, 1), date(2018, 2, 3))),
        ((date(2, 1, 5), date(20, 2, 3)), Period(date(2018, 1, 1), date(2018, 1, 1))),
        ((date(2018, 1, 5), date(9999, 12, 31)), Period(date(2018, 1, 5), date(2018, 2, 28))),
    ],
    ids=["as given", "backwards", "half typed", "both half typed", "far away"],
)
def test_any_days_select_a_period_inside_the_data(
    days: tuple[date, date], period: Period
) -> None:
    assert scope(CALENDAR, days, [], []).period == period


def test_a_scope_is_named_by_its_narrowest_filter() -> None:
    days = (date(2018, 1, 1), date(2018, 2, 28))
    everywhere = scope(CALENDAR, days, [], [])
    region = scope(CALENDAR, days, ["South"], [])
    state = scope(CALENDAR, days, ["South"], ["RS", "PR"])
    assert scope_words(everywhere).endswith("2018, all states")
    assert scope_words(region).endswith("2018, South")
    assert scope_words(state).endswith("2018, RS, PR")
