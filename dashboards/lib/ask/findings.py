"""The finding of a question: a sentence made of its result.

A question has one template, or several cases: the first is said whose flag is true in the
result. A template speaks of what the query computed for it (``{finding.peak_month:%b %Y}`` is
its column ``finding_peak_month``), of the ``first`` and the ``last`` row and of the number of
``rows``. What stands behind the colon is Python's format for numbers and dates, or how else a
value is written: ``name`` and ``city`` of words, ``id`` for the start of
an id, ``p`` of the probability of a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.queries.questions import FINDING, Case, Question, Result, run_question
from dashboards.lib.queries.warehouse import published

_SPEC = re.compile(r"(?P<sign>\+?),?(?:\.(?P<decimals>\d+))?(?P<kind>[f%]?)")
_NO_ROWS = "Nothing in the data matches this question, so there is no finding."
# A currency and its number stay on one line, and the sign stands before both.
_CURRENCY = re.compile(r"R\$\s+(\N{MINUS SIGN}?)")
# The first characters of an id identify it, and a sentence stays readable.
_WORDS: dict[str, Callable[[str], str]] = {
    "name": fmt.name,
    "city": fmt.city,
    "id": lambda value: value[:8],
}


def all_findings(published_path: Path, asked: Sequence[Question]) -> Mapping[int, str]:
    """The finding of each question by its number; takes two seconds.

    Raises:
        DashboardDataError: The published warehouse lacks what a question reads.
    """
    with published(published_path) as connection:
        return {one.number: finding(one, run_question(connection, one)) for one in asked}


def finding(question: Question, result: Result) -> str:
    """The sentence that a question makes of its result."""
    if not result.rows:
        return _NO_ROWS
    first, last = (dict(zip(result.columns, result.rows[n], strict=True)) for n in (0, -1))
    text = _Figures(result).format(
        case(question, result).say,
        finding=SimpleNamespace(**_computed(result)),
        first=SimpleNamespace(**first),
        last=SimpleNamespace(**last),
        rows=len(result.rows),
    )
    return _CURRENCY.sub("\\1R$\N{NO-BREAK SPACE}", text)


def case(question: Question, result: Result) -> Case:
    """The case that holds; the last one has no condition."""
    computed = _computed(result)
    return next(one for one in question.finding if one.when is None or computed[one.when])


def _computed(result: Result) -> dict[str, Any]:
    """What the query computed for the sentence."""
    return {
        name.removeprefix(FINDING): value
        for name, value in zip(result.columns, result.rows[0], strict=True)
        if name.startswith(FINDING)
    }


class _Figures(Formatter):
    """Writes figures as all pages do."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """A value by its place; a word of the data as people write it."""
        value, key = super().get_field(field_name, args, kwargs)
        column = self._result.fields.get(field_name.rpartition(".")[2])
        if isinstance(value, str) and column is not None:
            value = column.writer([value])(value)
        return value, key

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value of the sentence."""
        if value is None:
            return fmt.NOT_AVAILABLE
        if isinstance(value, date):
            return f"{value:{format_spec}}".lstrip("0") if format_spec else fmt.day(value)
        if isinstance(value, str):
            return _WORDS.get(format_spec, str)(value)
        if format_spec == "p":
            text = fmt.probability(value)
            return f"p {text}" if text.startswith("<") else f"p = {text}"
        return _number(value, format_spec)


def _number(value: int | float | Decimal, spec: str) -> str:
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        message = f"{spec!r} is no format of a finding: give one such as ,.0f or +.1%"
        raise ValueError(message)
    decimals = int(parts["decimals"] or 0)
    if not parts["decimals"] and isinstance(value, float):
        decimals = 0 if value.is_integer() else 2
    write = fmt.percent if parts["kind"] == "%" else fmt.number
    text = write(value, decimals)  # type: ignore[arg-type]
    return f"+{text}" if parts["sign"] and value > 0 and text.strip("0.%") else text
