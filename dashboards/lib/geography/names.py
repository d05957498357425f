"""Names of places as people write them."""

from __future__ import annotations

_SMALL = frozenset({"da", "das", "de", "do", "dos", "e"})


def city_name(name: str) -> str:
    """A city of the data for people: ``rio de janeiro`` is ``Rio de Janeiro``.

    The data has no accents, and none are added.
    """
    words = name.split()
    return " ".join(
        word if index and word in _SMALL else _capitalised(word)
        for index, word in enumerate(words)
    )


def _capitalised(word: str) -> str:
    """``embu-guacu`` is ``Embu-Guacu``, ``d'oeste`` is ``D'Oeste``."""
    for mark in ("-", "'"):
        if mark in word:
            return mark.join(part[:1].upper() + part[1:] for part in word.split(mark))
    return word[:1].upper() + word[1:]
