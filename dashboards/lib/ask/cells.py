"""How the values of a result are written: by the unit that the metadata of its column names.

Nothing here knows one question from another, and nothing is read from the name of a column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.queries.columns import Unit
from dashboards.lib.queries.questions import Result

_WORDS: frozenset[Unit] = frozenset({"month", "day", "flag", "name", "city", "id", "text"})
_SMALL_SHARE = 0.1
# Beside the label, where the values do not say it themselves.
_SUFFIXES: dict[Unit, str] = {
    "money": "R$",
    "points": "points",
    "days": "days",
    "hours": "hours",
    "months": "months",
    "km": "km",
}


def unit(result: Result, column: str) -> Unit:
    """The unit of a column."""
    return result.fields[column].unit


def is_number(result: Result, column: str) -> bool:
    """Whether its values are figures: they stand to the right, and can be summed or drawn."""
    return unit(result, column) not in _WORDS


def heading(result: Result, column: str) -> str:
    """The name of a column for people, with its unit."""
    field = result.fields[column]
    suffix = _SUFFIXES.get(field.unit)
    return field.label if suffix is None else f"{field.label} ({suffix})"


def writer(result: Result, column: str) -> Callable[[Any], str]:
    """What writes the values of a column; a missing one is left empty."""
    kind = unit(result, column)
    write = _WRITERS.get(kind)
    if write is None:
        values = [value for value in result.column(column) if value is not None]
        write = _share(values) if kind == "share" else _number(values)
    return lambda value: "" if value is None else write(value)


def text(result: Result, column: str, value: Any) -> str:
    """One value of a column."""
    return writer(result, column)(value)


def _share(values: Sequence[Any]) -> Callable[[Any], str]:
    largest = max((abs(float(value)) for value in values), default=0)
    decimals = 2 if largest < _SMALL_SHARE else 1
    return lambda value: fmt.percent(float(value), decimals)


def _number(values: Sequence[Any]) -> Callable[[Any], str]:
    """As many decimals as the values have, two at most."""
    decimals = 0
    for value in values:
        if isinstance(value, (float, Decimal)):
            digits = f"{round(float(value), 2):.2f}".rstrip("0").partition(".")[2]
            decimals = max(decimals, len(digits))
    return lambda value: fmt.number(value, decimals)


def _month(value: date) -> str:
    return f"{value:%b %Y}"


def _flag(value: Any) -> str:
    return "yes" if value else "no"


_WRITERS: dict[Unit, Callable[[Any], str]] = {
    "money": lambda value: fmt.number(value, 2),
    "count": fmt.number,
    "rank": fmt.number,
    "stars": fmt.score,
    "p": fmt.probability,
    "month": _month,
    "day": fmt.day,
    "flag": _flag,
    "name": fmt.name,
    "city": fmt.city,
    "id": str,
    "text": str,
}
