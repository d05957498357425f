"""A page without a browser: one view of it, and its parts by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import duckdb

from dashboards.lib import render
from dashboards.lib.cards import Chart
from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.periods import Period
from dashboards.lib.queries.questions import defaults
from dashboards.lib.source import open_source
from dashboards.lib.spec import Groups, Listing, Months, Page, Ranking, Rows, SpecialRows
from dashboards.lib.spec import Tile as TileSpec
from dashboards.lib.tables import Table
from dashboards.lib.templates import names_in
from dashboards.lib.tiles import Tile
from dashboards.lib.view import View


def view_of(
    page: Page,
    path: Path,
    period: Period | None = None,
    where: Mapping[str, tuple[str, ...]] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> View:
    """A page over a published warehouse; as it opens, where nothing else is said."""
    source = open_source(page, path)
    return View(source, period or source.calendar.default_period(), where or {}, chosen or {})


def path_of(connection: duckdb.DuckDBPyConnection) -> Path:
    """The file of a connection."""
    found = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    assert found is not None
    return Path(found[0])


def tile(view: View, key: str) -> Tile:
    """A tile of the page."""
    return next(one for one in render.tiles(view) if one.key == key)


def chart(view: View, key: str) -> Chart:
    """A chart of the page."""
    return next(one for one in render.charts(view) if one.key == key)


def table(view: View, key: str) -> Table:
    """A table of the page."""
    return next(one for one in render.tables(view) if one.key == key)


def pages() -> Iterator[Page]:
    """Every page that is a specification."""
    for one in DASHBOARDS:
        module = import_module(f"dashboards.{one.path.strip('/')}")
        if hasattr(module, "PAGE"):
            yield module.PAGE


def metrics_of_page(page: Page, known: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The metrics that a page's specification names, each with the mart it is read from."""
    for one in (*page.tiles, *page.charts, *page.tables):
        if isinstance(one, Months):
            for panel in one.panels:
                yield from ((panel.mart or page.mart, line.metric) for line in panel.lines)
        elif isinstance(one, Groups):
            for group in one.groups:
                yield from ((group.mart or page.mart, name) for name in group.metrics)
        elif isinstance(one, TileSpec | Ranking):
            yield one.mart or page.mart, one.metric
        elif isinstance(one, Rows):
            yield from ((one.mart or page.mart, name) for name in one.metrics)
    for mart, text in page.texts():
        yield from ((mart, name) for name in names_in(text) if name in known)


def listed_columns() -> Iterator[str]:
    """The columns of marts that pages list as they are, or group by."""
    for dashboard in DASHBOARDS:
        page = getattr(import_module(f"dashboards.{dashboard.slug}"), "PAGE", None)
        for one in page.tables if page else ():
            if isinstance(one, Listing):
                yield from (column.rpartition(" as ")[2] for column in one.columns)
            elif isinstance(one, SpecialRows):
                yield from one.columns
            elif isinstance(one, Rows) and one.by != ("order_month",):
                yield from (name for name in one.by if name in defaults())
