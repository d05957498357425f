"""A published version as a page reads it: what it says of itself, and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from dashboards.lib import format as fmt
from dashboards.lib.definitions import Definitions, definitions
from dashboards.lib.periods import DataCalendar
from dashboards.lib.queries.warehouse import (
    PublishedInfo,
    published,
    read_calendar,
    read_info,
    refused,
)
from dashboards.lib.query import KEPT
from dashboards.lib.spec import Filter, Page


@dataclass(frozen=True)
class Source:
    """A published version, and what a reader of a page can choose from.

    Attributes:
        page: The page.
        path: The file of the version, which never changes.
        info: What the version says of itself.
        calendar: Its days and months.
        columns: Those of each mart.
        options: The values of each filter, by their words.
    """

    page: Page
    path: Path
    info: PublishedInfo
    calendar: DataCalendar
    columns: Mapping[str, frozenset[str]]
    options: Mapping[str, Mapping[str, str]]
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    definitions: Definitions = field(repr=False)
    _open: ExitStack = field(repr=False)

    def reopened(self) -> Source:
        """The same on a connection of its own.

        Raises:
            DashboardDataError: The version has been removed since.
        """
        stack = ExitStack()
        return replace(self, connection=stack.enter_context(published(self.path)), _open=stack)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query, one dict each; the same query is run once a version.

        Raises:
            DashboardDataError: The version lacks what is read.
        """
        bound = dict(values or {})
        key = (self.info.run_id, str(self.path), sql, repr(sorted(bound.items())))
        found = KEPT.get(key)
        if found is None:
            try:
                cursor = self.connection.cursor().execute(sql, bound)
            except duckdb.Error as error:
                raise refused(error) from error
            names = tuple(column[0] for column in cursor.description or ())
            found = (names, *cursor.fetchall())
            KEPT.put(key, found)
        return [dict(zip(found[0], row, strict=True)) for row in found[1:]]


def open_source(page: Page, path: Path, known: Definitions | None = None) -> Source:
    """What can be chosen on a page, of one version; open as long as the source is used.

    Args:
        page: The page.
        path: The file of the version.
        known: The metrics, where they are not those of this project.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    stack = ExitStack()
    connection = stack.enter_context(published(path))
    try:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)
    except duckdb.Error as error:
        raise refused(error) from error
    source = Source(
        page=page,
        path=path,
        info=info,
        calendar=calendar.of_delivery if page.is_of_delivery else calendar,
        columns={},
        options={},
        connection=connection,
        definitions=known or definitions(),
        _open=stack,
    )
    columns = source.rows(
        "select table_name, list(column_name) as names from duckdb_columns() "
        "where schema_name = 'marts' group by 1"
    )
    source = replace(
        source, columns={row["table_name"]: frozenset(row["names"]) for row in columns}
    )
    return replace(source, options={one.name: _options(source, one) for one in page.filters})


def _options(source: Source, one: Filter) -> Mapping[str, str]:
    column = next(name for name in one.columns if name in source.columns[one.mart])
    rows = source.rows(
        f"select distinct {column} as value from marts.{one.mart} "
        f"where {column} is not null order by 1"
    )
    return {fmt.choice(column, str(row["value"])): str(row["value"]) for row in rows}
