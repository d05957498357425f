"""How a metric stands on an axis, in a column and in a cell, and what columns are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.charts import (
    Axis,
)
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import figure
from dashboards.lib.queries.questions import defaults
from dashboards.lib.tables import (
    Cell,
    Column,
    percent_number,
)

_AXES = {
    "brl": Axis(prefix="R$ ", tick_format="~s"),
    "share": Axis(tick_format="~%"),
    "count": Axis(tick_format="~s"),
    "days": Axis(suffix=" d", tick_format="~f"),
    "hours": Axis(suffix=" h", tick_format="~f"),
    "stars": Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
    "points": Axis(suffix=" pts", tick_format="~f"),
    "number": Axis(tick_format="~f"),
    "km": Axis(suffix=" km", tick_format="~s"),
}
_UNITS = {
    "brl": "R$", "share": "%", "days": "days", "hours": "hours", "stars": "1\N{EN DASH}5",
    "points": "points", "km": "km", "count": "", "number": "",
}  # fmt: skip


def axis(metric: Metric, *, from_zero: bool) -> Axis:
    """The unit of a metric on the axis of a chart."""
    known = _AXES[metric.unit]
    return Axis(known.prefix, known.suffix, known.tick_format, from_zero)


def writer(metric: Metric) -> Callable[[Any], str]:
    """How the values of a metric are written."""
    return lambda value: figure(metric, value)


def value_name(column: str, value: Any) -> str:
    """A value of a column for people; an id is left as it is."""
    kind = defaults().get(column, ("name", ""))[0]
    if kind == "month":
        return f"{value:%Y-%m}"
    if kind == "city":
        return fmt.city(value)
    if kind == "flag":
        return "yes" if value else "no"
    return str(value) if kind == "id" else fmt.name(str(value))


def label_of(column: str) -> str:
    """What a column of a mart is called."""
    return defaults().get(column, ("", column.replace("_", " ").capitalize()))[1]


def metric_column(metric: Metric) -> Column:
    """The column of a metric: its label with its unit, and how its values are written."""
    unit, decimals = _UNITS[metric.unit], 2 if metric.unit == "brl" else metric.decimals
    return Column(
        f"{metric.label} ({unit})" if unit else metric.label,
        lambda value: fmt.number(value, decimals),
    )


def cell(metric: Metric, value: Any) -> Cell:
    """A value of a metric for a table: shares in percent, ratios to two decimals."""
    if value is None:
        return None
    if metric.unit == "share":
        return percent_number(value)
    return round(value, 2) if isinstance(value, float) else value
