"""The catalogue of questions: what the marks and tiers mean, and how one is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from dashboards.lib.queries.questions import Mark, Question

MARK_WORDS: dict[Mark, str] = {
    "answerable": "Answered from the data",
    "proxy": "Answered by a proxy: the data has no direct answer",
    "not in data": "Not answerable from this data; below is the nearest thing that is",
}
_SHORTEST_PLURAL = 4
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
    """The questions with every word of the search, of the areas, tiers and marks given.

    Whole words count ("late" is not in "cumulative"), and so does a word that means the same in
    English or Portuguese.
    """
    same, ignored = _search_words()
    asks = [same.get(word, frozenset({word})) for word in _words(search) - ignored]
    return tuple(
        one
        for one in asked
        if _holds(one, asks)
        and (not areas or one.area in areas)
        and (not tiers or one.tier in tiers)
        and (not marks or one.mark in marks)
    )


def area_like(asked: Sequence[Question], text: str) -> str | None:
    """The one area whose name holds the text, or None where none or several do."""
    names = {one.area for one in asked if _plain(text) in _plain(one.area)}
    return names.pop() if len(names) == 1 else None


@cache
def _search_words() -> tuple[Mapping[str, frozenset[str]], frozenset[str]]:
    """The words that mean the same as each word, and those that say nothing."""
    path = Path(__file__).with_name("search_words.yml")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    groups = [_words(" ".join(map(str, group))) for group in content["same"]]
    ignored = _words(" ".join(map(str, content["ignored"])))
    return {word: group for group in groups for word in group}, ignored


def _holds(question: Question, asks: Sequence[frozenset[str]]) -> bool:
    """Whether each word of a search, or one that means the same, is among the question's."""
    texts = (question.text, question.description, *question.metrics, *question.reads)
    known = _words(" ".join((str(question.number), *texts)))
    return all(not same.isdisjoint(known) for same in asks)


def _words(text: str) -> frozenset[str]:
    """The words of a text in their plain form: no accents, no plural."""
    return frozenset(_singular(word) for word in re.findall(r"\w+", _plain(text)))


def _singular(word: str) -> str:
    if len(word) > _SHORTEST_PLURAL:
        for plural, singular in (("ies", "y"), ("oes", "ao"), ("res", "r")):
            if word.endswith(plural):
                return word.removesuffix(plural) + singular
    return word[:-1] if len(word) >= _SHORTEST_PLURAL and word.endswith("s") else word


def _plain(text: str) -> str:
    """Lower case, without accents and underscores."""
    letters = unicodedata.normalize("NFKD", text.replace("_", " ").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
