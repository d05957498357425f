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


# The order in which files begin: one that asks for the generated warehouse and dbt's reading
# of the project, which most others wait for; what needs neither; then what takes longest.
_ORDER = (
    "tests/conventions/test_descriptions.py",
    "tests/integration/synthetic/",
    "tests/unit/",
    "tests/integration/test_independent_route.py",  # has the real warehouse built
    "tests/e2e/",
    "tests/integration/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files into their order; tests of a file stay in theirs."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(name: str) -> int:
    return next((n for n, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))


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
