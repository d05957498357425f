"""The parts of the executive page as marimo shows them: answer, why, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.executive.charts import charts
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.executive.tables import tables
from dashboards.lib.executive.tiles import lead, tiles
from dashboards.lib.filters import nothing_ordered, scope_words
from dashboards.lib.tiles import heading, message, tile_grid

TITLE = "Executive dashboard"
QUESTION = "How fast do we grow, how well do we deliver, and how content are our customers?"


def answer(data: ExecutiveData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nothing."""
    if data.is_empty:
        return mo.Html(nothing_left(data))
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading("Summary", scope_words(data.scope))
        + tile_grid(tiles(data))
    )


def nothing_left(data: ExecutiveData) -> str:
    """The word to a reader whose filters leave no order."""
    return message(
        "No orders match these filters",
        nothing_ordered(data.scope, data.calendar),
    )


def why(data: ExecutiveData) -> mo.Html | None:
    """The charts, or nothing where there is no order."""
    if data.is_empty:
        return None
    cards = chart_cards(charts(data))
    return mo.Html(
        heading(
            "Trends and breakdowns",
            "Monthly charts show every month of the data for the chosen states. Months without "
            "complete data are grey and never compared.",
        )
        + cards
    )


def rows(data: ExecutiveData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no order."""
    if data.is_empty:
        return None
    against = (
        f"Revenue change is against {data.previous.period.label}."
        if data.previous.measures is not None
        else f"Revenue change is n/a: {data.previous.reason}."
    )
    return mo.vstack(
        [
            mo.Html(
                heading(
                    "Data",
                    f"{scope_words(data.scope)}. Click a heading to sort. {against}",
                )
            ),
            table_tabs(tables(data), "executive", data.period),
        ]
    )
