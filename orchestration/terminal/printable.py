"""Text of the data as a terminal and a log may have it: nothing in it is a command.

Files of others name sources, columns and values. An escape sequence among them would repaint
the terminal that shows a message, and a mark of direction turn its words round.
"""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """The text, with what is neither printed nor a space nor a line end written out as code."""
    if text.isprintable():
        return text
    return "".join(one if _is_harmless(one) else repr(one)[1:-1] for one in text)


def _is_harmless(one: str) -> bool:
    # Python calls only one of the spaces printable; amounts have a no-break space.
    return one.isprintable() or one in "\n\t" or unicodedata.category(one) == "Zs"
