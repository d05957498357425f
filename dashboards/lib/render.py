"""From a specification and a view to tiles, cards and tables, in the one look of all pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme, words
from dashboards.lib.cards import Chart
from dashboards.lib.cards import Panel as Shown
from dashboards.lib.charts import (
    Axis,
    Rank,
    Series,
    Timeline,
    monthly_bars,
    monthly_lines,
    ranked_columns,
    ranked_rows,
)
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import change, delta, figure
from dashboards.lib.growth import growth_card
from dashboards.lib.periods import Period, add_months, month_name
from dashboards.lib.plots import Part, stacked_rows
from dashboards.lib.queries.questions import defaults
from dashboards.lib.spec import (
    Group,
    Groups,
    Growth,
    Line,
    Listing,
    Months,
    Panel,
    Ranking,
    Rows,
    Special,
    SpecialRows,
    SpecialTile,
    Tile,
)
from dashboards.lib.tables import (
    Cell,
    Column,
    Table,
    one_decimal,
    percent_number,
    rounded,
)
from dashboards.lib.tiles import Delta, Key
from dashboards.lib.tiles import Tile as ShownTile
from dashboards.lib.view import Values, View
from dashboards.lib.view import whole_month as _month
from dashboards.lib.words import name_of as name_of  # noqa: PLC0414 - for the parts of pages

CHOSEN = Key("Chosen period", theme.BLUE)
OUTSIDE = Key("Outside the chosen period", theme.PALE_BLUE)
INCOMPLETE_BAR = Key("Incomplete month", theme.INCOMPLETE, "hatch")
INCOMPLETE_BAND = Key("Incomplete month, not shown", theme.INCOMPLETE_BAND, "band")
CHOSEN_BAND = Key("Chosen period", theme.SELECTED_BAND, "band")
_COLOURS = (
    (theme.BLUE, theme.PALE_BLUE),
    (theme.ORANGE, theme.PALE_ORANGE),
    (theme.GREEN, theme.PALE_GREEN),
)
_AXES = {
    "brl": Axis(prefix="R$ ", tick_format="~s"),
    "share": Axis(tick_format="~%"),
    "count": Axis(tick_format="~s"),
    "days": Axis(suffix=" d", tick_format="~f"),
    "hours": Axis(suffix=" h", tick_format="~f"),
    "stars": Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
    "points": Axis(suffix=" pts", tick_format="~f"),
    "number": Axis(tick_format="~f"),
    "km": Axis(suffix=" km", tick_format="~s"),
}
_SIGNED_PERCENT = Axis(tick_format="+~%")
_GROWTH = {"month_growth": (1, "the month before"), "year_growth": (12, "a year before")}
_UNITS = {
    "brl": "R$", "share": "%", "days": "days", "hours": "hours", "stars": "1\N{EN DASH}5",
    "points": "points", "km": "km", "count": "", "number": "",
}  # fmt: skip
_NARROW_PART = 0.08  # of a whole: too narrow for a label of its own


# Tiles


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
    return not words.told_apart(metric, now, before)


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


# Charts


def charts(view: View) -> tuple[Chart, ...]:
    """The cards of the page, in order."""
    makers: dict[type, Callable[[View, Any], Chart | None]] = {
        Months: _months,
        Ranking: lambda view, spec: ranking(view.shown, spec),
        Groups: lambda view, spec: groups(view.shown, spec),
        Growth: growth_card,
        Special: lambda view, spec: spec.build(view),
    }
    found = (makers[type(one)](view, one) for one in view.page.charts if _has_rows(view, one))
    return tuple(chart for chart in found if chart is not None)


def _has_rows(view: View, spec: object) -> bool:
    """Whether there is something to show; what is special decides for itself."""
    if isinstance(spec, Special | SpecialRows):
        return True
    panels = spec.panels if isinstance(spec, Months) else (spec,)
    return any(view.has_rows(getattr(one, "mart", None)) for one in panels)


def _months(view: View, spec: Months) -> Chart:
    first = spec.panels[0]
    finding = words.said(view, spec.finding, first.mart) if spec.finding else None
    if finding is None:
        speak = words.growth if first.kind in _GROWTH else words.months
        finding = speak(view, view.metric(first.lines[0].metric), view.months(first.mart))
    is_lines = all(panel.kind == "lines" for panel in spec.panels)
    keys = [
        Key(
            _label(view, line),
            line.colour or _COLOURS[n][0],
            "line" if panel.kind == "lines" else "box",
        )
        for panel in spec.panels
        if len(panel.lines) > 1
        for n, line in enumerate(panel.lines)
    ]
    # Of several colours each is strong in the chosen period.
    keys += [CHOSEN_BAND] if is_lines else [OUTSIDE] if keys else [CHOSEN, OUTSIDE]
    metrics = [view.metric(line.metric) for panel in spec.panels for line in panel.lines]
    return Chart(
        spec.key,
        finding,
        words.note(view, spec.subtitle, first.mart),
        tuple(_panel(view, panel, alone=len(spec.panels) == 1) for panel in spec.panels),
        with_incomplete(view, tuple(dict.fromkeys(keys)), metrics, is_lines=is_lines),
    )


def with_incomplete(
    view: View, keys: Sequence[Key], metrics: Iterable[Metric] = (), *, is_lines: bool = True
) -> tuple[Key, ...]:
    """A legend, with the key of incomplete months only where the chart has one."""
    late = any(metric.is_mature_late for metric in metrics)
    calendar = view.calendar.of_delivery if late else view.calendar
    if len(calendar.complete_months) == len(calendar.months):
        return tuple(keys)
    return (*keys, INCOMPLETE_BAND if is_lines else INCOMPLETE_BAR)


def timeline(view: View, metric: Metric) -> Timeline:
    """The months of a chart of a metric: which are complete for it, which are chosen."""
    months = tuple(month.start for month in view.calendar.months)
    return Timeline(
        months,
        tuple(view.is_comparable(metric, month) for month in months),
        tuple(month in view.period.months for month in months),
    )


def _panel(view: View, panel: Panel, *, alone: bool) -> Shown:
    metrics = [view.metric(line.metric) for line in panel.lines]
    if panel.kind == "parts":
        return Shown(_parts(view, panel, metrics), panel.caption)
    points, months = view.months(panel.mart), timeline(view, metrics[0])
    if panel.kind in _GROWTH:
        back, name = _GROWTH[panel.kind]
        values = tuple(
            words.growth_of(view, metrics[0], points, month, back) for month in points
        )
        drawn = monthly_bars(
            months,
            [Series(metrics[0].label, values, _signed_percent)],
            _SIGNED_PERCENT,
            height=panel.height,
        )
        return Shown(drawn, panel.caption or f"{metrics[0].label}, change on {name}, %")
    series = [
        Series(
            _label(view, line),
            _drawn(metric, panel, points, months),
            writer(metric),
            line.colour or _COLOURS[n][0],
            dict(_COLOURS).get(line.colour or _COLOURS[n][0], _COLOURS[n][1]),
            line.dash,
        )
        for n, (line, metric) in enumerate(zip(panel.lines, metrics, strict=True))
    ]
    draw = monthly_bars if panel.kind == "bars" else monthly_lines
    shown = draw(
        months, series, axis(metrics[0], from_zero=panel.kind == "bars"), height=panel.height
    )
    caption = panel.caption
    if caption is None and not alone:
        caption = " and ".join(_label(view, line) for line in panel.lines)
    return Shown(shown, caption)


def _parts(view: View, panel: Panel, metrics: Sequence[Metric]) -> Any:
    total = view.ask([metric.name for metric in metrics], mart=panel.mart)[0]
    parts = []
    for n, (line, metric) in enumerate(zip(panel.lines, metrics, strict=True)):
        value, told = total[metric.name], figure(metric, total[metric.name])
        label = fmt.percent(value, 0) if (value or 0) >= _NARROW_PART else ""
        colour = line.colour or _COLOURS[n][0]
        parts.append(Part(_label(view, line), (value,), (label,), (told,), colour))
    return stacked_rows(("",), parts, axis(metrics[0], from_zero=True))


def _drawn(metric: Metric, panel: Panel, points: Any, months: Timeline) -> tuple[Any, ...]:
    """Without rates of the three orders of a trickling month, which would dwarf all others."""
    return tuple(
        values.get(metric.name)
        if is_complete or (metric.volume is None and panel.kind == "bars")
        else None
        for values, is_complete in zip(points.values(), months.complete, strict=True)
    )


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
    values = {
        name_of(row, spec.by): row for row in view.ask((metric.name,), spec.by, mart=spec.mart)
    }
    shown = [values[name_of(row, spec.by)] for row in rows[: _most(spec)]]
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
        for row in view.ask((metric.name,), spec.by, mart=spec.mart, least=enough)
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


def value_name(column: str, value: Any) -> str:
    """A value of a column for people; an id is left as it is."""
    kind = defaults().get(column, ("name", ""))[0]
    if kind == "month":
        return f"{value:%Y-%m}"
    if kind == "city":
        return fmt.city(value)
    if kind == "flag":
        return "yes" if value else "no"
    return str(value) if kind == "id" else fmt.name(str(value))


# Tables


def tables(view: View) -> tuple[Table, ...]:
    """The tables of the page, in order."""
    makers: dict[type, Callable[[View, Any], Table | None]] = {
        Rows: _rows,
        Listing: lambda view, spec: _listing(view.shown, spec),
        SpecialRows: lambda view, spec: spec.build(view),
    }
    found = (makers[type(one)](view, one) for one in view.page.tables if _has_rows(view, one))
    return tuple(one for one in found if one is not None)


def _rows(view: View, spec: Rows) -> Table | None:
    found = table(view.shown, spec)
    return found if found.rows or spec.least is None else None


def table(view: View, spec: Rows) -> Table:
    """Metrics by the values of some columns, or by the months of the period."""
    if spec.by in (("order_month",), ("cohort_month",)):
        return _month_table(view, spec)
    metrics = [view.metric(name) for name in spec.metrics]
    rows = view.ask(spec.metrics, spec.by, mart=spec.mart)
    if spec.least is not None:
        of, least = spec.least
        least = int(view.option(least)) if isinstance(least, str) else least
        rows = [row for row in rows if row[of] >= least]
    columns = [Column(label_of(name)) for name in spec.by]
    makers: list[Callable[[Values], Cell]] = [_named(name) for name in spec.by]
    for name in (spec.share,) if isinstance(spec.share, str) else spec.share:
        shared = view.metric(name)
        columns.append(Column(f"Share of {shared.label} (%)", one_decimal))
        makers.append(_share_of(shared, rows))
    if spec.change is not None:
        columns.append(_change_column(view.metric(spec.change)))
        makers.append(_changes(view, spec, view.metric(spec.change)))
    columns += [metric_column(metric) for metric in metrics]
    makers += [_cells(metric) for metric in metrics]
    order = metrics[0].name
    if spec.by[0] != "order_month":
        rows = sorted(rows, key=lambda row: (row[order] is None, -float(row[order] or 0)))
    return Table(
        spec.key,
        spec.title,
        tuple(columns),
        tuple(tuple(make(row) for make in makers) for row in rows),
        None if view.has_time(spec.mart) else view.calendar.whole,
    )


def _change_column(metric: Metric) -> Column:
    unit = {"relative": "%", "points": "points", "absolute": metric.unit}[metric.change]
    return Column(f"{metric.label} change ({unit})", one_decimal)


def _changes(view: View, spec: Rows, metric: Metric) -> Callable[[Values], Cell]:
    base = view.previous
    before = (
        {}
        if view.why_not(metric, base)
        else {
            tuple(row[name] for name in spec.by): row
            for row in view.ask((metric.name,), spec.by, mart=spec.mart, period=base.period)
        }
    )

    def cell(row: Values) -> Cell:
        then = before.get(tuple(row[name] for name in spec.by))
        size = change(metric, row[metric.name], then[metric.name]) if then else None
        return rounded(size) if metric.change == "absolute" else percent_number(size)

    return cell


def _month_table(view: View, spec: Rows) -> Table:
    metrics = [view.metric(name) for name in spec.metrics]
    # Days may be chosen: a month is shown by its chosen days, and compared whole.
    found = {row[spec.by[0]]: row for row in view.ask(spec.metrics, spec.by, mart=spec.mart)}
    columns = [Column("Month"), Column("Coverage")]
    changed = view.metric(spec.change) if spec.change else None
    whole: Any = {}
    if changed is not None:
        whole = view.by_month((changed.name,), mart=spec.mart)
        columns += [
            Column(f"{changed.label} {name} (%)", one_decimal) for name in ("MoM", "YoY")
        ]
    rows = []
    for month in view.period.months:
        if month not in {one.start for one in view.calendar.months}:
            continue
        row: list[Cell] = [f"{month:%Y-%m}", _coverage(view, month)]
        if changed is not None:
            row += [
                percent_number(words.growth_of(view, changed, whole, month, back))
                if view.period.covers_month(month)
                else None
                for back in (1, 12)
            ]
        values = found.get(month, {})
        row += [cell(metric, values.get(metric.name)) for metric in metrics]
        rows.append(tuple(row))
    return Table(
        spec.key,
        spec.title,
        (*columns, *(metric_column(metric) for metric in metrics)),
        tuple(rows),
    )


def _coverage(view: View, month: date) -> str:
    if not view.calendar.is_complete(month):
        return view.calendar.why_incomplete(_month(month)) or "incomplete"
    if not view.period.covers_month(month):
        part = view.period.clip_to_month(month)
        return f"days {part.start.day}\N{EN DASH}{part.end.day} only"
    is_mature = view.calendar.of_delivery.is_complete(month)
    return "complete" if is_mature else "deliveries under way"


def _listing(view: View, spec: Listing, *, is_whole: bool = False) -> Table:
    limit = "" if is_whole else f"limit {spec.most}"
    rows = view.select(
        spec.mart,
        ", ".join(spec.columns),
        f"order by {spec.order} {limit}",
        period=view.period,
        also=spec.where,
    )
    names = [one.rpartition(" as ")[2] for one in spec.columns]
    found = listed(spec.key, spec.title, names, rows)
    if len(rows) == spec.most and not is_whole:
        found = replace(found, everything=lambda: _listing(view, spec, is_whole=True))
    return found if view.has_time(spec.mart) else replace(found, period=view.all_days)


def listed(key: str, title: str, names: Sequence[str], rows: Sequence[Values]) -> Table:
    """Rows as a table; labels and units of its columns are those of ``columns.yml``."""
    kinds = [defaults().get(name, ("text", label_of(name)))[0] for name in names]
    columns = tuple(_listed_column(name, kind) for name, kind in zip(names, kinds, strict=True))
    # Column by column: to look up the kind of each cell would be most of the work.
    cells = [
        list(map(_CELLS.get(kind, _plain_cell), (row[name] for row in rows)))
        for name, kind in zip(names, kinds, strict=True)
    ]
    return Table(key, title, columns, tuple(zip(*cells, strict=True)))


_LISTED: dict[str, tuple[str, int]] = {
    "money": ("R$", 2), "share": ("%", 1), "stars": ("1\N{EN DASH}5", 2), "days": ("days", 1),
    "hours": ("hours", 1), "months": ("months", 1), "km": ("km", 0), "points": ("points", 1),
    "count": ("", 0), "rank": ("", 0), "number": ("", 2), "p": ("", 3),
}  # fmt: skip


def _listed_column(name: str, kind: str) -> Column:
    if kind not in _LISTED:
        return Column(label_of(name))
    unit, decimals = _LISTED[kind]
    label = label_of(name)
    return Column(
        f"{label} ({unit})" if unit else label, lambda value: fmt.number(value, decimals)
    )


def _plain_cell(value: Any) -> Cell:
    return round(value, 2) if isinstance(value, float) else value


def _written(write: Callable[[Any], Cell]) -> Callable[[Any], Cell]:
    return lambda value: None if value is None else write(value)


_CELLS: dict[str, Callable[[Any], Cell]] = {
    "share": percent_number,
    "name": _written(cache(fmt.name)),
    "city": _written(cache(fmt.city)),
    "flag": _written(lambda value: "yes" if value else "no"),
    "day": _written(lambda value: f"{value:%Y-%m-%d}"),
    "month": _written(lambda value: f"{value:%Y-%m}"),
}


def label_of(column: str) -> str:
    """What a column of a mart is called."""
    return defaults().get(column, ("", column.replace("_", " ").capitalize()))[1]


def metric_column(metric: Metric) -> Column:
    """The column of a metric: its label with its unit, and how its values are written."""
    unit, decimals = _UNITS[metric.unit], 2 if metric.unit == "brl" else metric.decimals
    return Column(
        f"{metric.label} ({unit})" if unit else metric.label,
        lambda value: fmt.number(value, decimals),
    )


def cell(metric: Metric, value: Any) -> Cell:
    """A value of a metric for a table: shares in percent, ratios to two decimals."""
    if value is None:
        return None
    if metric.unit == "share":
        return percent_number(value)
    return round(value, 2) if isinstance(value, float) else value


def _cells(metric: Metric) -> Callable[[Values], Cell]:
    return lambda row: cell(metric, row[metric.name])


def _share_of(metric: Metric, rows: Sequence[Values]) -> Callable[[Values], Cell]:
    whole = sum(float(row[metric.name] or 0) for row in rows)
    return lambda row: percent_number(float(row[metric.name]) / whole if whole else None)


def _named(name: str) -> Callable[[Values], Cell]:
    return lambda row: value_name(name, row[name])


# Units


def axis(metric: Metric, *, from_zero: bool) -> Axis:
    """The unit of a metric on the axis of a chart."""
    known = _AXES[metric.unit]
    return Axis(known.prefix, known.suffix, known.tick_format, from_zero)


def writer(metric: Metric) -> Callable[[Any], str]:
    """How the values of a metric are written."""
    return lambda value: figure(metric, value)


def _label(view: View, line: Line) -> str:
    return line.label or view.metric(line.metric).label


def _signed_percent(value: Any) -> str:
    if value is None:
        return fmt.NOT_AVAILABLE
    return f"{'+' if value > 0 else ''}{fmt.percent(value)}"
