"""What every test may ask for. Fixtures of one kind of test live beside those tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = [
    "tests.fixtures_warehouse",
    "tests.fixtures_project",
    "tests.fixtures_questions",
]

# What these compute, and the browser with what it has compiled, is shared by their tests: they
# are to stay on one worker each.
SECOND_ROUTE = "tests/integration/second_route/"
BROWSER = "tests/e2e/"

# The order in which files begin: one that asks for the generated warehouse and dbt's reading
# of the project, which most others wait for; what needs neither; then what takes longest, but
# browser tests late enough for their first server to find that reading done.
_ORDER = (
    "tests/conventions/test_descriptions.py",
    "tests/integration/synthetic/",
    "tests/unit/",
    SECOND_ROUTE,  # has the real warehouse built
    "tests/integration/test_load_",
    BROWSER,
    "tests/integration/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files into their order; tests of a file stay in theirs."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(name: str) -> int:
    return next((n for n, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401
    """Keep the tests of a file on one worker, and all that share more."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - may be switched off

    class ByFile(LoadFileScheduling):  # type: ignore[misc] # has no types
        def _split_scope(self, nodeid: str) -> str:
            together = (one for one in (SECOND_ROUTE, BROWSER) if nodeid.startswith(one))
            return next(together, super()._split_scope(nodeid))

    return ByFile(config, log)


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
