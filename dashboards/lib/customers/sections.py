"""The parts of the customers page as marimo shows them: filters, answer, why, rows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.customers.charts import charts
from dashboards.lib.customers.data import CustomersData, Whom
from dashboards.lib.customers.tables import tables
from dashboards.lib.customers.tiles import lead, tiles
from dashboards.lib.filters import scope_words
from dashboards.lib.tiles import heading, message, tile_grid

TITLE = "Customers"
QUESTION = "Who buys, who comes back, and what are they worth?"
# Whether charts and rows show everybody up to the period's end, or those new in it.
WHOM: Final[Mapping[str, object]] = {
    "All customers": Whom.EVERYBODY,
    "New ones only": Whom.NEW,
}


def chosen_words(data: CustomersData) -> str:
    """What was chosen, as a reader would say it."""
    words = scope_words(data.scope)
    if data.segments:
        words += ", " + ", ".join(fmt.name(one) for one in data.segments)
    return words


def answer(data: CustomersData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nobody."""
    if data.is_empty:
        return mo.Html(
            message(
                "No customers match these filters",
                f"Nobody with a {data.whom_words} is left in {chosen_words(data)}. Choose more "
                "days, states or segments.",
            )
        )
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading(
            "Summary",
            f"{chosen_words(data)}. The period is that of the first sale; a person's state is "
            f"that of the latest address, the segment that of {fmt.day(data.info.as_of_date)}.",
        )
        + tile_grid(tiles(data))
    )


def why(data: CustomersData) -> mo.Html | None:
    """The charts, or nothing where nobody is left."""
    if data.is_empty:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns",
            f"Charts show persons with their {data.whom_words}, unless they say otherwise.",
        )
        + chart_cards(charts(data))
    )


def rows(data: CustomersData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where nobody is left."""
    if data.is_empty:
        return None
    return mo.vstack(
        [
            mo.Html(
                heading(
                    "Data",
                    f"{chosen_words(data)}; {data.whom_words}. Click a heading to sort. "
                    "Customers are listed by revenue, the highest first. Months of the first "
                    "sale are all months; cohorts and payments know no state and no segment.",
                )
            ),
            table_tabs(tables(data), "customers", data.period),
        ]
    )
