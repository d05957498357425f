"""The parts of the sellers page as marimo shows them: answer, why, one seller, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_card, chart_cards, table_tabs
from dashboards.lib.sellers.charts import charts
from dashboards.lib.sellers.data import SellerPage, SellersData
from dashboards.lib.sellers.one_seller import comparison_card, months_chart
from dashboards.lib.sellers.tables import tables
from dashboards.lib.sellers.tiles import lead, tiles
from dashboards.lib.sellers.words import option_name, scope_words
from dashboards.lib.tiles import card_grid, heading, message, tile_grid

TITLE = "Sellers"
QUESTION = "Who sells, how much hangs on a few, and who keeps the promise to dispatch in time?"


def answer(data: SellersData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nothing."""
    if data.is_empty:
        return mo.Html(
            message(
                "No sellers match these filters",
                f"No order went to a seller in {scope_words(data.scope)}. Choose more months "
                f"or other sellers; the data run from {data.calendar.range_label}.",
            )
        )
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading("Summary", scope_words(data.scope))
        + tile_grid(tiles(data))
    )


def why(data: SellersData) -> mo.Html | None:
    """The charts, or nothing where there is no order."""
    if data.is_empty:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns",
            "Months are those of the purchase; monthly charts show all of them for the chosen "
            "sellers, and months without complete data are grey and never compared. Tier, "
            f"score and activity are as of {fmt.day(data.info.as_of_date)}.",
        )
        + chart_cards(charts(data))
    )


def seller_filter(data: SellersData) -> mo.ui.dropdown | None:
    """The sellers of the scope to choose one from, the largest first; None without any."""
    options = {option_name(card): card.seller_id for card in data.cards}
    if data.is_empty or not options:
        return None
    return mo.ui.dropdown(
        options=options,
        value=next(iter(options)),
        allow_select_none=False,
        searchable=True,
        label="Seller, by rank, id or city",
        full_width=True,
    )


def seller_heading(chooser: mo.ui.dropdown | None) -> mo.Html | None:
    """The heading of the one page and the list to choose from."""
    if chooser is None:
        return None
    explanation = "Choose any seller of the filters above; type to search."
    return mo.vstack([mo.Html(heading("One seller", explanation)), chooser])


def one_seller(page: SellerPage | None) -> mo.Html | None:
    """The page of one seller."""
    if page is None:
        return None
    return mo.Html(card_grid([comparison_card(page), chart_card(months_chart(page))]))


def rows(data: SellersData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no order."""
    if data.is_empty:
        return None
    explanation = (
        f"{scope_words(data.scope)}. Click a heading to sort. The scorecard is of all data to "
        f"{fmt.day(data.info.as_of_date)}, the other two of {data.period.label}."
    )
    return mo.vstack(
        [
            mo.Html(heading("Data", explanation)),
            table_tabs(tables(data), "sellers", data.period),
        ]
    )
