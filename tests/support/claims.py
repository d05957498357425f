"""What a question's sentence claims, and whether the rows of its result bear it out.

``claims`` in the metadata of a question says for a place of the sentence
(``finding.peak_month``, ``first.category``) by which expression over the rows it can be found
again. ``evidence`` says what a ranking by a rate or a mean rests on. Each function returns what
is wrong, in words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any, cast

import duckdb

from dashboards.lib.ask.findings import case
from dashboards.lib.queries.questions import FINDING, Question, Result

SUPERLATIVE = re.compile(
    r"\b((?<!at )most|(?<!at )least|fewest|highest|lowest|peaks?|peaked|best|worst|largest"
    r"|smallest|strongest|weakest|fastest|slowest|leads?|longest|shortest|dearest|cheapest"
    r"|busiest)\b"
)
EXTREME = re.compile(r"(?:arg_)?(max|min)\((?:(\w+), )?(\w+)\)")
SAMPLED = {"share", "stars", "points", "number", "days"}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ALWAYS = {"95"}  # the level of an interval


@dataclass(frozen=True)
class Claims:
    """A question with its result on one warehouse.

    Attributes:
        question: As the page knows it.
        meta: All its metadata.
        result: Its rows.
        connection: To ask the rows again.
    """

    question: Question
    meta: Mapping[str, Any]
    result: Result
    connection: duckdb.DuckDBPyConnection

    @property
    def claims(self) -> Mapping[str, str]:
        """By what expression over the rows a place of the sentence is found again."""
        found: Mapping[str, str] = self.meta.get("claims", {})
        return found

    @cached_property
    def said(self) -> str:
        """The template that holds on this warehouse."""
        return case(self.question, self.result).say

    def value(self, place: str) -> object:
        """What stands at a place: of the sentence's columns, the first or the last row."""
        row, _, name = place.partition(".")
        column = f"{FINDING}{name}" if row == "finding" else name
        return self.result.column(column)[-1 if row == "last" else 0]

    def unproven(self, has_second_route: bool) -> Iterator[str]:
        """Columns of the sentence that neither the rows nor a second route bears out."""
        places = {place for one in self.question.finding for place in places_of(one.say)}
        places |= {f"finding.{one.when}" for one in self.question.finding if one.when}
        computed = {
            f"finding.{name.removeprefix(FINDING)}"
            for name in self.result.columns
            if name.startswith(FINDING)
        }
        for place in sorted(computed - places):
            yield f"{place} is in no sentence"
        if not has_second_route:
            for place in sorted(computed - set(self.claims)):
                yield f"{place} has no claim, and the question no second route"
        for place in sorted(set(self.claims) - places):
            yield f"the claim of {place} is of no sentence"
        for one in self.question.finding:
            if SUPERLATIVE.search(literal(one.say)) and not any(
                EXTREME.match(self.claims.get(place, "")) for place in places_of(one.say)
            ):
                yield f"no claim bears out the superlative of {one.say!r}"

    def broken(self) -> Iterator[str]:
        """Claims that the rows do not bear out."""
        if not self.claims:
            return
        columns = ", ".join(self.claims.values())
        row = self.connection.execute(
            f"with answer as materialized ({self.question.sql}) select {columns} from answer"
        ).fetchone()
        for (place, expression), found in zip(self.claims.items(), row or (), strict=True):
            if not is_same(self.value(place), found):
                yield f"{place} is {self.value(place)!r}, {expression} is {found!r}"

    def constants(self) -> Iterator[str]:
        """Figures that stand in a template itself, so that they would never change."""
        known = {*_ALWAYS, *_NUMBER.findall(self.question.text)}
        for one in self.question.finding:
            for figure in _NUMBER.findall(literal(one.say)):
                if figure not in known:
                    yield f"{figure} is written into {one.say!r}"

    def thin(self) -> Iterator[str]:
        """Rankings by a rate or a mean without what they rest on."""
        evidence = self.meta.get("evidence")
        ranked = self._ranked_by()
        if evidence is None:
            if ranked is not None:
                yield f"the rows are ranked by {ranked}, and no evidence is named"
            for place, column, _ in self._extremes():
                if column in self.result.fields:
                    yield f"{place} is an extreme of {column}, and no evidence is named"
            return
        if not {"low", "high"} <= set(evidence) and not {"volume", "least"} <= set(evidence):
            yield "evidence is an interval (low, high) or a least volume (volume, least)"
            return
        for place, column, key in self._extremes():
            yield from self._of_extreme(evidence, place, column, key)

    def _ranked_by(self) -> str | None:
        """The rate or mean that orders the rows, where nothing else does."""
        shown, fields = self.result.shown, self.result.fields
        if len(shown.rows) < 5:
            return None
        ordered = [name for name in shown.columns if _is_ordered(shown.column(name))]
        if any(fields[name].unit not in SAMPLED | {"rank"} for name in ordered):
            return None
        return next((one for one in ordered if fields[one].unit in SAMPLED), None)

    def _extremes(self) -> Iterator[tuple[str, str, str | None]]:
        """Place, column and key of each extreme of a rate or mean in the sentence said."""
        for place in places_of(self.said):
            extreme = EXTREME.match(self.claims.get(place, ""))
            if extreme is not None:
                key, column = extreme[2], extreme[3]
                field = self.result.fields.get(column)
                if field is not None and field.unit in SAMPLED:
                    yield place, column, key

    def _of_extreme(
        self, evidence: Mapping[str, Any], place: str, column: str, key: str | None
    ) -> Iterator[str]:
        value = self.value(place)
        rows = [dict(zip(self.result.columns, row, strict=True)) for row in self.result.rows]
        named = [row for row in rows if is_same(row[key or column], value)]
        if value is not None and not named:
            yield f"{place} ({value!r}) is in no row"
        if "volume" in evidence:
            least, volume = evidence["least"], evidence["volume"]
            bounds = [row[least] if isinstance(least, str) else least for row in named]
            # Several rows can have the same extreme; the sentence may speak of any of them.
            if named and all(
                row[volume] < bound for row, bound in zip(named, bounds, strict=True)
            ):
                yield f"{place} rests on {named[0][volume]}, less than {bounds[0]}"
        if "low" in evidence:
            for row in named:
                low, rate, high = row[evidence["low"]], row[column], row[evidence["high"]]
                if column == evidence["rate"] and not low <= rate <= high:
                    yield f"{place}: {rate} lies outside of {low} to {high}"
                is_claimed = case(self.question, self.result).when is not None
                if "against" in evidence and is_claimed:
                    base = row[evidence["against"]]
                    if low <= base <= high:
                        yield f"{place} is named, but {low} to {high} holds {base}"


def places_of(template: str) -> list[str]:
    """The places of a template, as ``finding.peak_month``."""
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def literal(template: str) -> str:
    """A template without its places."""
    return "".join(text for text, _, _, _ in Formatter().parse(template))


def is_same(one: object, other: object) -> bool:
    """Equal, numbers as far as questions round them."""
    if one is None or other is None or isinstance(one, (str, bool)):
        return bool(one == other)
    try:
        pair = float(cast("float", one)), float(cast("float", other))
        return math.isclose(*pair, rel_tol=1e-3, abs_tol=6e-5)
    except TypeError:
        return bool(one == other)


def _is_ordered(values: tuple[Any, ...]) -> bool:
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len(set(known)) < 4:
        return False
    return known == sorted(known) or known == sorted(known, reverse=True)
