"""Where figures become sentences: the lead of a page, titles of charts, what a tile is of.

A sentence says only what its rows prove: no direction where a change would be written as zero,
no leader that others cannot be distinguished from; the month of a peak, and how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import change, figure, moved
from dashboards.lib.periods import add_months, month_name
from dashboards.lib.spec import Text
from dashboards.lib.templates import filled
from dashboards.lib.view import Values, View

_Z_95 = 1.96
_FEW = 5  # of so few the first alone is named
ARROW = " \N{RIGHTWARDS ARROW} "
_ABBREVIATED = 6  # characters of an id that identify it on a chart


def lead(view: View) -> str:
    """The sentences of the page; one that misses a figure is left out."""
    return " ".join(filter(None, (said(view, text) for text in view.page.lead)))


def said(view: View, text: Text, mart: str | None = None) -> str | None:
    """A text of the page with its figures; None where one of them is missing."""
    if callable(text):
        return text(view)
    return filled(text, lambda name, form: _place(view, name, form, mart))


def note(view: View, text: str | None, mart: str | None = None) -> str:
    """A text in which a missing figure is written as n/a; empty without one."""
    if not text:
        return ""
    return (
        filled(text, lambda name, form: _place(view, name, form, mart) or fmt.NOT_AVAILABLE)
        or ""
    )


def _place(view: View, name: str, form: str, mart: str | None) -> str | None:
    plain = {
        "period": lambda: view.period.label,
        "when": lambda: view.period.when,
        "places": lambda: view.places,
        "as_of": lambda: fmt.day(view.source.info.as_of_date),
    }
    if name in plain:
        return plain[name]()
    if any(one.name == name for one in view.page.options):
        return str(view.option(name))
    metric, value = view.metric(name), view.total(mart).get(name)
    if form == "moved":
        return changes(view, metric, mart)
    if form == "highest":
        return highest(view, metric, mart)
    if value is None:
        return None
    return short(metric, value) if form == "short" else figure(metric, value)


def changes(view: View, metric: Metric, mart: str | None = None) -> str:
    """The changes of a metric as the end of a clause: ``, up 16.3% on Sep 2017-Feb 2018``."""
    now = view.total(mart)[metric.name]
    parts = []
    for comparison in view.comparisons:
        if view.why_not(metric, comparison) is None:
            before = view.total(mart, comparison.period)[metric.name]
            if change_in_words := moved(metric, change(metric, now, before)):
                parts.append(f"{change_in_words} on {comparison.period.label}")
    if parts:
        return f", {' and '.join(parts)}"
    reason = view.why_not(metric, view.previous) or "nothing to compare with"
    return f" (change not available: {reason})"


def highest(view: View, metric: Metric, mart: str | None = None) -> str | None:
    """The highest of the chosen complete months with enough behind them: ``21% (Mar 2018)``."""
    known = [
        (month, values[metric.name])
        for month, values in view.by_month((metric.name,), mart=mart).items()
        if view.period.covers_month(month)
        and view.is_comparable(metric, month)
        and values.get(metric.name) is not None
        and (metric.volume is None or values[metric.volume] >= metric.least_volume)
    ]
    return _at(metric, max(known, key=lambda one: one[1])) if known else None


def short(metric: Metric, value: Any) -> str:
    """A value for a sentence: large amounts in thousands and millions."""
    if metric.unit == "brl" and not metric.decimals:
        return fmt.brl_short(value)
    return figure(metric, value)


def months(view: View, metric: Metric, points: Mapping[date, Values]) -> str:
    """A metric over the chosen complete months: where it stands, and its extremes."""
    known = [
        (month, values[metric.name])
        for month, values in points.items()
        if view.period.covers_month(month)
        and view.is_comparable(metric, month)
        and values.get(metric.name) is not None
    ]
    if not known:
        return f"{metric.label}: no complete month in {view.period.label} to speak of"
    last_month, last = known[-1]
    text = f"{metric.label}: {short(metric, last)} in {month_name(last_month)}"
    low, high = min(known, key=lambda one: one[1]), max(known, key=lambda one: one[1])
    if len(known) == 1:
        return text
    if short(metric, low[1]) == short(metric, high[1]):
        return f"{text}, as in each of the {len(known)} months"
    if last_month in (low[0], high[0]):
        end, other, far = (
            ("lowest", "highest", high) if last_month == low[0] else ("highest", "lowest", low)
        )
        return f"{text}, the {end} of {len(known)} months; the {other} was {_at(metric, far)}"
    return f"{text}, between {_at(metric, low)} and {_at(metric, high)}"


def _at(metric: Metric, point: tuple[date, Any]) -> str:
    return f"{short(metric, point[1])} ({month_name(point[0])})"


def growth(view: View, metric: Metric, points: Mapping[date, Values]) -> str:
    """The growth of the latest complete month, on the month and on the year before."""
    month = view.latest_month
    if month is None:
        return f"No complete month {view.period.when}: growth is not available"
    parts = []
    for back in (1, 12):
        size = growth_of(view, metric, points, month, back)
        if size is not None:
            parts.append(f"{moved(metric, size)} on {month_name(add_months(month, -back))}")
    if not parts:
        return f"{metric.label} in {month_name(month)}: no complete month to compare with"
    return f"{metric.label} in {month_name(month)} was {' and '.join(parts)}"


def growth_of(
    view: View, metric: Metric, points: Mapping[date, Values], month: date, months_back: int
) -> float | None:
    """The change of a month on the one so many before; None where one of them is incomplete."""
    base = add_months(month, -months_back)
    if not (view.is_comparable(metric, month) and view.is_comparable(metric, base)):
        return None
    now, before = (points.get(one, {}).get(metric.name) for one in (month, base))
    return change(metric, now, before)


def ranking(
    metric: Metric, names: Sequence[str], rows: Sequence[Values], whole: Any, order: str
) -> str:
    """Who leads a ranking, by how much; of a rate, who can be distinguished from the others.

    Args:
        metric: What is ranked.
        names: Of the rows, for people.
        rows: In order, those with enough behind them.
        whole: The sum of the metric over all rows, where it adds up.
        order: ``highest`` or ``lowest`` on top.
    """
    label = metric.label.lower() if metric.label.upper() != metric.label else metric.label
    if not rows:
        return f"No group has enough behind it to be ranked by {label}"
    value = short(metric, rows[0][metric.name])
    if len(rows) == 1:
        if whole:
            return f"All {label} shown comes from {names[0]}"
        return f"{names[0]}: {value}, the only one with enough to show"
    if whole:
        first = names[:3] if len(names) > _FEW else names[:1]
        part = sum(float(row[metric.name]) for row in rows[: len(first)]) / float(whole)
        verb = "brings" if len(first) == 1 else "bring"
        text = f"{listed(first)} {verb} {fmt.percent(part)} of {label}"
    elif interval(metric, rows[0]) is None:
        text = f"{names[0]} stands {order} in {label}: {value}"
    else:
        alike = sum(not differ(metric, rows[0], row) for row in rows[1:])
        if alike == len(rows) - 1:
            text = f"{label}: no difference shown is larger than chance explains"
        else:
            others = {0: "", 1: "; one other cannot be distinguished from it"}.get(
                alike, f"; {alike} others cannot be distinguished from it"
            )
            text = f"{names[0]} has the {order} {label}: {value}{others}"
    return capitalised(text)


def name_of(row: Values, by: Sequence[str]) -> str:
    """What a row is called: its values for people, joined by an arrow; of an id the start."""
    is_id = by[0].endswith("_id")
    names = [
        str(row[column])[:_ABBREVIATED]
        if column.endswith("_id")
        else fmt.name(str(row[column]))
        for column in by
    ]
    return (" " if is_id else ARROW).join(names)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: ``SP, RJ and MG``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def capitalised(text: str) -> str:
    """A text that begins a sentence; the rest keeps its capitals."""
    return text[:1].upper() + text[1:]


def differ(metric: Metric, one: Values, other: Values) -> bool:
    """Whether two figures differ by more than chance explains (95 %); sums are exact.

    Newcombe's interval of the difference of two rates or means, from the interval of each.
    """
    high, low = sorted((one, other), key=lambda row: float(row[metric.name]), reverse=True)
    gap = float(high[metric.name]) - float(low[metric.name])
    if metric.volume is None:
        return gap > 0
    upper, lower = interval(metric, high), interval(metric, low)
    if upper is None or lower is None:
        return False
    reach = (float(high[metric.name]) - upper[0]) ** 2 + (
        lower[1] - float(low[metric.name])
    ) ** 2
    return bool(gap > reach**0.5)


def interval(metric: Metric, row: Values) -> tuple[float, float] | None:
    """The 95 % interval that chance leaves a share or mean of what is counted, else None.

    A rate has Wilson's. How far stars lie apart is not known here, so theirs is Wilson's of
    their place between 1 and 5, which has the widest spread they allow: never too narrow.
    """
    count = row.get(metric.volume) if metric.volume and metric.is_counted else None
    if not count or row[metric.name] is None:
        return None
    value = float(row[metric.name])
    if metric.unit == "share":
        return _wilson(value, count)
    if metric.unit == "stars":
        low, high = _wilson((value - 1) / 4, count)
        return 1 + 4 * low, 1 + 4 * high
    return None


def _wilson(rate: float, count: int) -> tuple[float, float]:
    z = _Z_95**2 / count
    middle = (rate + z / 2) / (1 + z)
    half = float((rate * (1 - rate) * z + z**2 / 4) ** 0.5 / (1 + z))
    return max(middle - half, 0.0), min(middle + half, 1.0)
