"""The catalogue of questions: what the marks and tiers mean, and how one is found."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from dashboards.lib.queries.questions import Mark, Question

MARK_WORDS: dict[Mark, str] = {
    "answerable": "Answered from the data",
    "proxy": "Answered by a proxy: the data has no direct answer",
    "not in data": "Not answerable from this data; below is the nearest thing that is",
    "waits for a model": "Waits for a predictive model; below is the history to start from",
}
TIER_WORDS = {
    1: "tier 1: weekly review",
    2: "tier 2: monthly review",
    3: "tier 3: quarterly planning",
    4: "tier 4: ad hoc",
}


def find(
    asked: Sequence[Question],
    *,
    search: str = "",
    areas: Collection[str] = (),
    tiers: Collection[int] = (),
    marks: Collection[str] = (),
) -> tuple[Question, ...]:
    """The questions with every word of the search, of the areas, tiers and marks given."""
    words = _plain(search).split()
    return tuple(
        one
        for one in asked
        if all(word in _searched(one) for word in words)
        and (not areas or one.area in areas)
        and (not tiers or one.tier in tiers)
        and (not marks or one.mark in marks)
    )


def area_like(asked: Sequence[Question], text: str) -> str | None:
    """The one area whose name holds the text, or None where none or several do."""
    names = {one.area for one in asked if _plain(text) in _plain(one.area)}
    return names.pop() if len(names) == 1 else None


def _searched(question: Question) -> str:
    """All that a question is found by: its number, words, metrics and models."""
    texts = (
        str(question.number),
        question.text,
        question.description,
        *question.metrics,
        *question.reads,
    )
    return _plain(" ".join(texts))


def _plain(text: str) -> str:
    """Lower case, without accents and underscores."""
    letters = unicodedata.normalize("NFKD", text.replace("_", " ").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
