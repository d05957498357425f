"""Paths as people write them, in an option or a setting."""

from __future__ import annotations

import os
import re
from pathlib import Path


def expanded(text: str) -> Path:
    """A path with the home directory in the place of ``~``.

    Raises:
        ValueError: It would become a directory of an odd name instead of what was meant.
    """
    if not text.strip():
        message = "it is empty: name a path, or leave it out"
        raise ValueError(message)
    if any("\ud800" <= one <= "\udfff" for one in text):
        message = "its name is not UTF-8: rename it"
        raise ValueError(message)
    if not text.isprintable() and any(ord(one) < ord(" ") for one in text):
        message = "it holds a control character: see how the line that sets it ends"
        raise ValueError(message)
    if variable := re.match(r"\$\{?\w+\}?", text):
        message = f"{variable.group()} is not replaced here: write the path itself, or ~"
        raise ValueError(message)
    path = os.path.expanduser(text)  # noqa: PTH111 - Path would take ./~ for the home, too
    if not text.startswith("~"):
        return Path(path)
    user = text[1:].partition("/")[0]
    has_home = user or Path(os.environ.get("HOME", "/")).is_absolute()
    if path.startswith("~") or not has_home:
        whose = f"there is no user {user!r}" if user else "the variable HOME names no directory"
        message = f"{whose}: write the full path, or ./{text} for a directory of that name"
        raise ValueError(message)
    return Path(path)
