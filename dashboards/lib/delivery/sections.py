"""The parts of the delivery page as marimo shows them: answer, why, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.delivery.charts import charts
from dashboards.lib.delivery.data import DeliveryData, scope_words
from dashboards.lib.delivery.tables import tables
from dashboards.lib.delivery.tiles import lead, tiles
from dashboards.lib.tiles import heading, message, tile_grid

TITLE = "Delivery and operations"
QUESTION = "Do we keep the promised day, who causes the delays, and which orders are stuck?"


def answer(data: DeliveryData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nothing."""
    if data.is_empty:
        return mo.Html(
            message(
                "No shipments match these filters",
                f"Nothing was sent in {scope_words(data.scope)}. Choose more months or more "
                f"states; the data run from {data.calendar.range_label}.",
            )
        )
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading("Summary", scope_words(data.scope))
        + tile_grid(tiles(data))
    )


def why(data: DeliveryData) -> mo.Html | None:
    """The charts, or nothing where there is no shipment."""
    if data.is_empty:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns",
            "Months are those of the purchase, and monthly charts show all of them for the "
            "chosen states. Months without complete data are grey and never compared. What one "
            "seller sends of one order is a shipment.",
        )
        + chart_cards(charts(data))
    )


def rows(data: DeliveryData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no shipment."""
    if data.is_empty:
        return None
    explanation = (
        f"{scope_words(data.scope)}; all routes, small ones too. Click a heading to sort. "
        f"Stuck orders are of all months, as of {fmt.day(data.info.as_of_date)}."
    )
    return mo.vstack(
        [
            mo.Html(heading("Data", explanation)),
            table_tabs(tables(data), "delivery", data.period),
        ]
    )
