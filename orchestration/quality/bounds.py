"""The bounds of a gate, ``olist_dw_dbt/quality/<gate>.yml``: read, and said in words.

No measure is taken here: see ``measures``. The top of the files says what fields mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.errors import PipelineError
from orchestration.runs.summary import GateName
from orchestration.settings import PROJECT_ROOT

QUALITY_DIR = PROJECT_ROOT / "olist_dw_dbt" / "quality"
EVERY_TABLE = "every_table"
GATES: tuple[GateName, ...] = ("raw", "marts")

Severity = Literal["critical", "warning"]
Unit = Literal["share", "number", "ratio", "days"]

# The C library reads YAML ten times as fast; it is in the wheels, and not everywhere.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BoundsError(PipelineError):
    """A file of bounds does not say what it must."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Relative(_Entry):
    """A bound that moves with the same measure of the version before."""

    times: float = 1.0
    plus: float = 0.0


class Range(_Entry):
    """From where to where a measure may lie; None leaves an end open."""

    low: float | Relative | None = None
    high: float | Relative | None = None

    @property
    def is_relative(self) -> bool:
        """Whether there must be a version before."""
        return isinstance(self.low, Relative) or isinstance(self.high, Relative)

    def beside(self, before: float | None) -> Range | None:
        """With numbers for what moves; None where there is no measure before to move with."""
        if not self.is_relative:
            return self
        if before is None:
            return None
        numbers = {
            name: before * bound.times + bound.plus if isinstance(bound, Relative) else bound
            for name, bound in (("low", self.low), ("high", self.high))
        }
        return Range(**numbers)


class Check(_Entry):
    """One measure and what it is held to; the fields are those of the file."""

    expected: str
    why: str
    advice: str
    unit: Unit = "number"
    critical: Range | None = None
    warning: Range | None = None
    rows: str = ""
    show: tuple[str, ...] = ()
    is_across: bool = False


class Subject(_Entry):
    """The checks of one table, or of every table."""

    key: tuple[str, ...] = ()
    checks: dict[str, Check]


@dataclass(frozen=True, slots=True)
class Bound:
    """One check of one table at one severity.

    Attributes:
        table: Without its schema, which is the gate's name.
        name: The check and its measure.
        severity: critical stops a run, warning is published with.
        range: What the measure must lie in.
        check: What else is known of it.
        subject: The file that measures it: that of the table, or of every table.
        key: Columns that name a row of the table.
    """

    table: str
    name: str
    severity: Severity
    range: Range
    check: Check
    subject: str
    key: tuple[str, ...]

    def expected(self, known: Range) -> str:
        """What should hold, in words; ``known`` has numbers for bounds that move."""
        unit = self.check.unit
        words = f"{self.check.expected}: {range_in_words(self.range, unit)}"
        return words if known == self.range else f"{words} ({range_in_words(known, unit)})"


@cache
def read_subjects(gate: GateName) -> dict[str, Subject]:
    """The tables of a gate, in the order of its file; the first one is ``every_table``.

    Raises:
        BoundsError: The file says something else than bounds.
    """
    path = QUALITY_DIR / f"{gate}.yml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe
        del content["texts"]
        return {name: Subject.model_validate(one) for name, one in content.items()}
    except (OSError, yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        message = (
            f"{path} cannot be read as bounds: {error}. Its first lines say how they look."
        )
        raise BoundsError(message) from error


def tables_of(gate: GateName) -> tuple[str, ...]:
    """The tables that a gate is about, without their schema."""
    return tuple(name for name in read_subjects(gate) if name != EVERY_TABLE)


def read_bounds(gate: GateName) -> Iterator[Bound]:
    """All checks, table by table, the critical ones first.

    Raises:
        BoundsError: The file says something else than bounds.
    """
    subjects = read_subjects(gate)
    for table in tables_of(gate):
        for subject in (EVERY_TABLE, table):
            for name, check in subjects[subject].checks.items():
                severities: tuple[Severity, ...] = ("critical", "warning")
                for severity in severities:
                    found: Range | None = getattr(check, severity)
                    if found is not None:
                        key = subjects[table].key
                        yield Bound(table, name, severity, found, check, subject, key)


def range_in_words(bounds: Range, unit: Unit) -> str:
    """Bounds as people say them."""
    low, high = (_bound_in_words(one, unit) for one in (bounds.low, bounds.high))
    if low and high:
        return low if low == high else f"{low} to {high}"
    return f"at most {high}" if high else f"at least {low}"


def in_unit(value: float, unit: Unit) -> str:
    """A number as people read it."""
    if unit == "share":
        return f"{value:.2%}"
    if unit == "ratio":
        return f"{value:,.3g}"
    words = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return f"{words} days" if unit == "days" else words


def _bound_in_words(bound: float | Relative | None, unit: Unit) -> str:
    if bound is None:
        return ""
    if isinstance(bound, Relative):
        plus = f" and {in_unit(bound.plus, unit)}" if bound.plus else ""
        return f"{bound.times:g} times the version before{plus}"
    return in_unit(bound, unit)


def checks_in_markdown() -> str:
    """Every check as the table of docs/data_quality.md."""
    heading = ("table", "check", "measured", "critical unless", "warning unless", "why")
    lines = [_line(heading), "|---" * len(heading) + "|"]
    for gate in GATES:
        for table, subject in read_subjects(gate).items():
            for name, check in subject.checks.items():
                shown = f"{gate}.{'*' if table == EVERY_TABLE else table}"
                ranges = (
                    range_in_words(one, check.unit) if one is not None else ""
                    for one in (check.critical, check.warning)
                )
                lines.append(_line((f"`{shown}`", name, check.expected, *ranges, check.why)))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
