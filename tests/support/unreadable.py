"""A directory that may not be read, also where the tests are run by root."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_NOBODY = 65534


@contextlib.contextmanager
def unreadable(directory: Path) -> Iterator[None]:
    """Within the block the directory is closed, and this process is no longer root."""
    mode, user = directory.stat().st_mode, os.geteuid()
    directory.chmod(0o000)
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        directory.chmod(mode)
