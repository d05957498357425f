"""The parts of the page /explore as marimo shows them: its choices, chart, table and files.

The address holds every choice; a control that is made again begins with what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import marimo as mo

from dashboards.lib import figures, filters
from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards, data_table
from dashboards.lib.definitions import Metric, UnknownNameError
from dashboards.lib.explore.charts import bucket_name, metric_charts
from dashboards.lib.explore.data import (
    COMPARISONS,
    MOST_METRICS,
    MOST_ORDERS,
    Choice,
    Orders,
    Outline,
    Row,
    View,
    read_choice,
    sort_keys,
)
from dashboards.lib.explore.files import parquet, workbook
from dashboards.lib.explore.words import WordsError
from dashboards.lib.query import Query
from dashboards.lib.semantics import GRAINS, TIMES
from dashboards.lib.tables import Column, Table
from dashboards.lib.tiles import Delta, Tile, heading, message, tile_grid

TITLE = "Explore"
QUESTION = "Any figure by any of its dimensions, compared, with the orders behind it."
_OTHER = "Other days"
_MOST_SHOWN = 5_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _address() -> dict[str, str]:
    return {name: str(value) for name, value in mo.query_params().to_dict().items()}


def _chosen(outline: Outline) -> Choice | None:
    """What the address holds; None where it cannot be understood."""
    try:
        return read_choice(outline, _address())
    except (WordsError, UnknownNameError):
        return None


def _query(outline: Outline) -> Query:
    found = _chosen(outline)
    return Query(()) if found is None else found.query


def wrong_link(outline: Outline) -> mo.Html | None:
    """What is wrong with the address, and what there is; nothing where it is right."""
    try:
        read_choice(outline, _address())
    except (WordsError, UnknownNameError) as error:
        text = f"{error} Choose metrics above, or correct the link."
        return mo.Html(message("This link asks for something that there is not", text, "warn"))
    return None


def nothing_chosen(problem: mo.Html | None) -> mo.Html:
    """The word in place of figures, while no metric is chosen."""
    text = f"Choose one to {MOST_METRICS} metrics; then what they can be grouped by is offered."
    return problem or mo.Html(message("No metric is chosen", text))


def metric_control(outline: Outline) -> mo.ui.multiselect:
    """The metrics, by their label."""
    options = {one.label: one.name for one in outline.semantics.metrics.values()}
    wanted = _query(outline).metrics
    return mo.ui.multiselect(
        options=dict(sorted(options.items())),
        value=[outline.semantics.metric(name).label for name in wanted],
        max_selections=MOST_METRICS,
        label=f"Metrics (up to {MOST_METRICS})",
        full_width=True,
    )


def time_control(outline: Outline) -> mo.ui.dropdown:
    """The length of time to group by."""
    names = [name for name in GRAINS if name in _query(outline).by]
    options: dict[str, str | None] = {"None": None}
    options |= {one.label: one.name for one in TIMES}
    return _one("Time", options, names[0] if names else None)


def dimension_control(
    outline: Outline, metrics: Sequence[str], label: str, place: int, other: str | None = None
) -> mo.ui.dropdown:
    """A dimension that all of the metrics have, the first or second; not the other one."""
    wanted = [name for name in _query(outline).by if name not in GRAINS]
    options = {
        words: name for words, name in _dimensions(outline, metrics).items() if name != other
    }
    value = wanted[place] if place < len(wanted) else None
    return _one(label, {"None": None, **options}, value)


def filter_control(outline: Outline, metrics: Sequence[str]) -> mo.ui.multiselect:
    """The dimensions to filter by."""
    options = _dimensions(outline, metrics)
    wanted = _query(outline).where
    return mo.ui.multiselect(
        options=options,
        value=[label for label, name in options.items() if name in wanted],
        label="Filter by",
        full_width=True,
    )


def value_controls(
    outline: Outline, metrics: Sequence[str], names: Sequence[str]
) -> mo.ui.dictionary:
    """The values of each filter; none chosen restricts nothing."""
    wanted = _query(outline).where
    labels = {name: label for label, name in _dimensions(outline, metrics).items()}
    controls = {}
    for name in names:
        values = outline.values(metrics, name)
        controls[name] = mo.ui.multiselect(
            options=values,
            value=[value for value in values if value in wanted.get(name, ())],
            label=f"{labels[name]} (empty: all)",
            full_width=True,
        )
    return mo.ui.dictionary(controls)


def period_control(outline: Outline) -> mo.ui.dropdown:
    """The periods to choose with one click, and the way to other days."""
    presets = outline.calendar.presets()
    period = _query(outline).period or outline.calendar.whole_months
    value = next((label for label, days in presets.items() if days == period), _OTHER)
    return _dropdown("Period", [*presets, _OTHER], value)


def days_control(outline: Outline, label: str) -> mo.ui.dictionary | None:
    """The first and the last day, typed; where other days are chosen."""
    if label != _OTHER:
        return None
    period = _query(outline).period or outline.calendar.default_period()
    days = {"first": period.start, "last": period.end}
    return mo.ui.dictionary(
        {
            end: mo.ui.text(value=f"{day}", label=f"{end.capitalize()} day", debounce=True)
            for end, day in days.items()
        }
    )


def compare_control(outline: Outline) -> mo.ui.dropdown:
    """What to compare with."""
    found = _chosen(outline)
    options = {label: name for name, label in COMPARISONS.items()}
    return _one("Compare with", options, found.compare if found else "")


def sort_control(outline: Outline, metrics: Sequence[str], compare: str) -> mo.ui.dropdown:
    """How the rows are sorted."""
    options: dict[str, str | None] = {"As grouped": ""}
    for key in sort_keys(Choice(Query(tuple(metrics)), compare)):
        label = outline.semantics.metric(key.removesuffix(".change")).label
        name = f"Change of {label}" if key.endswith(".change") else label
        options |= {f"{name}, largest first": f"-{key}", f"{name}, smallest first": key}
    found = _chosen(outline)
    return _one("Sort", options, found.sort if found else "")


def _dimensions(outline: Outline, metrics: Sequence[str]) -> dict[str, str]:
    found = outline.semantics.dimensions(tuple(metrics)) if metrics else ()
    return {one.label: one.name for one in found if not one.is_time}


def _one(label: str, options: Mapping[str, str | None], wanted: str | None) -> mo.ui.dropdown:
    value = next((words for words, name in options.items() if name == wanted), None)
    return _dropdown(label, options, value or next(iter(options)))


def _dropdown(label: str, options: Any, value: str) -> mo.ui.dropdown:
    """Exactly one of some options."""
    return mo.ui.dropdown(
        options=options, value=value, allow_select_none=False, label=label, full_width=True
    )


def shown(controls: mo.ui.dictionary) -> mo.Html:
    """Several controls of one cell, side by side."""
    parts = [filters.shown(one) for one in controls.elements.values()]
    return mo.hstack(parts, justify="start", wrap=True)


def choose(
    outline: Outline,
    metrics: Sequence[str],
    by: Sequence[str | None],
    where: Mapping[str, Sequence[str]],
    period: tuple[str, Mapping[str, str] | None],
    compare: str,
    sort: str,
) -> Choice:
    """What the controls say, kept in the address.

    Raises:
        FilterError: What was typed is no day, or lies outside the data.
    """
    label, typed = period
    if typed is None:
        days = outline.calendar.presets()[label]
    else:
        default = outline.calendar.default_period()
        days = filters.days_chosen(outline.calendar, default, dict(typed))
    query = Query(
        tuple(metrics),
        tuple(name for name in by if name),
        {name: tuple(values) for name, values in where.items() if values},
        days,
    )
    choice = Choice(query, compare, sort)
    address = mo.query_params()
    for name, value in choice.address().items():
        if value and address.get(name) != value:
            address[name] = value
        elif not value and name in address:
            del address[name]
    return choice


def answer(view: View) -> mo.Html:
    """The figures: tiles where there is one row, else a chart for each metric."""
    if not view.rows:
        text = f"Nothing matches {_scope_words(view)}. Take a filter away, or choose more days."
        return mo.Html(message("No rows", text))
    if not view.query.by:
        return mo.Html(tile_grid([_tile(view, one, view.rows[0]) for one in view.metrics]))
    charts = metric_charts(view)
    if not charts:
        text = "None of these days is complete, so no line is drawn; the table has the rows."
        return mo.Html(message("Nothing to draw", text))
    return mo.Html(chart_cards(charts))


def _tile(view: View, metric: Metric, row: Row) -> Tile:
    value = row.values[metric.name]
    deltas: tuple[Delta, ...] = ()
    if view.choice.compare:
        against = f"on {COMPARISONS[view.choice.compare].lower()}"
        deltas = (figures.delta(metric, value, row.before.get(metric.name), against),)
    note = "; ".join(row.notes) or None
    words = figures.figure(metric, value)
    return Tile(metric.name, metric.label, words, view.period.label, deltas, note)


def _scope_words(view: View) -> str:
    places = [f"{view.label(name)} {', '.join(v)}" for name, v in view.query.where.items()]
    return ", ".join([view.period.label, *places])


def _keys(view: View, row: Row) -> tuple[str, ...]:
    return tuple(
        bucket_name(name, value) if name in GRAINS else fmt.value_name(value)
        for name, value in zip(view.query.by, row.key, strict=True)
    )


def rows_of(view: View) -> Table:
    """The rows with the headings of the page; their notes where there are any."""
    common = view.common_notes
    notes = ["; ".join(note for note in row.notes if note not in common) for row in view.rows]
    has_notes = any(notes)
    columns = [Column(view.label(name)) for name in view.query.by]
    columns += [Column("Note")] * has_notes
    for one in view.metrics:
        columns.append(Column(one.label, partial(figures.figure, one)))
        if view.choice.compare:
            columns.append(Column(f"{one.label}, change", partial(figures.moved, one)))
    rows = []
    for row, note in zip(view.rows, notes, strict=True):
        cells: list[Any] = [*_keys(view, row), *[note] * has_notes]
        for one in view.metrics:
            cells.append(row.values[one.name])
            if view.choice.compare:
                cells.append(row.change(one))
        rows.append(tuple(cells))
    return Table("explore", "Rows", tuple(columns), tuple(rows))


def table_words(view: View) -> mo.Html:
    """The heading of the table: how many rows, and what a choice of one does."""
    number = len(view.rows)
    words = f"{fmt.count(number)} row{'' if number == 1 else 's'}, {_scope_words(view)}."
    if number > _MOST_SHOWN:
        words += f" The first {fmt.count(_MOST_SHOWN)} are shown; the files hold all."
    for note in view.common_notes:
        words += f" {note[:1].upper()}{note[1:]}."
    return mo.Html(heading("Rows", f"{words} Choose one to see the orders behind it."))


def table(view: View) -> mo.Html:
    """The rows, one of them to choose."""
    made = rows_of(view)
    shown = Table(made.key, made.title, made.columns, made.rows[:_MOST_SHOWN])
    return data_table(
        shown.records(),
        shown.words(),
        selection="single",
        pagination=len(shown.rows) > 1,
        page_size=15,
        text_justify_columns=dict.fromkeys(shown.words(), "right"),
        show_search=False,
    )


def row_chosen(view: View, value: Sequence[Mapping[str, Any]] | None) -> Row | None:
    """The row that is chosen in the table."""
    if not value:
        return None
    size = len(view.query.by)
    key = tuple(value[0].values())[:size]
    return next((row for row in view.rows if _keys(view, row) == key), None)


def orders(view: View, row: Row, found: Orders) -> mo.Html:
    """The orders behind a row, and how many there are."""
    names = ", ".join(_keys(view, row)) or view.period.label
    if not found.count:
        words = "No order has a part in it."
    elif found.count > len(found.rows):
        words = (
            f"{fmt.count(found.count)} orders; the first {fmt.count(MOST_ORDERS)} by day are "
            "listed."
        )
    else:
        words = f"{fmt.count(found.count)} order{'' if found.count == 1 else 's'}."
    title = mo.Html(f"<div data-orders>{heading(f'Orders behind {names}', words)}</div>")
    if not found.rows:
        return title
    columns = tuple(Column(name) for name in found.columns)
    cells = tuple(tuple(_cell(value) for value in one) for one in found.rows)
    made = Table("orders", "Orders", columns, cells)
    return mo.vstack(
        [
            title,
            data_table(made.records(), {}, selection=None, pagination=True, page_size=12),
            mo.hstack(
                [_download(made.csv(), "orders.csv", "text/csv", "Download CSV, orders")]
            ),
        ]
    )


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float) or value is None else str(value)


def files(view: View) -> mo.Html:
    """The SQL, and all rows to take away."""
    made = rows_of(view)
    names = [column.name for column in made.columns]
    sql = view.outline.semantics.sql(view.query.shape)
    bound = "".join(f"\n-- ${name} = {value}" for name, value in view.query.bound().items())
    downloads = [
        _download(made.csv(), "explore.csv", "text/csv", "Download CSV"),
        _download(lambda: workbook(names, made.rows), "explore.xlsx", _XLSX, "Download XLSX"),
        _download(
            lambda: parquet(names, made.rows),
            "explore.parquet",
            "application/vnd.apache.parquet",
            "Download Parquet",
        ),
    ]
    text = f'<pre class="dw-sql" data-sql tabindex="0">{escape(sql + bound)}</pre>'
    return mo.vstack(
        [
            mo.hstack(downloads, justify="start", wrap=True),
            mo.accordion({"SQL of the rows": mo.Html(text)}),
        ]
    )


def _download(data: Any, filename: str, kind: str, label: str) -> mo.download:
    return mo.download(data=data, filename=filename, mimetype=kind, label=label)
