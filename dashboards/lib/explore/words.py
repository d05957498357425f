"""A question to the metrics as one line of text, and back.

    revenue_amount, num_sales by order_month, region where customer_state = SP, RJ
        from 2018-01-01 to 2018-06-30

The page keeps its choices in the address in the same names.
"""

from __future__ import annotations

import re
from datetime import date

from dashboards.lib.periods import Period
from dashboards.lib.query import Query

_LINE = re.compile(
    r"^\s*(?P<metrics>.+?)"
    r"(?:\s+by\s+(?P<by>.+?))?"
    # What stands in quotes is passed over whole: a value may hold any of these words.
    r"(?:\s+where\s+(?P<where>(?:\"[^\"]*\"|[^\"])+?))?"
    r"(?:\s+from\s+(?P<first>\S+)\s+to\s+(?P<last>\S+))?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_FILTER = re.compile(
    r"((?:\"[^\"]*\"|[^\"])+?)(?:\s+and\s+(?=\w+\s*=)|\s*$)", re.IGNORECASE | re.DOTALL
)
_VALUE = re.compile(r"\s*(?:\"((?:[^\"]|\"\")*)\"|([^,\"]+))\s*(?:,|$)")
_FORM = (
    "Write it as: METRIC[, METRIC] [by DIMENSION[, DIMENSION]] "
    "[where DIMENSION = VALUE[, VALUE] [and ...]] [from YYYY-MM-DD to YYYY-MM-DD]."
)


class WordsError(ValueError):
    """The text is no question; says what is wrong with it and what the form is."""


def parse(text: str) -> Query:
    """The query that a line of text asks for; names are checked when it is asked.

    Raises:
        WordsError: The text has not the form of a question.
    """
    found = _LINE.match(text)
    if found is None or not text.strip():
        raise WordsError(f"{text!r} is no question. {_FORM}")
    return Query(
        metrics=_names(found["metrics"], "metrics"),
        by=_names(found["by"], "dimensions") if found["by"] else (),
        where=_where(found["where"]) if found["where"] else {},
        period=_period(found["first"], found["last"]) if found["first"] else None,
    )


def write(query: Query) -> str:
    """A query as the line of text that :func:`parse` reads."""
    parts = [", ".join(query.metrics)]
    if query.by:
        parts.append(f"by {', '.join(query.by)}")
    filters = [
        f"{name} = {', '.join(_quoted(value) for value in values)}"
        for name, values in query.where.items()
        if values
    ]
    if filters:
        parts.append(f"where {' and '.join(filters)}")
    if query.period is not None:
        parts.append(f"from {query.period.start} to {query.period.end}")
    return " ".join(parts)


def _names(text: str, kind: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not re.fullmatch(r"\w+", name):
            raise WordsError(f"{name!r} among the {kind} is no name. {_FORM}")
    if len(set(names)) < len(names):
        raise WordsError(f"A name stands twice among the {kind}: {text.strip()}.")
    return names


def _where(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in _FILTER.findall(text):
        name, equals, values = part.partition("=")
        name = name.strip()
        if not equals or not re.fullmatch(r"\w+", name):
            raise WordsError(f"{part.strip()!r} is no filter. {_FORM}")
        if name in found:
            message = f"{name} is filtered twice; give its values once, separated by commas."
            raise WordsError(message)
        found[name] = tuple(_values(values))
    return found


def _values(text: str) -> list[str]:
    """Values between commas; one in quotes may hold a comma, and quotes doubled."""
    values = [
        quoted.replace('""', '"') if quoted or not plain else plain.strip()
        for quoted, plain in _VALUE.findall(text)
    ]
    if not values or "" in values or _VALUE.sub("", text).strip() or text.rstrip()[-1] == ",":
        raise WordsError(f"A value is missing in {text.strip()!r}. {_FORM}")
    return values


def _quoted(value: str) -> str:
    is_plain = re.fullmatch(r"[\w ./-]+", value) and value == value.strip()
    if is_plain and not re.search(r"\b(by|where|and|from|to)\b", value, re.IGNORECASE):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _period(first: str, last: str) -> Period:
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise WordsError(f"{first} to {last} are no days in order. {_FORM}") from error
