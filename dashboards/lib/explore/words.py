"""A question to the metrics as one line of text, and back.

    revenue_amount, num_sales by order_month, region where customer_state = SP, RJ
        from 2018-01-01 to 2018-06-30

The page keeps its choices in the address in the same names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from dashboards.lib.periods import Period
from dashboards.lib.query import Query

_TOKEN = re.compile(r'"(?:[^"]|"")*"|[,=]|[^\s,="]+')
_CLAUSES = ("metrics", "by", "where", "from", "to")
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
    tokens = _TOKEN.findall(text)
    if not tokens or _TOKEN.sub("", text).strip():
        raise WordsError(f"{text!r} is no question. {_FORM}")
    found: dict[str, list[str]] = {"metrics": []}
    clause = "metrics"
    for token in tokens:
        later = _CLAUSES[_CLAUSES.index(clause) + 1 :]
        if token.lower() in later and found[clause]:
            clause = token.lower()
            found[clause] = []
        else:
            found[clause].append(token)
    return Query(
        metrics=_names(found["metrics"], "metrics"),
        by=_names(found["by"], "dimensions") if "by" in found else (),
        where=_where(found["where"]) if "where" in found else {},
        period=_period(found) if {"from", "to"} & found.keys() else None,
    )


def write(query: Query) -> str:
    """A query as the line of text that :func:`parse` reads."""
    parts = [", ".join(query.metrics)]
    if query.by:
        parts.append(f"by {', '.join(query.by)}")
    filters = [
        f"{name} = {', '.join(map(_quoted, values))}"
        for name, values in query.where.items()
        if values
    ]
    if filters:
        parts.append(f"where {' and '.join(filters)}")
    if query.period is not None:
        parts.append(f"from {query.period.start} to {query.period.end}")
    return " ".join(parts)


def _names(tokens: Sequence[str], kind: str) -> tuple[str, ...]:
    names = tuple(" ".join(item) for item in _items(tokens))
    for name in names:
        if not re.fullmatch(r"\w+", name):
            raise WordsError(f"{name!r} among the {kind} is no name. {_FORM}")
    if len(set(names)) < len(names):
        raise WordsError(f"A name stands twice among the {kind}: {', '.join(names)}.")
    return names


def _where(tokens: list[str]) -> dict[str, tuple[str, ...]]:
    """The values of each filter: before an equals sign stands its name, before that ``and``."""
    found: dict[str, tuple[str, ...]] = {}
    equals = [place for place, part in enumerate(tokens) if part == "="]
    starts = [*(place - 1 for place in equals), len(tokens) + 1]
    ands = [tokens[start - 1].lower() for start in starts[1:-1]]
    if starts[0] != 0 or set(ands) - {"and"}:
        raise WordsError(f"{' '.join(tokens)!r} is no filter. {_FORM}")
    for place, end in zip(equals, starts[1:], strict=True):
        name = tokens[place - 1]
        if name in found:
            message = f"{name} is filtered twice; give its values once, separated by commas."
            raise WordsError(message)
        items = _items(tokens[place + 1 : end - 1])
        found[name] = tuple(" ".join(map(_unquoted, item)) for item in items)
        if "" in found[name]:
            raise WordsError(f"A value is missing after {name!r}. {_FORM}")
    return found


def _items(tokens: Sequence[str]) -> list[list[str]]:
    """What stands between commas."""
    items: list[list[str]] = [[]]
    for part in tokens:
        if part == ",":
            items.append([])
        else:
            items[-1].append(part)
    return items


def _unquoted(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


def _quoted(value: str) -> str:
    is_plain = re.fullmatch(r"[\w./-]+", value) and value.lower() not in {*_CLAUSES, "and"}
    doubled = value.replace('"', '""')
    return value if is_plain else f'"{doubled}"'


def _period(found: dict[str, list[str]]) -> Period:
    first, last = (" ".join(found.get(end, ())) for end in ("from", "to"))
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise WordsError(f"{first} to {last} are no days in order. {_FORM}") from error
