"""The choices of a page: widgets, the address they are kept in, and the view they make.

The address holds every choice that is not the default (``?period=2017&region=South``), so that
a link, a reload and the back button give the same page. Widgets are built by functions, for
marimo wants them in cells of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal

import marimo as mo

from dashboards.lib import address
from dashboards.lib import format as fmt
from dashboards.lib.periods import DataCalendar, Period, month_end, month_name, month_start
from dashboards.lib.source import Source
from dashboards.lib.view import View

End = Literal["first", "last"]
# What a reader set by hand since the period was chosen, by the end it sets: text or a month.
Own = dict[str, Any]
# The setters of marimo's state take a value, or a function of the value before.
Choose = Callable[[Any], None]

_OWN = "As set beside it"
_PERIOD = "period"
_ENDS: Mapping[End, str] = {"first": "from", "last": "to"}
_DAY_FORMS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")


class FilterError(Exception):
    """What is chosen selects nothing; the text says why and what to choose instead."""


def chosen_before(source: Source) -> tuple[Period, Own]:
    """The period and the days or months of the address; the default ones without any."""
    given, calendar = address.read(), source.calendar
    presets = {_slug(label): period for label, period in calendar.presets().items()}
    period = presets.get(given.get(_PERIOD, ""), calendar.default_period())
    own: Own = {end: given[name] for end, name in _ENDS.items() if name in given}
    if source.page.is_monthly:
        found = {end: _month(text) for end, text in own.items()}
        own = {end: month for end, month in found.items() if month is not None}
    return period, own


def period_control(
    source: Source, chosen: Period, own: Own, choose: Choose, change: Choose
) -> mo.ui.dropdown:
    """Periods to choose with one click; where a reader set days or months, it says so.

    Args:
        source: The version.
        chosen: The period that was last chosen here; the default one to begin with.
        own: What was set by hand since then.
        choose: Sets the period.
        change: Sets what was set by hand.
    """
    presets: dict[str, Period | None] = dict(source.calendar.presets())
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


def end_control(
    source: Source, end: End, chosen: Period, own: Own, change: Choose
) -> mo.ui.text | mo.ui.dropdown:
    """The first or the last day, to be typed, or month; a day counts once Enter is pressed."""
    day = chosen.start if end == "first" else chosen.end

    def on_change(value: object) -> None:
        change(lambda own: own | {end: value})

    if not source.page.is_monthly:
        typed = own.get(end)
        return mo.ui.text(
            value=fmt.day(day) if typed is None else _shown(typed),
            debounce=True,
            label=f"{end.capitalize()} day",
            placeholder="15 Mar 2018, or 2018-03-15",
            full_width=True,
            on_change=on_change,
        )
    months = {month_name(month.start): month.start for month in source.calendar.months}
    month = month_name(month_start(own.get(end, day)))
    return mo.ui.dropdown(
        options=months,
        value=month if month in months else next(iter(months)),
        allow_select_none=False,
        label={"first": "From month", "last": "To month"}[end],
        full_width=True,
        on_change=on_change,
    )


def other_controls(source: Source) -> mo.ui.dictionary:
    """The filters, none chosen meaning all, and the options of the page."""
    given = address.read()
    found: dict[str, Any] = {}
    for one in source.page.filters:
        options = source.options[one.name]
        wanted = set(given.get(one.name, "").split(","))
        found[one.name] = mo.ui.multiselect(
            options=dict(options),
            value=[words for words, value in options.items() if value in wanted],
            label=f"{one.label} (empty: all)",
            full_width=True,
        )
    for option in source.page.options:
        slugs = {_slug(words): words for words in option.values}
        first = next(iter(option.values))
        found[option.name] = mo.ui.dropdown(
            options=list(option.values),
            value=slugs.get(given.get(option.name, ""), first),
            allow_select_none=False,
            label=option.label,
            full_width=True,
        )
    return mo.ui.dictionary(found)


def shown(widget: object) -> mo.Html:
    """A filter as the page shows it: the stylesheet lines up the cells that hold one."""
    parts = widget.elements.values() if isinstance(widget, mo.ui.dictionary) else (widget,)
    inner = "".join(f'<div class="dw-filter">{mo.as_html(one).text}</div>' for one in parts)
    return mo.Html(f'<div class="dw-filters">{inner}</div>')


def view_of(source: Source, chosen: Period, own: Own, others: Mapping[str, Any]) -> View:
    """The view that the widgets' values describe; the address says the same from now on.

    Raises:
        FilterError: The days are none, lie outside the data, or end before they begin.
        DashboardDataError: The version has been removed.
    """
    page = source.page
    where = {
        one.name: tuple(str(value) for value in others.get(one.name, ()))
        for one in page.filters
    }
    options = {one.name: str(others[one.name]) for one in page.options if one.name in others}
    _keep(source, chosen, own, where, options)
    return View(source.reopened(), period_of(source, chosen, own), where, options)


def period_of(source: Source, chosen: Period, own: Own) -> Period:
    """The days or months of the chosen period, or those that were set in their place.

    Raises:
        FilterError: As :func:`view_of`.
    """
    if not source.page.is_monthly:
        return days_chosen(source.calendar, chosen, own)
    first, last = own.get("first", chosen.start), own.get("last", chosen.end)
    if month_end(last) < month_start(first):
        message = (
            f"From month, {month_name(first)}, lies after To month, {month_name(last)}. "
            "Change one of them."
        )
        raise FilterError(message)
    return Period(month_start(first), month_end(last))


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


def _keep(
    source: Source,
    chosen: Period,
    own: Own,
    where: Mapping[str, tuple[str, ...]],
    options: Mapping[str, str],
) -> None:
    calendar: DataCalendar = source.calendar
    label = next(label for label, period in calendar.presets().items() if period == chosen)
    is_default = chosen == calendar.default_period()
    found = {_PERIOD: "" if is_default else _slug(label)}
    found |= {name: _text(own[end]) if end in own else "" for end, name in _ENDS.items()}
    found |= {name: ",".join(sorted(values)) for name, values in where.items()}
    for one in source.page.options:
        words = options.get(one.name, "")
        found[one.name] = "" if words == next(iter(one.values)) else _slug(words)
    address.keep(**found)


def _slug(words: str) -> str:
    """Words as they stand in the address: ``last-6-complete-months``."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _text(value: object) -> str:
    with suppress(FilterError):
        return str(_day(value))
    return str(value)


def _shown(value: object) -> str:
    with suppress(FilterError):
        return fmt.day(_day(value))
    return str(value)


def _month(text: str) -> date | None:
    with suppress(ValueError):
        return month_start(date.fromisoformat(text))
    return None


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for form in _DAY_FORMS:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day alone
    message = f"{text[:40]!r} is no day. Write it as 15 Mar 2018, 15/03/2018 or 2018-03-15."
    raise FilterError(message)
