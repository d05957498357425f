"""The finding of a question: one sentence, made of its result by its template.

A template speaks of the ``first`` and the ``last`` row and of the number of ``rows``:
``{first.category} brings R$ {first.revenue_amount:,.0f}``. What stands behind the colon is
Python's format for numbers and dates; how they look is the affair of ``format``, so that the
figures of a finding read like all others.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from string import Formatter
from types import SimpleNamespace
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.ask import cells
from dashboards.lib.queries.questions import Question, Result

_SPEC = re.compile(r"(?P<sign>\+?),?(?:\.(?P<decimals>\d+))?(?P<kind>[f%]?)")
_NO_ROWS = "Nothing in the data matches this question, so there is no finding."
# A currency and its number stay on one line, and the sign stands before both.
_CURRENCY = re.compile(r"R\$\s+(\N{MINUS SIGN}?)")


def finding(question: Question, result: Result) -> str:
    """The sentence that a question's template makes of its result."""
    if not result.rows:
        return _NO_ROWS
    first, last = (
        SimpleNamespace(**dict(zip(result.columns, row, strict=True)))
        for row in (result.rows[0], result.rows[-1])
    )
    text = _Figures().format(question.finding, first=first, last=last, rows=len(result.rows))
    return _CURRENCY.sub("\\1R$\N{NO-BREAK SPACE}", text)


class _Figures(Formatter):
    """Writes figures as all pages do."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """A value by its place; a word of the data as people write it."""
        value, key = super().get_field(field_name, args, kwargs)
        if isinstance(value, str):
            value = cells.text(field_name.rpartition(".")[2], value)
        return value, key

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value of the sentence."""
        if value is None:
            return fmt.NOT_AVAILABLE
        if isinstance(value, date):
            return f"{value:{format_spec}}".lstrip("0") if format_spec else fmt.day(value)
        return value if isinstance(value, str) else _number(value, format_spec)


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
