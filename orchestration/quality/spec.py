"""What a check and a suite are, and short ways to write them.

A suite is about one table. Its measures (shares, means, counts) are columns of ONE query of one
row, so that a table is read once however many checks it has; its checks are expectations of
Great Expectations on that row. No bound stands here: those are in the suites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "warning"]
Unit = Literal["share", "number", "ratio", "days", "brl"]

# A share or a mean of fewer rows says nothing; three rows of a first night are no finding.
ENOUGH_ROWS = 100

# The load that the file holds last; its rows carry it as _batch_id.
LAST_BATCH = "(select batch_id from ops.load_audit order by loaded_at desc limit 1)"


@dataclass(frozen=True, slots=True)
class Previous:
    """A bound that is a multiple of a measure of the version before.

    Attributes:
        measure: The measure, of the same suite.
        times: What it is multiplied by.
        plus: What is added then: room for small numbers.
    """

    measure: str
    times: float
    plus: float = 0.0


Value = float | str | Sequence[str] | Previous


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation on the measures of a suite.

    Attributes:
        name: What holds if it passes, as a name; unique in its suite and severity.
        expectation: The class of Great Expectations, by name.
        kwargs: Its arguments; a :class:`Previous` is replaced by a number before it is asked.
        severity: critical stops the run, warning is published with.
        expected: What should hold, in words.
        advice: What to do if it does not, in words.
        unit: How the observed value is to be read.
        rows: A predicate on the suite's table that finds the rows at fault, or "".
        table: What it is about, if not its suite's table.
        is_across: Compares tables that a run with --select may leave at different ages.
    """

    name: str
    expectation: str
    kwargs: Mapping[str, Value]
    severity: Severity
    expected: str
    advice: str
    unit: Unit = "number"
    rows: str = ""
    table: str = ""
    is_across: bool = False

    @property
    def measure(self) -> str:
        """The measure it judges; "" where the expectation is about all of the query."""
        column = self.kwargs.get("column", "")
        return column if isinstance(column, str) else ""

    @property
    def needs_previous(self) -> bool:
        """Whether it can only be made where there is a version before."""
        return any(isinstance(value, Previous) for value in self.kwargs.values())


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one table.

    Attributes:
        table: ``schema.table``.
        checks: What is asked.
        measures: Name to SQL expression over the table; one query, one row.
        query: Instead of measures: a query whose rows the checks are about.
        flags: Name to predicate, computed once a row for the measures to use.
        key: Columns that name a row, for samples.
    """

    table: str
    checks: tuple[Check, ...]
    measures: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The query the checks are about."""
        if self.query:
            return self.query
        columns = ", ".join(f"{sql} as {name}" for name, sql in self.measures.items())
        flags = "".join(f", {sql} as {name}" for name, sql in self.flags.items())
        return f"select {columns} from (select *{flags} from {self.table}) as t"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure and its checks.

    Attributes:
        name: The measure, and of its checks.
        sql: An aggregate over the table, or over its ``flag``.
        checks: Its checks.
        flag: A predicate, named ``is_<name>``, that is computed once for each row.
    """

    name: str
    sql: str
    checks: tuple[Check, ...]
    flag: str = ""


def suite(table: str, *parts: Measured, key: tuple[str, ...] = ()) -> Suite:
    """Put measured parts together."""
    return Suite(
        table=table,
        checks=tuple(check for part in parts for check in part.checks),
        measures={part.name: part.sql for part in parts},
        flags={f"is_{part.name}": part.flag for part in parts if part.flag},
        key=key,
    )


def between(  # noqa: PLR0913 - the parts of a check, by keyword
    name: str,
    sql: str,
    *,
    expected: str,
    advice: str,
    critical: tuple[float | Previous | None, float | Previous | None] | None = None,
    warning: tuple[float | Previous | None, float | Previous | None] | None = None,
    unit: Unit = "number",
    flag: str = "",
    is_across: bool = False,
) -> Measured:
    """A measure that must lie between bounds; None as a bound or a value is not judged."""
    checks = []
    bounds: tuple[tuple[Severity, object], ...] = (("critical", critical), ("warning", warning))
    for severity, bound in bounds:
        if bound is None or not isinstance(bound, tuple):
            continue
        lowest, highest = bound
        kwargs: dict[str, Value] = {"column": name}
        kwargs |= {} if lowest is None else {"min_value": lowest}
        kwargs |= {} if highest is None else {"max_value": highest}
        words = f"{expected}: {bounds_in_words(kwargs, unit)}"
        checks.append(
            Check(
                name=name,
                expectation="ExpectColumnMaxToBeBetween",  # of one row: the measure itself
                kwargs=kwargs,
                severity=severity,
                expected=words,
                advice=advice,
                unit=unit,
                rows=flag,
                is_across=is_across,
            )
        )
    return Measured(name, sql, tuple(checks), flag)


def bounds_in_words(kwargs: Mapping[str, Value], unit: Unit) -> str:
    """The bounds of a check as people say them."""
    lowest, highest = (_say(kwargs.get(name), unit) for name in ("min_value", "max_value"))
    if lowest and highest:
        return lowest if lowest == highest else f"{lowest} to {highest}"
    return f"at most {highest}" if highest else f"at least {lowest}"


def in_unit(value: float, unit: Unit) -> str:
    """A number as people read it."""
    if unit == "share":
        return f"{value:.2%}"
    if unit == "brl":
        return f"R$ {value:,.2f}"
    if unit == "ratio":
        return f"{value:,.3g}"
    words = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return f"{words} days" if unit == "days" else words


def _say(value: Value | None, unit: Unit) -> str:
    if value is None:
        return ""
    if isinstance(value, Previous):
        plus = f" and {in_unit(value.plus, unit)}" if value.plus else ""
        return f"{value.times:g} times the version before{plus}"
    return in_unit(value, unit) if isinstance(value, (int, float)) else str(value)
