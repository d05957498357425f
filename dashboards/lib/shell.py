"""What the cells of a page call: from its specification to its parts, with words for faults."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import marimo as mo

from dashboards.lib import controls, page, render, words
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.controls import Own
from dashboards.lib.periods import Period
from dashboards.lib.source import Source, open_source
from dashboards.lib.spec import Page
from dashboards.lib.tiles import heading, message, tile_grid
from dashboards.lib.view import View
from orchestration.settings import load_settings


def open_page(spec: Page) -> tuple[Source | None, mo.Html | None]:
    """What can be chosen on a page, or a box that says why there is nothing."""
    path = page.version_now(load_settings().published_path)
    return page.attempt(lambda: open_source(spec, path))


def header(source: Source) -> mo.Html:
    """The title of the page, its purpose and its data."""
    one = next(one for one in DASHBOARDS if one.slug == source.page.slug)
    return page.header(one.title, source.info, one.question)


def newer_version(source: Source) -> mo.Html | None:
    """A note that newer data are published than those of the page."""
    return page.newer_version(load_settings().published_path, source.path)


def look(
    source: Source, chosen: Period, own: Own, others: Mapping[str, Any]
) -> tuple[View | None, mo.Html | None]:
    """The view that the controls describe, or a box that says what is wrong with them."""
    return page.attempt(lambda: controls.view_of(source, chosen, own, others))


def summary(view: View) -> mo.Html:
    """The lead and the tiles; a calm word where the filters leave nothing."""
    missing = "".join(nothing_left(view, mart, what) for mart, what in view.missing.items())
    if view.is_empty:
        return mo.Html(missing)
    return mo.Html(
        f'{missing}<p class="dw-lead">{escape(words.lead(view))}</p>'
        + heading("Summary", view.words)
        + tile_grid(render.tiles(view))
    )


def nothing_left(view: View, mart: str, what: str) -> str:
    """The words to a reader whose filters leave nothing of a mart."""
    if not view.has_time(mart):
        text = f"There are no {what} of {view.places}. Choose fewer filters."
    else:
        chosen = [one.label for one in view.page.filters if view.where.get(one.name)]
        together = f" {words.listed(chosen)} may exclude each other." if len(chosen) > 1 else ""
        text = (
            f"There are no {what} {view.period.when} in {view.places}.{together} Choose more "
            f"days, or fewer filters; the data run from {view.calendar.range_label}."
        )
    return message(f"No {what} match these filters", text)


def charts(view: View) -> mo.Html | None:
    """The cards, or nothing where there is nothing to draw."""
    if view.is_empty:
        return None
    return mo.Html(
        heading("Trends and breakdowns", view.page.about_charts)
        + chart_cards(render.charts(view))
    )


def rows(view: View) -> mo.Html | None:
    """The tables in tabs, each with its downloads."""
    if view.is_empty:
        return None
    base = view.previous
    against = (
        f"Changes are against {base.period.label}."
        if base.reason is None
        else f"Changes are n/a: {base.reason}."
    )
    return mo.vstack(
        [
            mo.Html(heading("Data", f"{view.words}. Click a heading to sort. {against}")),
            table_tabs(render.tables(view), view.page.slug, view.period),
        ]
    )


def footer(source: Source) -> mo.Html:
    """The note at the end of a page."""
    return page.footer(source.info)
