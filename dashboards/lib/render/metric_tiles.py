"""Metrics as tiles: their values, of what, their changes and the reasons why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dashboards.lib import format as fmt
from dashboards.lib import words
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import delta, figure
from dashboards.lib.periods import Period, add_months, month_name
from dashboards.lib.spec import (
    SpecialTile,
    Tile,
)
from dashboards.lib.tiles import Delta
from dashboards.lib.tiles import Tile as ShownTile
from dashboards.lib.view import Values, View
from dashboards.lib.view import whole_month as _month


def tiles(view: View) -> tuple[ShownTile, ...]:
    """The tiles of the page, in order."""
    found = (
        one.build(view) if isinstance(one, SpecialTile) else tile(view, one)
        for one in view.page.tiles
        if isinstance(one, SpecialTile) or view.has_rows(one.mart)
    )
    return tuple(shown for shown in found if shown is not None)


def tile(view: View, spec: Tile) -> ShownTile:
    """A metric as a tile: its value, of what, its changes and their reasons."""
    view, metric = view.of(spec.mart), view.metric(spec.metric)
    if spec.of_latest_month:
        return _month_tile(view, spec, metric)
    of = words.note(view, spec.of or _of_volume(view, metric), spec.mart)
    when = view.period.label if view.has_time(spec.mart) else view.all_data
    return ShownTile(
        spec.key,
        spec.label or metric.label,
        figure(metric, view.total(spec.mart)[metric.name]),
        f"{of}, {when}" if of else when,
        deltas(view, metric, spec.mart) if view.has_time(spec.mart) else (),
        words.note(view, spec.note, spec.mart) or None,
    )


def _of_volume(view: View, metric: Metric) -> str:
    """Of how many a metric is made, as a template."""
    if metric.volume is None:
        return ""
    return f"of {{{metric.volume}}} {view.metric(metric.volume).label.lower()}"


def deltas(view: View, metric: Metric, mart: str | None = None) -> tuple[Delta, ...]:
    """The changes of a metric on the period before and the year before."""
    return deltas_of(view, metric, lambda period: view.total(mart, period))


def deltas_of(
    view: View, metric: Metric, values: Callable[[Period], Values], *, by_end: bool = False
) -> tuple[Delta, ...]:
    """The changes of a figure whose value over a period is given, under the metric's name.

    ``by_end`` names a period by its last day, for what is counted up to it.
    """
    found = []
    for comparison in view.comparisons:
        period = comparison.period
        against = f"vs {fmt.day(period.end) if by_end else period.label}"
        reason = view.why_not(metric, comparison)
        if reason is not None:
            found.append(Delta(against, reason=reason))
            continue
        now, before = values(view.period), values(period)
        shown = delta(metric, now[metric.name], before[metric.name], against)
        found.append(replace(shown, is_good=None) if _is_chance(metric, now, before) else shown)
    return tuple(found)


def _is_chance(metric: Metric, now: Values, before: Values) -> bool:
    """Whether chance may explain a change of a share or of stars: neither good nor bad."""
    if metric.unit not in ("share", "stars") or None in (now[metric.name], before[metric.name]):
        return False
    return not words.differ(metric, now, before)


def _month_tile(view: View, spec: Tile, metric: Metric) -> ShownTile:
    month, label = view.latest_month, spec.label or metric.label
    if month is None:
        return ShownTile(
            spec.key,
            f"{label}, latest month",
            fmt.NOT_AVAILABLE,
            f"no complete month {view.period.when}",
        )
    points, found = view.months(spec.mart), []
    for back, name in ((1, "MoM"), (12, "YoY")):
        base = add_months(month, -back)
        against = f"{name} vs {month_name(base)}"
        if view.is_comparable(metric, base):
            now, before = (points[one].get(metric.name) for one in (month, base))
            found.append(delta(metric, now, before, against))
        else:
            reason = view.calendar.why_incomplete(_month(base)) or "deliveries are under way"
            found.append(Delta(against, reason=reason))
    return ShownTile(
        spec.key,
        f"{label} in {month_name(month)}",
        figure(metric, points[month].get(metric.name)),
        "latest complete month of the period",
        tuple(found),
    )
