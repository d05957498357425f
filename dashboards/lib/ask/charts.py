"""The chart of a question: drawn from its result as its metadata says.

None knows a question: what is a month, an amount or a share follows from the metadata of the
columns.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dashboards.lib.cards import Chart, Panel
from dashboards.lib.queries.questions import ChartSpec, Question, Result
from dashboards.lib.result_charts import (
    axis_of,
    bars,
    dots,
    fields,
    legend,
    lines,
    series_of,
    short,
)

MOST_BARS = 30
# Columns that part a result into lists of their own kind: each gets a panel.
_GROUPS = frozenset({"dimension", "factor", "attribute", "segmentation", "period_type"})
_SHORT_ID = 6
_SHORT_KIND = 21


def draw(question: Question, result: Result, note: str) -> Chart | None:
    """The chart of a question over a note, or None where its result is a table only."""
    spec = question.chart
    if spec.kind == "table" or spec.x is None or not result.rows:
        return None
    series, x = series_of(result, spec.y), result.meaning(spec.x)
    words, keys = _subtitle(spec, result), legend(series, "box")
    panels: tuple[Panel, ...]
    if spec.kind == "heatmap":
        panels, keys = (Panel(fields(result, spec.y[0], spec.x, str(spec.value))),), ()
    elif spec.kind == "scatter":
        named = next(name for name in result.columns if isinstance(_first(result, name), str))
        plot = dots(result, spec.x, spec.y[0], _names(result, named))
        panels, keys = (Panel(plot),), ()
    elif spec.kind == "line":
        axis = axis_of(result.meaning(spec.y[0]))
        panels = (Panel(lines(result.column(spec.x), series, axis, x)),)
        keys = legend(series, "line")
    else:
        panels, is_cut = _bar_panels(spec, result)
        words += f", the first {MOST_BARS} of a list; the table has all" if is_cut else ""
    key = f"question_{question.number}"
    return Chart(key, words, note, panels, keys, is_wide=True)


def _subtitle(spec: ChartSpec, result: Result) -> str:
    shown = [spec.value] if spec.value else [name for name in spec.y if name in result.columns]
    words = " and ".join(_inside(result, name) for name in shown)
    by = _inside(result, str(spec.x))
    if spec.kind == "heatmap":
        by = f"{_inside(result, spec.y[0])} and {by}"
    return f"{words[:1].upper()}{words[1:]} by {by}"


def _inside(result: Result, column: str) -> str:
    """The name of a column inside of a sentence."""
    words = result.meaning(column).heading
    return words if words[:2].isupper() else f"{words[:1].lower()}{words[1:]}"


def _bar_panels(spec: ChartSpec, result: Result) -> tuple[tuple[Panel, ...], bool]:
    """Bars, in a panel for each list of the result; and whether one of them was cut."""
    x = str(spec.x)
    group = next((name for name in result.columns if name in _GROUPS), None)
    parts: dict[Any, dict[Any, tuple[Any, ...]]] = {}
    # One row for each bar, where a result repeats what it draws for a finer list beside it.
    drawn = [result.columns.index(name) for name in (x, *spec.y)]
    for row in result.rows:
        part = None if group is None else row[result.columns.index(group)]
        parts.setdefault(part, {}).setdefault(tuple(row[place] for place in drawn), row)
    panels = []
    for name, bar_rows in parts.items():
        rows = tuple(bar_rows.values())
        # The first of a ranking, the last of a calendar.
        is_calendar = isinstance(_first(result, x), date)
        rows = rows[-MOST_BARS:] if is_calendar else rows[:MOST_BARS]
        shown = replace(result, rows=rows)
        plot = bars(
            _names(shown, x),
            series_of(shown, spec.y),
            axis_of(shown.meaning(spec.y[0])),
            is_upright=not isinstance(_first(shown, x), str),
        )
        panels.append(Panel(plot, None if group is None else result.writer(group)(name)))
    return tuple(panels), any(len(rows) > MOST_BARS for rows in parts.values())


def _names(result: Result, column: str) -> list[str]:
    """The name of each row; distinguished where the column alone does not."""
    texts = result.texts(column)
    if result.meaning(column).unit == "id":
        kind = next((one for one in result.columns if result.meaning(one).unit == "name"), None)
        texts = [text[:_SHORT_ID] for text in texts]
        if kind is not None:
            kinds = (short(one, _SHORT_KIND) for one in result.texts(kind))
            texts = [f"{one} {text}" for one, text in zip(kinds, texts, strict=True)]
    words = [short(text) for text in texts]
    other = next(
        (c for c in result.columns if c != column and isinstance(_first(result, c), str)), None
    )
    if len(set(words)) == len(words) or other is None:
        return words
    before = result.texts(other)
    return [
        short(f"{one} \N{RIGHTWARDS ARROW} {word}")
        for one, word in zip(before, words, strict=True)
    ]


def _first(result: Result, column: str) -> Any:
    return next((value for value in result.column(column) if value is not None), None)
