"""The filters pages share: a period by preset and by days, regions, states.

Here are the widgets and how their values become a `Scope`; what a scope selects is the
queries' affair. Widgets are built by functions, for marimo wants them in cells of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.controls import FilterError
from dashboards.lib.periods import DataCalendar, Period, month_end, month_name, month_start
from dashboards.lib.queries.executive import Scope

End = Literal["first", "last"]
# What a reader set by hand since the period was chosen, by the end it sets: text or a month.
Own = dict[str, Any]
# The setters of marimo's state take a value, or a function of the value before.
Choose = Callable[[Any], None]

_OWN = "As set beside it"
_DAY_FORMS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")


def preset_filter(
    calendar: DataCalendar, chosen: Period, own: Own, choose: Choose, change: Choose
) -> mo.ui.dropdown:
    """Periods to choose with one click; where a reader set days or months, it says so.

    Args:
        calendar: The days of the data.
        chosen: The period that was last chosen here; the default one to begin with.
        own: What was set by hand since then.
        choose: Sets the period.
        change: Sets what was set by hand.
    """
    presets: dict[str, Period | None] = dict(calendar.presets())
    value = next(label for label, period in presets.items() if period == chosen)
    if own:
        value = _OWN
        presets = {value: None, **presets}

    def on_change(period: Period | None) -> None:
        if period is not None:
            change({})
            choose(period)

    return mo.ui.dropdown(
        options=presets,
        value=value,
        allow_select_none=False,
        label="Period",
        full_width=True,
        on_change=on_change,
    )


def day_filter(end: End, chosen: Period, change: Choose) -> mo.ui.text:
    """The first or the last day, to be typed; it counts once it is left or Enter is pressed."""
    return mo.ui.text(
        value=fmt.day(_end_of(chosen, end)),
        debounce=True,
        label=f"{end.capitalize()} day",
        placeholder="15 Mar 2018, or 2018-03-15",
        full_width=True,
        on_change=lambda text: change(lambda own: own | {end: text}),
    )


def month_filter(
    calendar: DataCalendar, end: End, chosen: Period, change: Choose
) -> mo.ui.dropdown:
    """The first or the last month, for pages whose marts know months alone."""
    return mo.ui.dropdown(
        options={month_name(month.start): month.start for month in calendar.months},
        value=month_name(month_start(_end_of(chosen, end))),
        allow_select_none=False,
        label={"first": "From month", "last": "To month"}[end],
        full_width=True,
        on_change=lambda month: change(lambda own: own | {end: month}),
    )


def days_chosen(calendar: DataCalendar, chosen: Period, own: Own) -> Period:
    """The days of the chosen period, or those that were typed in their place.

    Raises:
        FilterError: What was typed is no day, lies outside the data, or ends before it begins.
    """
    first = _day(own["first"]) if "first" in own else chosen.start
    last = _day(own["last"]) if "last" in own else chosen.end
    if last < first:
        message = (
            f"The first day, {fmt.day(first)}, lies after the last, {fmt.day(last)}. Change "
            "one of them."
        )
        raise FilterError(message)
    limits = calendar.whole_months
    if first < limits.start or last > limits.end:
        message = (
            f"You chose {fmt.day(first)} to {fmt.day(last)}, and the data run from "
            f"{calendar.range_label}. Choose days among these."
        )
        raise FilterError(message)
    return Period(first, last)


def months_chosen(chosen: Period, own: Own) -> Period:
    """The months of the chosen period, or those that were set in their place.

    Raises:
        FilterError: The last month lies before the first.
    """
    first, last = own.get("first", chosen.start), own.get("last", chosen.end)
    if month_end(last) < month_start(first):
        message = (
            f"From month, {month_name(first)}, lies after To month, {month_name(last)}. Change "
            "one of them."
        )
        raise FilterError(message)
    return Period(month_start(first), month_end(last))


def _end_of(period: Period, end: End) -> date:
    return period.start if end == "first" else period.end


def _day(text: str) -> date:
    for form in _DAY_FORMS:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day alone
    message = f"{text[:40]!r} is no day. Write it as 15 Mar 2018, 15/03/2018 or 2018-03-15."
    raise FilterError(message)


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


def shown_together(widgets: mo.ui.dictionary) -> mo.Html:
    """Several filters of one cell, side by side."""
    parts = [shown(one) for one in widgets.elements.values()]
    return mo.hstack(parts, justify="start", wrap=True)


def scope(period: Period, regions: Sequence[object], states: Sequence[object]) -> Scope:
    """The scope that the widgets' values describe."""
    return Scope(
        period,
        states=tuple(str(state) for state in states),
        regions=tuple(str(region) for region in regions),
    )


def nothing_ordered(chosen: Scope, calendar: DataCalendar) -> str:
    """The words to a reader whose filters leave no order."""
    return (
        f"Nothing was ordered {chosen.period.when} in {where_words(chosen)}. Choose more days "
        f"or more states; the data run from {calendar.range_label}."
    )


def scope_words(chosen: Scope) -> str:
    """The scope as a reader would say it: ``Mar-Aug 2018, South``."""
    return f"{chosen.period.label}, {where_words(chosen)}"


def where_words(chosen: Scope) -> str:
    """The places of a scope: ``SP, RJ``, ``South`` or ``all states``."""
    return ", ".join(chosen.states or chosen.regions) or "all states"
