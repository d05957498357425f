"""The filters pages share: a period by preset and by days, regions, states.

Here are the widgets and how their values become a `Scope`; what a scope selects is the
queries' affair. Widgets are built by functions, for marimo wants them in cells of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.periods import DataCalendar, Period, month_end, month_name, month_start
from dashboards.lib.queries.executive import Scope


def preset_filter(calendar: DataCalendar) -> mo.ui.dropdown:
    """Periods to choose with one click; the page opens on the default period."""
    presets = calendar.presets()
    default = calendar.default_period()
    chosen = next(label for label, period in presets.items() if period == default)
    return mo.ui.dropdown(
        options=presets, value=chosen, allow_select_none=False, label="Period", full_width=True
    )


def date_filter(calendar: DataCalendar, period: Period) -> mo.ui.date_range:
    """Any days of the data, starting from the chosen preset."""
    days = calendar.whole_months
    return mo.ui.date_range(
        start=days.start,
        stop=days.end,
        value=(period.start, period.end),
        label="Days, from and to",
        full_width=True,
    )


def month_filter(calendar: DataCalendar, chosen: date, label: str) -> mo.ui.dropdown:
    """One month of the data, for pages whose marts know months alone."""
    options = {month_name(month.start): month.start for month in calendar.months}
    return mo.ui.dropdown(
        options=options,
        value=month_name(month_start(chosen)),
        allow_select_none=False,
        label=label,
        full_width=True,
    )


def months_chosen(first: date, last: date) -> Period:
    """The whole months from one to another, given in either order."""
    first, last = sorted((first, last))
    return Period(month_start(first), month_end(last))


def choice_filter(options: Sequence[str] | Mapping[str, str], label: str) -> mo.ui.multiselect:
    """Any of some values, as they are or by the words they go by; none chosen means all."""
    chosen = dict(options) if isinstance(options, Mapping) else list(options)
    return mo.ui.multiselect(options=chosen, label=f"{label} (empty: all)", full_width=True)


def one_filter(options: Mapping[str, object], label: str) -> mo.ui.dropdown:
    """Exactly one of some named values, the first to begin with."""
    return mo.ui.dropdown(
        options=dict(options),
        value=next(iter(options)),
        allow_select_none=False,
        label=label,
        full_width=True,
    )


def region_filter(regions: Sequence[str]) -> mo.ui.multiselect:
    """Regions of the customer; none chosen means all."""
    return mo.ui.multiselect(
        options=list(regions), label="Regions (empty: all)", full_width=True
    )


def state_filter(states: Sequence[str]) -> mo.ui.multiselect:
    """States of the customer, those of the chosen regions; none chosen means all of them."""
    return mo.ui.multiselect(options=list(states), label="States (empty: all)", full_width=True)


def by_name(values: Sequence[str]) -> dict[str, str]:
    """Values of the data by the names that people read: ``One time`` for ``ONE_TIME``."""
    return {fmt.name(value): value for value in values}


def shown(widget: object) -> mo.Html:
    """A filter as the page shows it: the stylesheet lines up the cells that hold one."""
    return mo.Html(f'<div class="dw-filter">{mo.as_html(widget).text}</div>')


def scope(
    calendar: DataCalendar,
    days: tuple[date, date],
    regions: Sequence[object],
    states: Sequence[object],
) -> Scope:
    """The scope that the widgets' values describe.

    While somebody types, the date filter gives half-typed days such as the year 20: a day
    outside the data counts as the nearest month's end inside, days given backwards are turned
    round.
    """
    limits = calendar.whole_months
    first, last = sorted(min(max(day, limits.start), limits.end) for day in days)
    return Scope(
        Period(first, last),
        states=tuple(str(state) for state in states),
        regions=tuple(str(region) for region in regions),
    )


def scope_words(chosen: Scope) -> str:
    """The scope as a reader would say it: ``Mar-Aug 2018, South``."""
    if chosen.states:
        where = ", ".join(chosen.states)
    elif chosen.regions:
        where = ", ".join(chosen.regions)
    else:
        where = "all states"
    return f"{chosen.period.label}, {where}"
