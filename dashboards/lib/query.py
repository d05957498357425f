"""A question to the metrics, and its answer: the one way from a page to the warehouse.

A :class:`Query` says which metrics, grouped by what, of which rows, over which days. Its result
holds finished values: no ratio is made and no average averaged above this module.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb

from dashboards.lib.definitions import UnknownNameError
from dashboards.lib.periods import Period, month_start
from dashboards.lib.queries.warehouse import published, read_info
from dashboards.lib.semantics import GRAINS, Semantics, Shape, read_semantics
from orchestration.dbt.semantic import semantic_manifest
from orchestration.settings import Settings

Value = Any
Key = tuple[Value, ...]


@dataclass(frozen=True)
class Query:
    """What is asked.

    Attributes:
        metrics: Names of metrics.
        by: Dimensions and grains, outermost first.
        where: The values that each filtered dimension may have; an empty tuple restricts
            nothing.
        period: The days, by the day of the metric (of purchase, where it says no other); None
            for all of them.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: Period | None = None

    def during(self, period: Period | None) -> Query:
        """The same over other days."""
        return replace(self, period=period)

    @property
    def shape(self) -> Shape:
        """It without its values."""
        where = tuple(sorted(name for name, values in self.where.items() if values))
        return Shape(self.metrics, self.by, where, self.period is not None)

    def bound(self) -> dict[str, Value]:
        """The values to bind."""
        values: dict[str, Value] = {name: list(self.where[name]) for name in self.shape.where}
        if self.period is not None:
            values |= {"first_day": self.period.start, "last_day": self.period.end}
        return values


@dataclass(frozen=True)
class Result:
    """The rows of an answer, in the order of ``by``: its values, then those of the metrics."""

    query: Query
    rows: tuple[tuple[Value, ...], ...]

    def __iter__(self) -> Iterator[Mapping[str, Value]]:
        """Each row by its names."""
        names = (*self.query.by, *self.query.metrics)
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def by_key(self) -> Mapping[Key, Mapping[str, Value]]:
        """Each row under the values of its dimensions; without dimensions, under ()."""
        size = len(self.query.by)
        return {row[:size]: named for row, named in zip(self.rows, self, strict=True)}

    @property
    def total(self) -> Mapping[str, Value]:
        """The one row of a query without dimensions."""
        return next(iter(self))


class _Kept:
    """The latest results, by version, SQL and values: versions never change."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._results: OrderedDict[Any, tuple[tuple[Value, ...], ...]] = OrderedDict()

    def get(self, key: object) -> tuple[tuple[Value, ...], ...] | None:
        with self._lock:
            found = self._results.get(key)
            if found is not None:
                self._results.move_to_end(key)
            return found

    def put(self, key: object, rows: tuple[tuple[Value, ...], ...]) -> None:
        if len(rows) > _MOST_ROWSKEPT:
            return
        with self._lock:
            self._results[key] = rows
            while len(self._results) > self._size:
                self._results.popitem(last=False)


_MOST_ROWSKEPT = 2_000
KEPT = _Kept(512)


@dataclass(frozen=True)
class Asker:
    """Asks one published version; several threads may do so at once.

    Attributes:
        connection: Read-only, on the version.
        semantics: What can be asked.
        version: Names the version, as the key of kept results.
    """

    connection: duckdb.DuckDBPyConnection
    semantics: Semantics
    version: str

    def ask(self, query: Query) -> Result:
        """The answer.

        Raises:
            UnknownNameError: A name is not known or cannot be combined; says what can.
        """
        sql, values = self.semantics.sql(query.shape), query.bound()
        period = query.period
        if period is not None and self.semantics.definitions.is_monthly(query.metrics):
            if not period.is_whole_months:
                message = "These metrics are known by month: choose whole months."
                raise UnknownNameError(message)
            values["last_day"] = month_start(period.end)
        key = (self.version, sql, repr(sorted(values.items())))
        rows = KEPT.get(key)
        if rows is None:
            fetched = self.connection.cursor().execute(sql, values).fetchall()
            days = [n for n, name in enumerate(query.by) if name in GRAINS]
            rows = tuple(_with_days(row, days) for row in fetched)
            KEPT.put(key, rows)
        return Result(query, rows)


def _with_days(row: Sequence[Value], places: Sequence[int]) -> tuple[Value, ...]:
    """MetricFlow gives days and months as moments."""
    if not places:
        return tuple(row)
    values = list(row)
    for place in places:
        if isinstance(values[place], datetime):
            values[place] = values[place].date()
        assert values[place] is None or isinstance(values[place], date)  # noqa: S101
    return tuple(values)


@contextmanager
def asker(settings: Settings) -> Iterator[Asker]:
    """Asks the version that is published now, by the definitions of this project.

    Raises:
        DashboardDataError: Nothing is published.
        SemanticError: dbt refuses the project.
    """
    with published(settings.published_path) as connection:
        semantics = read_semantics(
            semantic_manifest(settings.cache_dir, settings.dbt_project_dir)
        )
        yield Asker(connection, semantics, read_info(connection).run_id)
