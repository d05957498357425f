"""What the columns of a question's result are called and measured in.

Both come from metadata: ``columns.yml`` by the name of the column, or the column's own ``meta``
in the question's yml. Nothing is read from the form of a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

# fmt: off
Unit = Literal[
    "money", "share", "count", "rank", "number", "stars", "points", "days", "hours", "months",
    "km", "p", "month", "day", "flag", "name", "city", "id", "text",
]
# fmt: on
UNITS: tuple[Unit, ...] = get_args(Unit)
_FILE = Path(__file__).with_suffix(".yml")


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes:
        description: What it holds.
        label: Its name for people, without the unit.
        unit: What its values are measured in, and so how they are written.
    """

    description: str
    label: str
    unit: Unit


def column(name: str, description: str, meta: Mapping[str, Any]) -> Column:
    """A column by its own metadata, or else by that of its name."""
    unit, label = defaults().get(name, ("text", name.replace("_", " ").capitalize()))
    return Column(description, meta.get("label", label), meta.get("unit", unit))


@cache
def defaults() -> Mapping[str, tuple[Unit, str]]:
    """Unit and label by the name of a column."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: (unit, label) for name, (unit, label) in content.items()}
