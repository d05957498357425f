"""What every test may ask for. Fixtures of one kind of test live beside those tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.fixtures_warehouse",
    "tests.fixtures_project",
    "tests.fixtures_questions",
    "tests.fixtures_store",
]


@pytest.fixture(scope="session", autouse=True)
def _interrupts_reach_commands() -> None:
    """A shell that has the tests run in the background hands down that they are ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The key that signs backups is made where a user keeps settings: not in the real place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(scope="session")
def real_source() -> Path:
    """The real Olist files: a zip or a directory. Without them the test is skipped."""
    value = os.environ.get("OLIST_REAL_DATA")
    if not value:
        pytest.skip("OLIST_REAL_DATA does not name the real files")
    path = Path(value)
    if not path.exists():
        pytest.fail(f"OLIST_REAL_DATA names {value}, which does not exist")
    return path
