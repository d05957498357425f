"""Tables of metrics, of months, and of the rows of a mart as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import words
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import change
from dashboards.lib.queries.questions import defaults
from dashboards.lib.render.page_cards import has_rows
from dashboards.lib.render.units import cell, label_of, metric_column, value_name
from dashboards.lib.spec import (
    Listing,
    Rows,
    SpecialRows,
)
from dashboards.lib.tables import (
    Cell,
    Column,
    Table,
    one_decimal,
    percent_number,
    rounded,
)
from dashboards.lib.view import Values, View
from dashboards.lib.view import whole_month as _month


def tables(view: View) -> tuple[Table, ...]:
    """The tables of the page, in order."""
    makers: dict[type, Callable[[View, Any], Table | None]] = {
        Rows: _rows,
        Listing: lambda view, spec: _listing(view.shown, spec),
        SpecialRows: lambda view, spec: spec.build(view),
    }
    found = (makers[type(one)](view, one) for one in view.page.tables if has_rows(view, one))
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


def _cells(metric: Metric) -> Callable[[Values], Cell]:
    return lambda row: cell(metric, row[metric.name])


def _share_of(metric: Metric, rows: Sequence[Values]) -> Callable[[Values], Cell]:
    whole = sum(float(row[metric.name] or 0) for row in rows)
    return lambda row: percent_number(float(row[metric.name]) / whole if whole else None)


def _named(name: str) -> Callable[[Values], Cell]:
    return lambda row: value_name(name, row[name])
