"""Metrics, dimensions and lengths of time as columns: how each is headed and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple, cast

from dashboards.lib import figures
from dashboards.lib import format as fmt
from dashboards.lib.definitions import Metric
from dashboards.lib.results import Column, Unit


class Length(NamedTuple):
    """A length of time as pandas calls it, how many a year has, and how one is written."""

    length: str
    in_a_year: int
    words: Callable[[date], str]


# Short enough for an axis, and in the order of time. Weeks begin on a Monday, a year ago, too.
LENGTHS = {
    "order_date": Length("D", 365, lambda day: f"{day:%Y-%m-%d}"),
    "order_week": Length("W", 52, lambda day: f"{day:%Y-%m-%d}"),
    "order_month": Length("M", 12, lambda day: f"{day:%Y-%m}"),
    "order_quarter": Length("Q", 4, lambda day: f"{day:%Y} Q{(day.month + 2) // 3}"),
    "order_year": Length("Y", 1, lambda day: f"{day:%Y}"),
}
# How the values of dimensions are written: those that are no names of the data.
_UNITS: Mapping[str, Unit] = {
    **dict.fromkeys(("customer_city", "seller_city"), "city"),
    **dict.fromkeys(("num_sellers", "review_stars", "is_answered_before_delivery"), "text"),
    "seller_id": "id",
}
_METRIC_UNITS: Mapping[str, Unit] = {"brl": "money"}


def metric_column(metric: Metric) -> Column:
    """A metric as a column, written as on tiles."""
    unit: Unit = _METRIC_UNITS.get(metric.unit) or cast("Unit", metric.unit)
    return Column(metric.description, metric.label, unit, partial(figures.figure, metric))


def dimension_column(name: str, label: str) -> Column:
    """A dimension as a column: its values by the names that people read."""
    if name in LENGTHS:
        return Column(
            "", label, "month" if name == "order_month" else "day", LENGTHS[name].words
        )
    write = {"city": fmt.city, "name": fmt.name}.get(unit := _UNITS.get(name, "name"))
    return Column("", label, unit, lambda value: (write or str)(fmt.value_name(value)))
