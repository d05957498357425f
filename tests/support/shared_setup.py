"""Make something costly once a session, for all workers of the test run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def shared_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that all workers of the test run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A directory that the first worker to ask fills; the others wait for it.

    Args:
        tmp_path_factory: pytest's own.
        name: Name of the directory, one for each thing made.
        make: Fills the empty directory it is given.

    Returns:
        The directory. Where making it failed, the test that asks fails.
    """
    shared = shared_directory(tmp_path_factory)
    directory = shared / name
    begun, finished = shared / f"{name}.begun", shared / f"{name}.finished"
    with FileLock(shared / f"{name}.lock"):
        if not finished.exists():
            if begun.exists():
                pytest.fail(f"{name} could not be made; another test shows why.")
            begun.touch()
            directory.mkdir()
            make(directory)
            finished.touch()
    return directory
