"""One view of /explore: what a link asks, its rows against a period before, the orders behind.

What a reader chose is a :class:`Choice`, which the address holds as text; all figures come by
``query``, and each change is said as its metric says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from dashboards.lib import figures
from dashboards.lib import format as fmt
from dashboards.lib.definitions import Metric, UnknownNameError, unknown_words
from dashboards.lib.explore.columns import LENGTHS, dimension_column, metric_column
from dashboards.lib.explore.words import WordsError, parse, write
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_calendar,
    read_info,
)
from dashboards.lib.query import Asker, Query, Result
from dashboards.lib.results import Column, ResultSet, Unit
from dashboards.lib.semantics import GRAINS, ORDER_KEY, Semantics, read_semantics
from orchestration.dbt.semantic import SemanticError, semantic_manifest
from orchestration.settings import Settings

MOST_METRICS = 4
MOST_DIMENSIONS = 2
MOST_ORDERS = 1_000
COMPARISONS = {"": "Nothing", "before": "The period before", "year": "The year before"}
_FIRST = "revenue_amount, num_sales by order_month"


@dataclass(frozen=True)
class Outline:
    """What the page needs before anything is asked, of the version it keeps."""

    path: Path
    info: PublishedInfo
    calendar: DataCalendar
    semantics: Semantics

    @contextmanager
    def asker(self) -> Iterator[Asker]:
        """Asks the version of the page."""
        with published(self.path) as connection:
            yield Asker(connection, self.semantics, self.info.run_id)

    def values(self, metrics: Sequence[str], dimension: str) -> tuple[str, ...]:
        """The values that a dimension has for some metrics, in order."""
        return _values(self, tuple(metrics), dimension)

    def value_options(self, metrics: Sequence[str], dimension: str) -> dict[str, str]:
        """The same by the names that people read; as they are where two share a name."""
        values = self.values(metrics, dimension)
        write = dimension_column(dimension, "").writer(())
        named = {write(value): value for value in values}
        return named if len(named) == len(values) else {value: value for value in values}


@lru_cache(maxsize=64)
def _values(outline: Outline, metrics: tuple[str, ...], dimension: str) -> tuple[str, ...]:
    with outline.asker() as source:
        rows = source.ask(Query(metrics, (dimension,))).rows
    return tuple(fmt.value_name(row[0]) for row in rows if row[0] is not None)


@lru_cache(maxsize=4)
def load_outline(settings: Settings, path: Path) -> Outline:
    """The version behind a path, and what can be asked; read once for all readers of it.

    Raises:
        DashboardDataError: Nothing is published, or dbt refuses the definitions.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)
    try:
        manifest = semantic_manifest(settings.cache_dir, settings.dbt_project_dir)
    except SemanticError as error:
        raise DashboardDataError(str(error)) from error
    return Outline(path, info, calendar, read_semantics(manifest))


@dataclass(frozen=True)
class Choice:
    """What is chosen: a question, what it is compared with, and how its rows are sorted.

    ``sort`` is a column's key, with a minus before it for the largest first.
    """

    query: Query
    compare: str = ""
    sort: str = ""

    def address(self) -> dict[str, str]:
        """It as parameters of the address; those that are empty stay out of it."""
        return {"q": write(self.query), "compare": self.compare, "sort": self.sort}


def read_choice(outline: Outline, address: Mapping[str, str]) -> Choice:
    """The choice of an address; without one, where the page begins.

    Raises:
        WordsError: It is no question, asks for too much, or for values that there are not.
        UnknownNameError: A name is not known or cannot be combined; says what can.
    """
    query = parse(address.get("q") or _FIRST)
    if "q" not in address:
        query = query.during(outline.calendar.presets().get("All complete months"))
    if len(query.metrics) > MOST_METRICS:
        message = f"{len(query.metrics)} metrics are too many: the page shows {MOST_METRICS}."
        raise WordsError(message)
    if len(grains := [name for name in query.by if name in GRAINS]) > 1:
        raise WordsError(f"{' and '.join(grains)} are both times. Choose one of them.")
    if len(query.by) - len(grains) > MOST_DIMENSIONS:
        message = (
            f"{len(query.by) - len(grains)} dimensions are too many: the page shows "
            f"{MOST_DIMENSIONS} and a time."
        )
        raise WordsError(message)
    outline.semantics.sql(query.shape)  # says which name is unknown or cannot be combined
    _check_values(outline, query)
    compare, sort = address.get("compare", ""), address.get("sort", "")
    if compare not in COMPARISONS:
        names = ", ".join(filter(None, COMPARISONS))
        raise WordsError(f"compare={compare!r} is none of: {names}.")
    query = replace(query, by=(*grains, *(name for name in query.by if name not in GRAINS)))
    choice = Choice(query, compare, sort)
    if sort and sort.lstrip("-") not in sort_keys(choice):
        raise WordsError(f"sort={sort!r} is none of: {', '.join(sort_keys(choice))}.")
    return choice


