"""What the published warehouse says of itself, and the one way in.

A page that opens takes the version that is published then and keeps it (``version_now``), so
that a filter chosen after a publish never puts figures of one version under the header of
another; to reload it takes the newer one. Each load reads all its figures on one connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from dashboards.lib.periods import DataCalendar, Month, Period
from orchestration.errors import NothingPublishedError, WarehouseError
from orchestration.warehouse.store import fetch_info, open_reader

_VERSIONS = "versions"  # the directory of the versions that runs keep


class DashboardDataError(Exception):
    """The page has nothing to read; the text says why and what to do."""


@dataclass(frozen=True)
class PublishedInfo:
    """The published version: of which source, up to which day, when and by what it was built.

    ``run_id`` names the version of the data, ``program_version`` that of the program,
    ``engine`` what built the models;
    ``built_at`` is naive UTC; ``as_of_date`` is the last day the data are complete for.
    """

    run_id: str
    source_kind: str
    source_label: str
    is_synthetic: bool
    as_of_date: date
    built_at: datetime
    program_version: str
    engine: str


def source_words(info: PublishedInfo) -> str:
    """The source for people: its label, which names its kind already."""
    return info.source_label.removeprefix("the archive ") or info.source_kind


def version_now(published_path: Path) -> Path:
    """The file that is published now; the path itself where nothing is.

    It never changes, and is removed only once several newer ones are published.
    """
    found = published_path.resolve()
    return found if found.is_file() else published_path


def newer_version(published_path: Path, kept: Path) -> PublishedInfo | None:
    """What is published now, where that is another version than the one a page keeps."""
    if version_now(published_path) == kept:
        return None
    try:
        with published(published_path) as connection:
            return read_info(connection)
    except DashboardDataError:
        return None  # there is nothing to change to


@contextmanager
def published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection on the published version, or on one that a page keeps.

    Raises:
        DashboardDataError: There is no such file, or it lacks what the page reads.
    """
    try:
        with open_reader(path) as connection:
            yield connection
    except NothingPublishedError as error:
        raise DashboardDataError(no_file_words(path)) from error
    except WarehouseError as error:
        raise DashboardDataError(str(error)) from error
    except duckdb.Error as error:
        raise refused(error) from error


def refused(error: duckdb.Error) -> DashboardDataError:
    """What to say to a reader whose page asks for what the version does not hold."""
    reason = str(error).splitlines()[0]
    message = (
        f"The published warehouse does not hold what this page reads ({reason}). It may "
        "come from another version of the project: run `make pipeline`, then reload this "
        "page."
    )
    return DashboardDataError(message)


def no_file_words(path: Path) -> str:
    """What to do where there is no file to read."""
    if _VERSIONS in path.parts:
        return (
            "The version of the data that this page was opened with has been removed, after "
            "newer ones were published. Reload this page."
        )
    return (
        f"No warehouse is published yet: {path} does not exist. Run `make pipeline`, then "
        "reload this page."
    )


def read_info(connection: duckdb.DuckDBPyConnection) -> PublishedInfo:
    """What the published version says of itself.

    Raises:
        DashboardDataError: It has no as-of date: its models were never built.
    """
    info = fetch_info(connection)
    if info.as_of_date is None:
        message = (
            "The published warehouse has no as-of date, so no period can be called complete. "
            "Run `make pipeline`, then reload this page."
        )
        raise DashboardDataError(message)
    return PublishedInfo(
        run_id=info.run_id,
        source_kind=info.source_kind,
        source_label=info.source_label,
        is_synthetic=info.is_synthetic,
        as_of_date=info.as_of_date,
        built_at=info.built_at,
        program_version=info.version,
        engine=info.engine,
    )


def read_calendar(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> DataCalendar:
    """The days of the data and the completeness of every month between the first and the last.

    Raises:
        DashboardDataError: The mart has no row.
    """
    rows = connection.execute(
        """
        select
            order_month,
            bool_and(is_complete_month) as is_complete,
            bool_and(is_delivery_mature) as is_delivery_mature,
            min(order_date) as first_date,
            max(order_date) as last_date
        from marts.mart_executive_dashboard
        group by order_month
        order by order_month
        """
    ).fetchall()
    if not rows:
        message = (
            "The published warehouse holds no orders, so there is nothing to show. "
            "Run `make pipeline` on a source with orders and reload the page."
        )
        raise DashboardDataError(message)
    flags = {row[0]: (bool(row[1]), bool(row[2])) for row in rows}
    first_date, last_date = rows[0][3], rows[-1][4]
    # A month without a single order has no row, and nothing to compare.
    months = Period(first_date, last_date).months
    return DataCalendar(
        first_date=first_date,
        last_date=last_date,
        as_of_date=as_of_date,
        months=tuple(Month(month, *flags.get(month, (False, False))) for month in months),
    )
