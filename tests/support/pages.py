"""A page without a browser: one view of it, and its parts by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from dashboards.lib import render
from dashboards.lib.cards import Chart
from dashboards.lib.periods import Period
from dashboards.lib.spec import Page
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Tile
from dashboards.lib.view import View, open_source


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
