"""Paths as users write them: what they mean, and what cannot be meant.

Which settings are paths is in ``orchestration.settings``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from orchestration.errors import SettingsError


def from_here(value: str | Path, name: str) -> Path:
    """A path as a user gives it to a command: it counts from where they stand.

    Args:
        value: The path; ``~`` is the home directory, which a shell leaves to us behind ``=``.
        name: The option, for messages.

    Raises:
        SettingsError: It is empty, no such user has a home, or the place is gone.
    """
    if not str(value).strip():
        message = f"{name} is empty. Name a path, or leave it out."
        raise SettingsError(message)
    try:
        path = expanded(str(value))
        return path if path.is_absolute() else Path.cwd() / path
    except ValueError as error:
        message = f"{name} is {str(value)!r}, but {error}."
        raise SettingsError(message) from error
    except FileNotFoundError as error:
        message = (
            f"{name} is {str(value)!r}, which counts from the directory you are in, but that "
            "one no longer exists. Change to another by cd, or give a full path."
        )
        raise SettingsError(message) from error


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


def no_address(text: str) -> str:
    """A source that is no address of the web.

    Raises:
        ValueError: It is one.
    """
    if re.match(r"[a-z][a-z0-9+.-]*://", text.strip(), re.IGNORECASE):
        message = (
            "a source is a file or a directory of this machine: download the zip and name it, "
            "or give 'kaggle', which downloads it"
        )
        raise ValueError(message)
    return text


def as_meant(text: str) -> str:
    """A path of the environment: what reads such files may keep quotes and blanks."""
    has_quotes = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    if text.strip() and (text != text.strip() or has_quotes):
        message = "the quotes or blanks around it are part of it: remove them"
        raise ValueError(message)
    return text
