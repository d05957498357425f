"""Rows with the meaning of their columns: how each is headed, and how its values are written.

What questions, metrics and free SQL give is such a result; how it becomes a chart, a table of a
page, a file or text on a terminal is written once for all (``result_charts``, ``result_parts``,
``files``, ``console``). Nothing is read from the form of a column's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, Self, get_args

from dashboards.lib import format as fmt

# fmt: off
Unit = Literal[
    "money", "share", "count", "rank", "number", "stars", "points", "days", "hours", "months",
    "km", "p", "month", "day", "flag", "name", "city", "id", "text",
]
# fmt: on
UNITS: tuple[Unit, ...] = get_args(Unit)
Words = Callable[[Any], str]

_WORDS: frozenset[Unit] = frozenset({"month", "day", "flag", "name", "city", "id", "text"})
# Beside the label, where the values do not say it themselves.
_SUFFIXES: dict[Unit, str] = {
    "money": "R$",
    "points": "points",
    "days": "days",
    "hours": "hours",
    "months": "months",
    "km": "km",
}
_SMALL_SHARE = 0.1
_WRITERS: dict[Unit, Words] = {
    "money": lambda value: fmt.number(value, 2),
    "count": fmt.number,
    "rank": fmt.number,
    "stars": fmt.score,
    "p": fmt.probability,
    "month": lambda value: f"{value:%b %Y}",
    "day": fmt.day,
    "flag": lambda value: "yes" if value else "no",
    "name": fmt.name,
    "city": fmt.city,
    "id": str,
    "text": str,
}


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes:
        description: What it holds.
        label: Its name for people, without the unit.
        unit: What its values are measured in, and so how they are written.
        words: How they are written where the unit alone does not say it, with their unit.
    """

    description: str
    label: str
    unit: Unit
    words: Words | None = None

    @property
    def heading(self) -> str:
        """Its name for people, with the unit where the values do not say it."""
        suffix = None if self.words else _SUFFIXES.get(self.unit)
        return self.label if suffix is None else f"{self.label} ({suffix})"

    @property
    def is_number(self) -> bool:
        """Whether its values are figures: they stand to the right, and can be drawn."""
        return self.unit not in _WORDS

    def writer(self, values: Sequence[Any]) -> Words:
        """What writes its values, given all of them; a missing one is left empty."""
        write = self.words or _WRITERS.get(self.unit)
        if write is None:
            known = [value for value in values if value is not None]
            write = _share(known) if self.unit == "share" else _number(known)
        return lambda value: "" if value is None else write(value)


@dataclass(frozen=True)
class ResultSet:
    """What was asked for, as rows.

    Attributes:
        columns: Names of the columns, as programs take them.
        rows: In the order in which they are shown; money is exact, shares are 0 to 1.
        fields: What the columns are; one that is not among them is text.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    fields: Mapping[str, Column] = field(default_factory=dict)

    def meaning(self, name: str) -> Column:
        """What a column is."""
        return self.fields.get(name) or Column("", name, "text")

    def column(self, name: str) -> tuple[Any, ...]:
        """The values of one column, row by row."""
        position = self.columns.index(name)
        return tuple(row[position] for row in self.rows)

    def writer(self, name: str) -> Words:
        """What writes the values of one column."""
        return self.meaning(name).writer(self.column(name))

    def texts(self, name: str) -> list[str]:
        """The values of one column as people read them, row by row."""
        return list(map(self.writer(name), self.column(name)))

    @property
    def headings(self) -> tuple[str, ...]:
        """The names of the columns for people; those alike are distinguished by a number."""
        found: list[str] = []
        for name in self.columns:
            words = self.meaning(name).heading
            same = sum(one == words or one.startswith(f"{words} (") for one in found)
            found.append(f"{words} ({same + 1})" if words in found else words)
        return tuple(found)

    def only(self, names: Sequence[str]) -> Self:
        """Some of its columns."""
        places = [self.columns.index(name) for name in names]
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return replace(self, columns=tuple(names), rows=rows)

    def records(self) -> list[dict[str, Any]]:
        """One dict a row, for the page; money as numbers, so that it sorts by size."""
        return [
            {
                heading: float(value) if isinstance(value, Decimal) else value
                for heading, value in zip(self.headings, row, strict=True)
            }
            for row in self.rows
        ]


def _share(values: Sequence[Any]) -> Words:
    largest = max((abs(float(value)) for value in values), default=0)
    decimals = 2 if largest < _SMALL_SHARE else 1
    return lambda value: fmt.percent(float(value), decimals)


def _number(values: Sequence[Any]) -> Words:
    """As many decimals as the values have, two at most."""
    decimals = 0
    for value in values:
        if isinstance(value, float | Decimal):
            digits = f"{round(float(value), 2):.2f}".rstrip("0").partition(".")[2]
            decimals = max(decimals, len(digits))
    return lambda value: fmt.number(value, decimals)
