"""What every test may ask for. Fixtures of one kind of test live beside those tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.fixtures_warehouse",
    "tests.fixtures_questions",
    "tests.fixtures_project",
]


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
