"""One view of a page: what a reader chose, and the figures of it.

A :class:`Source` is a published version and what can be chosen; a :class:`View` is a choice
with its answers. Every figure is asked here: metrics by :meth:`View.ask`, whose SQL
``definitions`` writes, and rows of a mart by :meth:`View.select`. A filter acts on a mart that
has its column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.definitions import Metric
from dashboards.lib.periods import DataCalendar, Period, month_end, month_start
from dashboards.lib.source import Source
from dashboards.lib.spec import Months, Option, Page, Tile
from dashboards.lib.templates import names_in

Values = Mapping[str, Any]
_TIMES = ("order_date", "order_month", "first_order_date")
_MONTHS = ("order_month", "cohort_month")


@dataclass(frozen=True)
class Comparison:
    """A period to compare with, and why it must not be, if it must not.

    ``under_way`` says why figures of what has arrived must not be compared.
    """

    period: Period
    reason: str | None
    under_way: str | None


@dataclass(frozen=True)
class View:
    """A choice on a page, with its figures.

    Attributes:
        source: The version.
        period: The chosen days.
        where: The chosen values of each filter; empty ones restrict nothing.
        chosen: The words chosen of each option.
    """

    source: Source
    period: Period
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        """What is shown."""
        return self.source.page

    @property
    def calendar(self) -> DataCalendar:
        """The days and months of the data."""
        return self.source.calendar

    def metric(self, name: str) -> Metric:
        """A metric by its name."""
        return self.source.definitions.metric(name)

    def option(self, name: str) -> Any:
        """The value that is chosen of an option."""
        one = next(one for one in self.page.options if one.name == name)
        return one.values[self.chosen.get(name, next(iter(one.values)))]

    def condition(
        self, mart: str, period: Period | None, *, without: Sequence[str] = ()
    ) -> tuple[str, dict[str, Any]]:
        """The chosen rows of a mart as a condition in SQL, with the values to bind.

        Args:
            mart: Its name.
            period: The days; None for all, which is all there is for a mart without a time.
            without: Filters and options that are left aside.
        """
        columns, parts = self.source.columns[mart], ["true"]
        values: dict[str, Any] = {}
        time = next((name for name in _TIMES if name in columns), None)
        if period is not None and time is not None:
            is_day = time != "order_month"
            values["first_day"] = period.start if is_day else month_start(period.start)
            values["last_day"] = period.end if is_day else month_start(period.end)
            parts.append(f"{time} between $first_day and $last_day")
        for one in self.page.filters:
            chosen = self.where.get(one.name, ())
            column = next((name for name in one.columns if name in columns), None)
            if not chosen or one.name in without:
                continue
            if column is not None:
                parts.append(f"{column} in (select unnest(${one.name}))")
            elif one.through in columns:
                parts.append(
                    f"{one.through} in (select {one.through} from marts.{one.mart} "
                    f"where {one.columns[0]} in (select unnest(${one.name})))"
                )
            else:
                continue
            values[one.name] = list(chosen)
        parts += [
            self._restriction(one, mart, columns)
            for one in self.page.options
            if one.mart is not None and one.name not in without
        ]
        return " and ".join(part for part in parts if part), values

    def _restriction(self, one: Option, mart: str, columns: frozenset[str]) -> str:
        condition = str(self.option(one.name))
        if not condition or one.mart == mart:
            return condition
        if one.through not in columns:
            return ""
        return (
            f"{one.through} in (select {one.through} from marts.{one.mart} where {condition})"
        )

    def ask(
        self,
        metrics: Iterable[str],
        by: Sequence[str] = (),
        *,
        mart: str | None = None,
        period: Period | None = None,
        least: int = 0,
    ) -> list[dict[str, Any]]:
        """Metrics of the chosen rows of a mart, with what they are made of, by some columns.

        Args:
            metrics: Names.
            by: Columns of the mart; rows come in their order.
            mart: In place of the page's.
            period: In place of the chosen days.
            least: Rows with less volume behind the first metric are left out.

        Raises:
            DashboardDataError: The version lacks what is read.
            UnknownNameError: The mart has no column for one of the metrics.
        """
        metrics, mart = tuple(metrics), mart or self.page.mart
        columns = self.source.columns[mart]
        parts = [
            f"{self.source.definitions.sql(name, mart, columns)} as {name}"
            for name in self._with_volumes(metrics, mart)
        ]
        where, values = self.condition(mart, period or self.period)
        enough = f"having {self.metric(metrics[0]).volume} >= {int(least)} " if least else ""
        group = f"group by {', '.join(by)} {enough}order by {', '.join(by)}" if by else ""
        return self.source.rows(
            f"select {', '.join([*by, *parts])} from marts.{mart} where {where} {group}", values
        )

    def select(
        self,
        mart: str,
        columns: str,
        tail: str = "",
        *,
        period: Period | None = None,
        also: str = "true",
        without: Sequence[str] = (),
        **values: Any,
    ) -> list[dict[str, Any]]:
        """Rows of a mart that the filters leave.

        Args:
            mart: Its name.
            columns: What is selected, in SQL.
            tail: Grouping and order, in SQL.
            period: The days; None for all.
            also: One more condition, in SQL.
            without: Filters that are left aside.
            **values: To bind.
        """
        where, bound = self.condition(mart, period, without=without)
        return self.source.rows(
            f"select {columns} from marts.{mart} where {where} and ({also}) {tail}",
            bound | values,
        )

    def _with_volumes(self, metrics: Iterable[str], mart: str) -> tuple[str, ...]:
        """Metrics with those that say of how many they are made, where the mart knows it."""
        found: dict[str, None] = {}
        for name in metrics:
            found[name] = None
            volume = self.metric(name).volume
            if volume is not None and self.source.definitions.has(
                volume, mart, self.source.columns[mart]
            ):
                found[volume] = None
        return tuple(found)

    @cached_property
    def _in_texts(self) -> Mapping[str, tuple[str, ...]]:
        """The metrics of tiles and texts, by mart."""
        known = self.source.definitions.metrics
        found: dict[str, dict[str, None]] = {
            mart: {volume: None} for mart, (volume, _) in self._volumes.items()
        }
        for one in self.page.tiles:
            if isinstance(one, Tile):
                found.setdefault(one.mart or self.page.mart, {})[one.metric] = None
        for mart, text in self.page.texts():
            found.setdefault(mart, {}).update(
                (name, None) for name in names_in(text) if name in known
            )
        return {mart: tuple(names) for mart, names in found.items()}

    def total(self, mart: str | None = None, period: Period | None = None) -> Values:
        """The metrics of tiles and texts over the chosen days, or others."""
        mart = mart or self.page.mart
        return self.ask(self._in_texts[mart], mart=mart, period=period)[0]

    @property
    def _volumes(self) -> Mapping[str, tuple[str, str]]:
        """Marts that may be empty: the metric that says so, and what is missing then."""
        return {self.page.mart: (self.page.volume, self.page.nothing), **self.page.also}

    def has_rows(self, mart: str | None = None) -> bool:
        """Whether the filters leave something of a mart that the page watches."""
        mart = mart or self.page.mart
        if mart not in self._volumes:
            return True
        return bool(self.shown.total(mart)[self._volumes[mart][0]])

    @property
    def missing(self) -> Mapping[str, str]:
        """The marts of which the filters leave nothing, and what is missing."""
        return {
            mart: what for mart, (_, what) in self._volumes.items() if not self.has_rows(mart)
        }

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave nothing at all."""
        return len(self.missing) == len(self._volumes)

    @cached_property
    def shown(self) -> View:
        """The view that rankings and tables are of."""
        days = self.page.shown
        return self if days is None else replace(self, period=days(self))

    def has_time(self, mart: str | None = None) -> bool:
        """Whether a mart's rows are of a time; others are of all data to the as-of date."""
        return not self.source.columns[mart or self.page.mart].isdisjoint(_TIMES)

    @property
    def all_days(self) -> Period:
        """All data to the as-of date."""
        return Period(self.calendar.first_date, self.source.info.as_of_date)

    def of(self, mart: str | None = None) -> View:
        """The same choice as a mart knows it: without days, parts of months count whole."""
        columns = self.source.columns[mart or self.page.mart]
        if "order_date" in columns or self.period.is_whole_months:
            return self
        start, end = month_start(self.period.start), month_end(self.period.end)
        return replace(self, period=Period(start, end))

    @property
    def all_data(self) -> str:
        """The days behind a mart without a time: ``all data as of 31 Aug 2018``."""
        return f"all data as of {fmt.day(self.source.info.as_of_date)}"

    @cached_property
    def previous(self) -> Comparison:
        """The period before."""
        return self._compared(self.period.previous())

    @cached_property
    def year_earlier(self) -> Comparison:
        """The same days a year before."""
        return self._compared(self.period.year_earlier())

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Both, or one where they are the same twelve months."""
        if self.previous.period == self.year_earlier.period:
            return (self.previous,)
        return (self.previous, self.year_earlier)

    @property
    def growth_base(self) -> Comparison:
        """A year apart the seasons are the same; without such a year the period before."""
        return self.previous if self.year_earlier.reason is not None else self.year_earlier

    def _compared(self, period: Period) -> Comparison:
        calendar = self.calendar
        reason = calendar.why_incomplete(self.period) or calendar.why_incomplete(period)
        for one in self.page.filters:
            if one.is_as_of and self.where.get(one.name):
                day = fmt.day(self.source.info.as_of_date)
                reason = f"{one.label.lower()} are those of {day}"
        if reason is None and not self.total(period=period)[self.page.volume]:
            reason = f"no {self.page.nothing} there"
        late = calendar.of_delivery
        under_way = late.why_incomplete(self.period) or late.why_incomplete(period)
        return Comparison(period, reason, under_way)

    def why_not(self, metric: Metric, comparison: Comparison) -> str | None:
        """Why a metric must not be compared with a period, or None where it may be."""
        return comparison.reason or (comparison.under_way if metric.is_mature_late else None)

    def months(self, mart: str | None = None) -> Mapping[date, Values]:
        """What the monthly charts and tiles show of a mart, by month, over all the data."""
        mart = mart or self.page.mart
        metrics = [
            line.metric
            for chart in self.page.charts
            if isinstance(chart, Months)
            for panel in chart.panels
            if (panel.mart or self.page.mart) == mart
            for line in panel.lines
        ]
        metrics += [
            one.metric
            for one in self.page.tiles
            if isinstance(one, Tile)
            and one.of_latest_month
            and (one.mart or self.page.mart) == mart
        ]
        return self.by_month(metrics, mart=mart)

    def by_month(
        self, metrics: Iterable[str], *, mart: str | None = None
    ) -> Mapping[date, Values]:
        """Metrics by month over all the data; a month without a row has no values."""
        month = next(n for n in _MONTHS if n in self.source.columns[mart or self.page.mart])
        rows = self.ask(metrics, (month,), mart=mart, period=self.calendar.whole_months)
        found: dict[date, Values] = {row[month]: row for row in rows}
        return {one.start: found.get(one.start, {}) for one in self.calendar.months}

    @property
    def latest_month(self) -> date | None:
        """The last complete month of the chosen days."""
        chosen = [m for m in self.calendar.complete_months if self.period.covers_month(m)]
        return chosen[-1] if chosen else None

    def is_comparable(self, metric: Metric, month: date) -> bool:
        """Whether a month may be drawn and compared: complete, and for delivery mature."""
        calendar = self.calendar.of_delivery if metric.is_mature_late else self.calendar
        return calendar.is_complete(month)

    @property
    def places(self) -> str:
        """The chosen values of the filters as a reader would say them: ``South, SP``."""
        chosen = {
            one: ", ".join(fmt.name(value) for value in self.where[one.name])
            for one in self.page.filters
            if self.where.get(one.name)
        }
        found = [words for one, words in chosen.items() if not one.words] or ["all of Brazil"]
        found += [f"{one.words} {words}" for one, words in chosen.items() if one.words]
        found += [
            words.lower()
            for name, words in self.chosen.items()
            if any(
                one.name == name
                and (one.mart or one.is_named)
                and words != next(iter(one.values))
                for one in self.page.options
            )
        ]
        return ", ".join(found)

    @property
    def words(self) -> str:
        """The choice as a reader would say it: ``Mar-Aug 2018, South``."""
        return f"{self.period.label}, {self.places}"


def whole_month(month: date) -> Period:
    """A month as a period."""
    return Period(month, month_end(month))
