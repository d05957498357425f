"""The parts of the geography page as marimo shows them: filters, answer, why, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib import filters
from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.filters import nothing_ordered, scope_words
from dashboards.lib.geography.charts import charts
from dashboards.lib.geography.data import (
    CITY_MINIMUMS,
    DEFAULT_CITY_MINIMUM,
    STATE_MINIMUM,
    GeographyData,
)
from dashboards.lib.geography.measures import MAP_MEASURES, MapMeasure
from dashboards.lib.geography.tables import tables
from dashboards.lib.geography.tiles import all_days, lead, tiles
from dashboards.lib.tiles import heading, message, tile_grid

TITLE = "Geography"
QUESTION = "Where do our customers live, where is room to grow, and what does distance cost us?"


def city_minimum_filter() -> mo.ui.dropdown:
    """How many orders a city must have to be shown."""
    minimums = sorted(
        CITY_MINIMUMS, key=lambda number: (number != DEFAULT_CITY_MINIMUM, number)
    )
    return filters.one_filter(
        {
            "All cities with an order" if number == 1 else f"{number} orders or more": number
            for number in minimums
        },
        "Cities with",
    )


def map_filter() -> mo.ui.dropdown:
    """What the map of states shows."""
    return filters.one_filter({one.label: one for one in MAP_MEASURES}, "Map of states shows")


def answer(data: GeographyData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nothing."""
    if data.is_empty:
        return mo.Html(nothing_left(data))
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading("Summary", scope_words(data.scope))
        + tile_grid(tiles(data))
    )


def nothing_left(data: GeographyData) -> str:
    """The word to a reader whose filters leave no order."""
    return message(
        "No orders match these filters",
        nothing_ordered(data.scope, data.calendar),
    )


def why(data: GeographyData, measure: MapMeasure) -> mo.Html | None:
    """The charts, or nothing where there is no order."""
    if data.is_empty:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns",
            "The chosen days act on all charts but those of cities and capitals, whose mart "
            f"has no dates. States are ranked by a rate from {STATE_MINIMUM} orders on.",
        )
        + _no_city(data)
        + chart_cards(charts(data, measure))
    )


def _no_city(data: GeographyData) -> str:
    if data.ranked_cities:
        return ""
    return message(
        "No city matches these filters",
        f"No city of these states has {fmt.count(data.city_minimum)} orders or more. Choose a "
        "lower minimum or more states.",
    )


def rows(data: GeographyData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no order."""
    if data.is_empty:
        return None
    base = data.growth_base
    against = (
        f"Revenue growth is against {base.period.label}, with {STATE_MINIMUM} orders or more "
        "in both."
        if base.measures is not None
        else f"Revenue growth is n/a: {base.reason}."
    )
    return mo.vstack(
        [
            mo.Html(
                heading(
                    "Data",
                    f"Cities: {all_days(data)}, with {fmt.count(data.city_minimum)} orders or "
                    f"more. States and regions: {scope_words(data.scope)}. {against} The gap "
                    "to the average is what a place would add if its inhabitants bought as "
                    "all those shown do. Click a heading to sort.",
                )
            ),
            table_tabs(tables(data), "geography", data.period),
        ]
    )
