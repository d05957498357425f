"""Paths as users write them: what they mean, and what cannot be meant.

Which settings are paths is in ``orchestration.settings``; ``extract.paths`` replaces ``~``.
"""

from __future__ import annotations

import re
from pathlib import Path

from extract.paths import expanded
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


def no_address(text: str) -> str:
    """A source that is no address of the web.

    Raises:
        ValueError: It is one.
    """
    if re.match(r"[a-z][a-z0-9+.-]*://", text.strip(), re.IGNORECASE):
        message = (
            "a source is a file or a directory of this machine, or the postgresql:// of a "
            "shop: download the zip and name it, or give 'kaggle', which downloads it"
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
