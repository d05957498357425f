"""Texts with places for figures: ``Revenue was {revenue_amount.short} {when}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_PLACE = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


def names_in(text: str) -> Iterator[str]:
    """The names of a template's places."""
    for found in _PLACE.finditer(text):
        yield found[1]


def filled(text: str, write: Callable[[str, str], str | None]) -> str | None:
    """A template with its places filled.

    Args:
        text: The template.
        write: Gives the words for a name and its form (empty for the plain one); None where
            there is no figure.

    Returns:
        The text, or None where one of its figures is missing.
    """
    words = [write(found[1], found[2] or "") for found in _PLACE.finditer(text)]
    if any(one is None for one in words):
        return None
    parts = iter(words)
    return _PLACE.sub(lambda _: next(parts) or "", text)