def _check_values(outline: Outline, query: Query) -> None:
    for name, values in query.where.items():
        known = outline.values(query.metrics, name)
        for value in values:
            if value not in known:
                raise UnknownNameError(unknown_words(f"value of {name}", value, known[:100]))


def sort_keys(choice: Choice) -> tuple[str, ...]:
    """What rows can be sorted by, besides their groups."""
    changes = [f"{name}.change" for name in choice.query.metrics] if choice.compare else []
    return (*choice.query.metrics, *changes)


@dataclass(frozen=True)
class Row:
    """A row of the answer.

    Attributes:
        key: The values of its dimensions.
        values: The metrics by name.
        before: Those it is compared with; None where it is not compared.
        notes: Why it is not compared, and which metrics are of few.
        days: The days it is of.
        is_fit: Which metrics are of complete days, to be drawn and compared.
    """

    key: tuple[Any, ...]
    values: Mapping[str, Any]
    before: Mapping[str, Any]
    notes: tuple[str, ...]
    days: Period
    is_fit: Mapping[str, bool] = field(default_factory=dict)

    def change(self, metric: Metric) -> float | None:
        """The change as the metric says it; None where it is not compared."""
        return figures.change(metric, self.values[metric.name], self.before.get(metric.name))


@dataclass(frozen=True)
class View:
    """A choice with its rows, sorted."""

    outline: Outline
    choice: Choice
    rows: tuple[Row, ...]

    @property
    def query(self) -> Query:
        """What was asked."""
        return self.choice.query

    @property
    def grain(self) -> str | None:
        """The time among its dimensions."""
        return next((name for name in self.query.by if name in GRAINS), None)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Its metrics."""
        return tuple(self.outline.semantics.metric(name) for name in self.query.metrics)

    @property
    def period(self) -> Period:
        """The days it is of."""
        return self.query.period or self.outline.calendar.whole_months

    @cached_property
    def sheet(self) -> ResultSet:
        """Its rows: dimensions, notes where a row has some of its own, metrics and changes."""
        common = self.common_notes
        notes = ["; ".join(one for one in row.notes if one not in common) for row in self.rows]
        fields = {name: self.dimension(name) for name in self.query.by}
        if any(notes):
            fields["note"] = Column("", "Note", "text")
        for one in self.metrics:
            fields[one.name] = metric_column(one)
            if self.choice.compare:
                moved = partial(figures.moved, one)
                label = f"{one.label}, change"
                fields[f"{one.name}.change"] = Column("", label, "number", moved)
        rows = []
        for row, note in zip(self.rows, notes, strict=True):
            cells = [*row.key, *[note] * any(notes)]
            for one in self.metrics:
                cells += [row.values[one.name], *[row.change(one)] * bool(self.choice.compare)]
            rows.append(tuple(cells))
        return ResultSet(tuple(fields), tuple(rows), fields)

    def dimension(self, name: str) -> Column:
        """A dimension as a column."""
        return dimension_column(name, self.label(name))

    @property
    def common_notes(self) -> tuple[str, ...]:
        """The notes that all rows have, to be said once."""
        first = self.rows[0].notes if len(self.rows) > 1 else ()
        return tuple(note for note in first if all(note in row.notes for row in self.rows))

    def label(self, name: str) -> str:
        """The name of a dimension for readers."""
        found = self.outline.semantics.dimensions(self.query.metrics)
        return next(one.label for one in found if one.name == name)


def load_view(outline: Outline, choice: Choice) -> View:
    """The rows of a choice.

    Raises:
        DashboardDataError: The version cannot be read any more.
    """
    query, view = choice.query, View(outline, choice, ())
    volumes = dict.fromkeys(one.volume for one in view.metrics if one.volume)
    asked = replace(query, metrics=tuple(dict.fromkeys((*query.metrics, *volumes))))
    with outline.asker() as source:
        found = source.ask(asked)
        before: Result | None = None
        if choice.compare:
            spans = [_back(choice.compare, view.grain, view.period)]
            if view.grain:  # a row is compared with one before it, maybe of the same period
                spans.append(view.period)
            days = Period(min(one.start for one in spans), max(one.end for one in spans))
            before = source.ask(asked.during(days))
    earlier = {} if before is None else before.by_key()
    rows = [_row(view, key, values, earlier) for key, values in found.by_key().items()]
    return replace(view, rows=tuple(_sorted(view, rows)))


def _row(
    view: View,
    key: tuple[Any, ...],
    values: Mapping[str, Any],
    earlier: Mapping[tuple[Any, ...], Mapping[str, Any]],
) -> Row:
    compare, grain, calendar = view.choice.compare, view.grain, view.outline.calendar
    whole = _bucket(grain, key[0]) if grain else view.period
    days = Period(max(whole.start, view.period.start), min(whole.end, view.period.end))
    back = _back(compare, grain, whole)
    other = earlier.get((back.start, *key[1:]) if grain else key, {})
    notes, fit, compared = [], {}, {}
    for metric in view.metrics:
        months = calendar.of_delivery if metric.is_mature_late else calendar
        fault = months.why_incomplete(days)
        if fault is None and days != whole:
            fault = f"{days.when} alone"
        fit[metric.name] = fault is None
        if compare and (fault := fault or months.why_incomplete(back)):
            notes.append(f"not compared: {fault}")
        elif metric.name in other:
            compared[metric.name] = other[metric.name]
        volume = values.get(metric.volume or "")
        if metric.volume and (volume or 0) < metric.least_volume:
            notes.append(f"{metric.label} is of few ({fmt.number(volume or 0)})")
    return Row(key, values, compared, tuple(dict.fromkeys(notes)), days, fit)


def _bucket(grain: str, day: date, back: int = 0) -> Period:
    """The days of the group of a grain that holds a day, or of one before it."""
    found = pd.Period(day, freq=LENGTHS[grain].length) - back
    return Period(found.start_time.date(), found.end_time.date())


def _back(compare: str, grain: str | None, days: Period) -> Period:
    """The days that some are compared with, in whole groups of a grain."""
    if grain is None or (compare == "year" and grain == "order_date"):
        return days.year_earlier() if compare == "year" else days.previous()
    back = LENGTHS[grain].in_a_year if compare == "year" else 1
    return Period(_bucket(grain, days.start, back).start, _bucket(grain, days.end, back).end)


def _sorted(view: View, rows: list[Row]) -> list[Row]:
    """Rows without a value last, whichever way it is sorted."""
    name = view.choice.sort.lstrip("-")
    if not name:
        return rows
    metric = view.outline.semantics.metric(name.removesuffix(".change"))

    def size(row: Row) -> Any:
        return row.change(metric) if name.endswith(".change") else row.values[metric.name]

    known = [row for row in rows if size(row) is not None]
    known.sort(key=size, reverse=view.choice.sort.startswith("-"))
    return known + [row for row in rows if size(row) is None]


@dataclass(frozen=True)
class Orders(ResultSet):
    """The orders behind a row, the first of them by day; each with its part in the metrics."""

    count: int = 0


_ORDER_COLUMNS: Mapping[str, tuple[str, Unit]] = {
    "Order": ("orders.order_id", "id"),
    "Day": ("orders.order_date", "day"),
    "Status": ("orders.order_status", "name"),
    "State": ("customers.state", "text"),
    "City": ("customers.city", "city"),
    "Payment": ("orders.main_payment_type", "name"),
    "Revenue of the order": ("orders.revenue_amount", "money"),
    "Days to the door": ("round(orders.delivery_days, 1)", "number"),
    "Stars": ("orders.review_score", "count"),
}


def load_orders(view: View, row: Row) -> Orders:
    """The orders that make a row: those that have a part in one of its metrics.

    Raises:
        DashboardDataError: The version cannot be read any more.
    """
    chosen = {
        name: (fmt.value_name(value),)
        for name, value in zip(view.query.by, row.key, strict=True)
        if name not in GRAINS
    }
    query = Query(view.query.metrics, (), {**view.query.where, **chosen}, row.days)
    sql = view.outline.semantics.sql(replace(query.shape, is_per_order=True))
    is_part = " or ".join(f"found.{one.name} {_part(one)}" for one in view.metrics)
    with view.outline.asker() as source:
        rows = source.connection.execute(
            f"""
            select
                {", ".join(sql for sql, _ in _ORDER_COLUMNS.values())},
                {", ".join(f"found.{name}" for name in query.metrics)},
                count(*) over () as num_orders
            from ({sql}) as found
            inner join core.fact_orders as orders on orders.order_key = found.{ORDER_KEY}
            left join core.dim_customer as customers using (customer_key)
            where {is_part}
            order by orders.order_date, orders.order_id
            limit {MOST_ORDERS}
            """,
            query.bound(),
        ).fetchall()
    fields = {name: Column("", name, unit) for name, (_, unit) in _ORDER_COLUMNS.items()}
    for one in view.metrics:
        label = f"{one.label}, its part"
        fields[label] = replace(metric_column(one), label=label, words=None)
    found = tuple(row[:-1] for row in rows)
    return Orders(tuple(fields), found, fields, count=rows[0][-1] if rows else 0)


def _part(metric: Metric) -> str:
    """What a value of an order is that has a part in a metric: sums pass over orders by 0."""
    is_sum = metric.unit in {"brl", "count"} and metric.volume is None
    return "<> 0" if is_sum else "is not null"
