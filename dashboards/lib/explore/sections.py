"""The parts of the page /explore as marimo shows them: its choices, chart, table and files.

The address holds every choice; a control that is made again begins with what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import marimo as mo

from dashboards.lib import address, controls, figures, files, result_parts
from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards
from dashboards.lib.definitions import Metric, UnknownNameError
from dashboards.lib.explore.charts import metric_charts
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
from dashboards.lib.explore.words import WordsError
from dashboards.lib.periods import Period
from dashboards.lib.query import Query
from dashboards.lib.semantics import GRAINS, TIMES
from dashboards.lib.tiles import Delta, Tile, heading, message, tile_grid

TITLE = "Explore"
QUESTION = "Any figure by any of its dimensions, compared, with the orders behind it."
_OTHER = "Other days"
_MOST_SHOWN = 5_000
_WRONG = (WordsError, UnknownNameError)


def _chosen(outline: Outline) -> Choice:
    """What the address holds; nothing where it cannot be understood."""
    try:
        return read_choice(outline, address.read())
    except _WRONG:
        return Choice(Query(()))


def wrong_link(outline: Outline) -> mo.Html | None:
    """What is wrong with the address, and what there is; nothing where it is right."""
    try:
        read_choice(outline, address.read())
    except _WRONG as error:
        text = f"{error} Choose metrics above, or correct the link."
        return mo.Html(message("This link asks for something that there is not", text, "warn"))
    return None


def nothing_chosen(problem: mo.Html | None) -> mo.Html:
    """The word in place of figures, while no metric is chosen."""
    text = f"Choose one to {MOST_METRICS} metrics; then what they can be grouped by is offered."
    return problem or mo.Html(message("No metric is chosen", text))


def first_controls(outline: Outline) -> mo.ui.dictionary:
    """What does not depend on the metrics: they, the time, the period, what to compare with."""
    chosen, presets = _chosen(outline), outline.calendar.presets()
    period = chosen.query.period or outline.calendar.whole_months
    metrics = {one.label: one.name for one in outline.semantics.metrics.values()}
    return mo.ui.dictionary(
        {
            "metrics": _several(
                f"Metrics (up to {MOST_METRICS})",
                dict(sorted(metrics.items())),
                chosen.query.metrics,
                max_selections=MOST_METRICS,
            ),
            "time": _one(
                "Time",
                {"None": "", **{one.label: one.name for one in TIMES}},
                next((name for name in chosen.query.by if name in GRAINS), ""),
            ),
            "period": _one(
                "Period",
                {label: label for label in (*presets, _OTHER)},
                next((label for label, days in presets.items() if days == period), _OTHER),
            ),
            "compare": _one(
                "Compare with",
                {label: name for name, label in COMPARISONS.items()},
                chosen.compare,
            ),
        }
    )


def second_controls(outline: Outline, first: Mapping[str, Any]) -> mo.ui.dictionary:
    """What the metrics decide: the first dimension, the filters, the order of the rows."""
    chosen, options = _chosen(outline), _dimensions(outline, first)
    sorts = {"As grouped": ""}
    for key in sort_keys(Choice(Query(tuple(first["metrics"])), first["compare"])):
        label = outline.semantics.metric(key.removesuffix(".change")).label
        name = f"Change of {label}" if key.endswith(".change") else label
        sorts |= {f"{name}, largest first": f"-{key}", f"{name}, smallest first": key}
    return mo.ui.dictionary(
        {
            "by": _one("By", {"None": "", **options}, _wanted_dimension(chosen, 0)),
            "sort": _one("Sort", sorts, chosen.sort),
            "filters": _several("Filter by", options, tuple(chosen.query.where)),
        }
    )


def third_controls(
    outline: Outline, first: Mapping[str, Any], second: Mapping[str, Any]
) -> mo.ui.dictionary:
    """The second dimension, typed days, the values of each filter: none restricts nothing."""
    chosen, options = _chosen(outline), _dimensions(outline, first)
    others = {label: name for label, name in options.items() if name != second["by"]}
    made: dict[str, Any] = {
        "and_by": _one("And by", {"None": "", **others}, _wanted_dimension(chosen, 1))
    }
    if first["period"] == _OTHER:
        period = chosen.query.period or outline.calendar.default_period()
        for end, day in (("first", period.start), ("last", period.end)):
            label = f"{end.capitalize()} day"
            made[end] = mo.ui.text(value=f"{day}", label=label, debounce=True)
    labels = {name: label for label, name in options.items()}
    for name in second["filters"]:
        made[f"where_{name}"] = _several(
            f"{labels[name]} (empty: all)",
            outline.value_options(first["metrics"], name),
            chosen.query.where.get(name, ()),
        )
    return mo.ui.dictionary(made)


def _wanted_dimension(chosen: Choice, place: int) -> str:
    names = [name for name in chosen.query.by if name not in GRAINS]
    return names[place] if place < len(names) else ""


def _dimensions(outline: Outline, first: Mapping[str, Any]) -> dict[str, str]:
    """What all of the chosen metrics have, by its label."""
    metrics = tuple(first["metrics"])
    found = outline.semantics.dimensions(metrics) if metrics else ()
    return {one.label: one.name for one in found if not one.is_time}


def _one(label: str, options: Mapping[str, str], wanted: str) -> mo.ui.dropdown:
    """Exactly one of some options, the first where the wanted one is none of them."""
    value = next((words for words, name in options.items() if name == wanted), None)
    return mo.ui.dropdown(
        options=dict(options),
        value=value or next(iter(options)),
        allow_select_none=False,
        label=label,
        full_width=True,
    )


def _several(
    label: str,
    options: Mapping[str, str],
    wanted: Sequence[str],
    max_selections: int | None = None,
) -> mo.ui.multiselect:
    value = [words for words, name in options.items() if name in wanted]
    return mo.ui.multiselect(
        options=dict(options),
        value=value,
        label=label,
        full_width=True,
        max_selections=max_selections,
    )


def choose(
    outline: Outline,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    third: Mapping[str, Any],
) -> Choice:
    """What the controls say, kept in the address.

    Raises:
        FilterError: What was typed is no day, or lies outside the data.
    """
    calendar, before = outline.calendar, _chosen(outline)
    days: Period | None
    if first["period"] == _OTHER:
        typed = {end: third[end] for end in ("first", "last")}
        days = controls.days_chosen(calendar, calendar.default_period(), typed)
    else:
        days = calendar.presets()[first["period"]]
    if before.query.metrics and before.query.period is None and days == calendar.whole_months:
        days = None
    by = (first["time"], second["by"], third["and_by"])
    where = {name: tuple(third[f"where_{name}"]) for name in second["filters"]}
    query = Query(
        _in_order(first["metrics"], before.query.metrics),
        tuple(name for name in by if name),
        {name: values for name, values in where.items() if values},
        days,
    )
    choice = Choice(query, first["compare"], second["sort"])
    if choice != before:
        address.keep(**choice.address())
    return choice


def _in_order(names: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """As they stood in the address, what is new behind them."""
    kept = [name for name in before if name in names]
    return (*kept, *(name for name in names if name not in kept))


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
    places = [
        f"{view.label(name)} {', '.join(map(view.dimension(name).writer(()), values))}"
        for name, values in view.query.where.items()
    ]
    return ", ".join([view.period.label, *places])


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
    shown = replace(view.sheet, rows=view.sheet.rows[:_MOST_SHOWN])
    notes = [heading for heading in shown.headings if heading == "Note"]
    return result_parts.table(shown, 15, selection="single", wrapped_columns=notes)


def row_chosen(view: View, value: Sequence[Mapping[str, Any]] | None) -> Row | None:
    """The row that is chosen in the table."""
    if not value:
        return None
    key = [fmt.value_name(one) for one in list(value[0].values())[: len(view.query.by)]]
    return next((row for row in view.rows if [*map(fmt.value_name, row.key)] == key), None)


def orders(view: View, row: Row, found: Orders) -> mo.Html:
    """The orders behind a row, and how many there are."""
    keys = zip(view.query.by, row.key, strict=True)
    names = ", ".join(view.dimension(name).writer(())(value) for name, value in keys)
    if not found.count:
        words = "No order has a part in it."
    elif found.count > len(found.rows):
        words = (
            f"{fmt.count(found.count)} orders; the first {fmt.count(MOST_ORDERS)} by day are "
            "listed."
        )
    else:
        words = f"{fmt.count(found.count)} order{'' if found.count == 1 else 's'}."
    title = heading(f"Orders behind {names or view.period.label}", words)
    parts = [mo.Html(f"<div data-orders>{title}</div>")]
    if found.rows:
        parts.append(result_parts.table(found, page_size=12))
        parts.append(files.downloads("orders", lambda: found, "orders", is_for_people=True))
    return mo.vstack(parts)


def take_away(view: View) -> mo.Html:
    """The SQL, and all rows as files."""
    sql = view.outline.semantics.sql(view.query.shape)
    bound = "".join(f"\n-- ${name} = {value}" for name, value in view.query.bound().items())
    text = f'<pre class="dw-sql" data-sql tabindex="0">{escape(sql + bound)}</pre>'
    return mo.vstack(
        [
            files.downloads("explore", lambda: view.sheet, is_for_people=True),
            mo.accordion({"SQL of the rows": mo.Html(text)}),
        ]
    )
