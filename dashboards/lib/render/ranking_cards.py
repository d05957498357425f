"""Cards that rank the values of a column, and cards of groups with their shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme, words
from dashboards.lib.cards import Chart
from dashboards.lib.cards import Panel as Shown
from dashboards.lib.charts import (
    Rank,
    ranked_columns,
    ranked_rows,
)
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import figure
from dashboards.lib.render.units import axis
from dashboards.lib.spec import (
    Group,
    Groups,
    Ranking,
)
from dashboards.lib.view import Values, View
from dashboards.lib.words import name_of


def ranking(view: View, spec: Ranking) -> Chart:
    """A ranking as a card."""
    metric = view.metric(spec.metric)
    rows = ranked(view, spec)
    the = "the " if spec.by[-1].endswith("region") else ""
    names = [f"{the}{name_of(row, spec.by)}" for row in rows]
    whole = sum(float(row[metric.name]) for row in rows) if metric.volume is None else None
    size = min(_most(spec), (len(rows) + 1) // 2) if spec.is_both_ends else _most(spec)
    ends: list[tuple[list[dict[str, Any]], str]] = [(rows[:size], spec.order)]
    if spec.is_both_ends and len(rows) > size:
        other = "lowest" if spec.order == "highest" else "highest"
        ends.append((rows[size:][-size:][::-1], other))
    panels = tuple(
        Shown(
            _bars(view, spec, metric, part, whole, end),
            f"{end.capitalize()} {metric.label.lower()}"
            if spec.is_both_ends
            else metric.label
            if spec.beside
            else None,
        )
        for part, end in ends
        if part
    )
    if rows:
        panels += tuple(_beside(view, spec, view.metric(name), rows) for name in spec.beside)
    if spec.is_both_ends and len(panels) > 1:  # one scale for both
        most = max(panel.figure.layout.xaxis.range[1] for panel in panels)
        for panel in panels:
            panel.figure.update_xaxes(range=[0, most])
    finding = words.said(view, spec.finding, spec.mart) if spec.finding else None
    return Chart(
        spec.key,
        finding or words.ranking(metric, names, rows, whole, spec.order),
        _about(view, spec, metric, rows),
        panels,
    )


def _beside(view: View, spec: Ranking, metric: Metric, rows: Sequence[Values]) -> Shown:
    shown = rows[: _most(spec)]
    whole = sum(float(row[metric.name]) for row in shown) if metric.volume is None else None
    return Shown(_bars(view, spec, metric, shown, whole, spec.order), metric.label)


def _most(spec: Ranking) -> int:
    return spec.most or (7 if spec.is_both_ends else 13)


def ranked(view: View, spec: Ranking) -> list[dict[str, Any]]:
    """The rows of a ranking that have enough behind them, or any, in its order."""
    metric = view.metric(spec.metric)
    enough = least(view, spec) if metric.volume is not None else 0
    rows = [
        row
        for row in view.ask((metric.name, *spec.beside), spec.by, mart=spec.mart, least=enough)
        if (row[metric.name] or (metric.volume is not None and row[metric.name] is not None))
        and all(row[column] is not None for column in spec.by)
    ]
    sign = -1 if spec.order == "highest" else 1
    far = max((sign * float(row[metric.name]) for row in rows), default=None)

    def place(row: Values) -> tuple[Any, ...]:
        """Of equals the one with more behind it is the more certain: it stands further out."""
        value, volume = sign * float(row[metric.name]), row[metric.volume or metric.name]
        return value, volume if value == far else -volume, *(str(row[by]) for by in spec.by)

    return sorted(rows, key=place)


def least(view: View, spec: Ranking) -> int:
    """The volume that it takes to be ranked."""
    if isinstance(spec.least, str):
        return int(view.option(spec.least))
    return view.metric(spec.metric).least_volume if spec.least is None else spec.least


def _about(view: View, spec: Ranking, metric: Metric, rows: Sequence[Values]) -> str:
    notes = [
        words.note(view, spec.subtitle, spec.mart)
        or f"{metric.label}, {view.period.label if view.has_time(spec.mart) else view.all_data}"
    ]
    if metric.volume is not None:
        volume = view.metric(metric.volume).label.lower()
        notes.append(f"with {fmt.count(least(view, spec))} {volume} or more ({len(rows)})")
        if rows and words.interval(metric, rows[0]) is not None:
            notes.append("whiskers: 95% interval")
    elif len(rows) > _most(spec):
        notes.append(f"{_most(spec)} of {len(rows)}")
    return "; ".join(notes)


def _bars(
    view: View, spec: Ranking, metric: Metric, rows: Sequence[Values], whole: Any, end: str
) -> Any:
    ranks = []
    for row in rows:
        name, value = name_of(row, spec.by), figure(metric, row[metric.name])
        label, hover = value, value
        if whole:
            label = fmt.percent(float(row[metric.name]) / whole)
            hover = f"{value}, {label} of all"
        elif metric.volume is not None:
            volume = view.metric(metric.volume)
            hover = f"{value} of {figure(volume, row[volume.name])} {volume.label.lower()}"
        span = words.interval(metric, row)
        if span is not None:
            hover += f", 95% interval {figure(metric, span[0])} to {figure(metric, span[1])}"
        ranks.append(
            Rank(name, row[metric.name], label, hover, _colour(spec, metric, name, end), span)
        )
    unit = axis(metric, from_zero=True)
    if spec.is_columns:
        return ranked_columns(ranks, unit)
    longest = max(len(rank.name) for rank in ranks)
    return ranked_rows(
        ranks, unit, row_height=32, name_margin=min(40 + 7 * longest, 210), label_room=0.35
    )


def _colour(spec: Ranking, metric: Metric, name: str, end: str) -> str:
    if spec.by[-1].endswith("region"):
        return theme.REGION_COLOURS.get(name, theme.BLUE)
    if not spec.is_both_ends or metric.better == "none":
        return theme.BLUE
    is_good = (end == "highest") == (metric.better == "more")
    return theme.GREEN if is_good else theme.VERMILION


def groups(view: View, spec: Groups) -> Chart:
    """Groups with their amounts and their shares of all as a card."""
    order: dict[str, list[str]] = {}
    found = []
    for one in spec.groups:
        rows = group_rows(view, one)
        first = order.setdefault(one.by, list(spec.order) or [name for name, _ in rows])
        rows = sorted((row for row in rows if row[0] in first), key=lambda r: first.index(r[0]))
        found.append((one, rows, sum(value for _, value in rows)))
    finding = words.said(view, spec.finding) if spec.finding else None
    return Chart(
        spec.key,
        finding or _largest(view, found),
        words.note(view, spec.subtitle),
        tuple(_group_bars(view, spec, *one) for one in found if one[1]),
    )


def group_rows(view: View, spec: Group) -> list[tuple[str, Any]]:
    """The groups of a panel with their amounts, the largest first; empty ones are left out."""
    if spec.by:
        name = spec.metrics[0]
        rows = view.ask((name,), (spec.by,), mart=spec.mart)
        found = [(row[spec.by], row[name]) for row in rows if row[spec.by] and row[name]]
        return sorted(found, key=lambda row: (-row[1], row[0]))
    total = view.ask(spec.metrics, mart=spec.mart)[0]
    labels = spec.labels or tuple(view.metric(name).label for name in spec.metrics)
    return [(label, total[name]) for label, name in zip(labels, spec.metrics, strict=True)]


def _largest(view: View, found: Sequence[tuple[Group, list[tuple[str, Any]], Any]]) -> str:
    panel, rows, _ = found[0]
    if not rows:
        return "Nothing to show for these filters"
    largest = max(rows, key=lambda row: row[1])[0]
    parts = [
        f"{fmt.percent(float(dict(rows)[largest]) / float(whole))} of "
        f"{view.metric(one.metrics[0]).label.lower()}"
        for one, rows, whole in found
        if one.by == panel.by and largest in dict(rows)
    ]
    return f"{fmt.name(largest)} is the largest: {words.listed(parts)}"


def _group_bars(
    view: View, spec: Groups, one: Group, rows: Sequence[tuple[str, Any]], whole: Any
) -> Shown:
    metric = view.metric(one.metrics[0])
    ranks = []
    for name, value in rows:
        label = (
            f"{words.short(metric, value)} ({fmt.percent(float(value) / float(whole or 1))})"
        )
        colour = spec.colours.get(name, one.colour or theme.BLUE)
        ranks.append(Rank(fmt.name(name), value, label, label, colour))
    margin = min(40 + 7 * max(len(rank.name) for rank in ranks), 160)
    unit = axis(metric, from_zero=True)
    return Shown(
        ranked_rows(ranks, unit, row_height=30, name_margin=margin, label_room=0.65),
        words.note(view, one.caption) or metric.label,
    )
