"""Growth by the values of a column: who has enough behind it to be compared, and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import Axis, Rank, ranked_columns, ranked_rows
from dashboards.lib.figures import change, figure, moved
from dashboards.lib.spec import Growth
from dashboards.lib.tiles import Key
from dashboards.lib.view import Values, View
from dashboards.lib.words import capitalised, name_of

_PERCENT = Axis(tick_format="~%")
_KEYS = (Key("Growing", theme.BLUE), Key("Shrinking", theme.VERMILION))


@dataclass(frozen=True)
class Grown:
    """A value of some columns in the chosen period and in the one growth is measured against.

    Attributes:
        name: For people.
        now: The metric and its volume in the chosen period, by their names.
        before: The same before, with the columns.
        growth: Of the metric, 0.1 for ten percent.
    """

    name: str
    now: Values
    before: Values
    growth: float


def grown(view: View, spec: Growth, by: Sequence[str] = ()) -> list[Grown]:
    """The values with enough behind them, the fastest growing first; none without a base."""
    base, by = view.growth_base, by or spec.by
    named = spec.by if by == spec.by else by[:1]
    if base.reason is not None:
        return []
    now, before = (
        {
            tuple(row[name] for name in by): row
            for row in view.ask((spec.metric, spec.volume), by, mart=spec.mart, period=period)
        }
        for period in (view.period, base.period)
    )
    nothing = {spec.metric: 0, spec.volume: 0}
    found = []
    for key, then in before.items():
        values = now.get(key, nothing)
        size = change(view.metric(spec.metric), values[spec.metric], then[spec.metric])
        volumes = [one[spec.volume] for one in ((then, values) if spec.is_of_both else (then,))]
        if size is not None and min(volumes) >= spec.least:
            found.append(Grown(name_of(then, named), values, then, size))
    return sorted(found, key=lambda one: (-one.growth, one.name))


def growth_card(view: View, spec: Growth) -> Chart:
    """The fastest and the slowest, with how much is behind each."""
    rows, base = grown(view, spec), view.growth_base
    metric, volume = view.metric(spec.metric), view.metric(spec.volume)
    enough = f"{fmt.count(spec.least)} {volume.label.lower()} or more"
    about = (
        f"Growth of {metric.label}, {view.period.label} against {base.period.label}; with "
        f"{enough} in {'both' if spec.is_of_both else base.period.label}"
    )
    if not rows:
        why = base.reason or f"none has {enough}"
        return Chart(spec.key, f"Growth is not available: {why}", about, ())
    ends = [rows] if len(rows) <= 2 * spec.most else [rows[: spec.most], rows[-spec.most :]]
    captions = ["Growth"] if len(ends) == 1 else ["Fastest growing", "Slowest, or shrinking"]
    panels = [
        Panel(
            ranked_rows(
                _bars(view, spec, part),
                _PERCENT,
                row_height=30,
                name_margin=min(40 + 7 * max(len(one.name) for one in rows), 210),
                label_room=0.6,
            ),
            caption,
        )
        for part, caption in zip(ends, captions, strict=True)
    ]
    of = f"({len(rows)})"
    if others := grown(view, spec, spec.then_by) if spec.then_by else []:
        of = f"({len(rows)} and {len(others)})"
        panels.append(
            Panel(ranked_columns(_bars(view, spec, others), _PERCENT, height=220), "Growth")
        )
    named = " and ".join(_in_words(view, spec, one) for one in (rows[0], *rows[1:][-1:]))
    return Chart(
        spec.key,
        f"{capitalised(named)} on {base.period.label}",
        f"{about} {of}",
        tuple(panels),
        () if "region" in (*spec.by, *spec.then_by) else _KEYS,
    )


def _in_words(view: View, spec: Growth, one: Grown) -> str:
    volume = view.metric(spec.volume)
    then, now = (figure(volume, values[spec.volume]) for values in (one.before, one.now))
    the = "the " if spec.by[-1].endswith("region") else ""
    size = moved(view.metric(spec.metric), one.growth)
    return f"{the}{one.name} is {size} ({then} to {now} {volume.label.lower()})"


def _bars(view: View, spec: Growth, rows: Sequence[Grown]) -> list[Rank]:
    metric = view.metric(spec.metric)
    return [
        Rank(
            one.name,
            one.growth,
            signed(one.growth),
            f"{signed(one.growth)}, {figure(metric, one.now[spec.metric])} against "
            f"{figure(metric, one.before[spec.metric])}",
            _colour(one),
        )
        for one in rows
    ]


def _colour(one: Grown) -> str:
    if "region" in one.before:
        return theme.region_colour(str(one.before["region"]))
    return theme.BLUE if one.growth > 0 else theme.VERMILION


def signed(size: Any, decimals: int = 1) -> str:
    """A growth with its sign: ``+12.3%``."""
    if size is None:
        return fmt.NOT_AVAILABLE
    return f"{'+' if size > 0 else ''}{fmt.percent(size, decimals)}"
