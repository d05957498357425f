"""The compiled questions, once a session for all workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.lib.queries.questions import Question as AskedQuestion
from dashboards.lib.queries.questions import from_compiled
from orchestration.dbt.questions import questions as compiled_questions
from orchestration.warehouse.store import open_reader
from tests.fixtures_project import DBT_TARGET
from tests.support import parse_cache
from tests.support.questions import DBT_PROJECT, Answers, Question, read_questions
from tests.support.shared_setup import shared_directory


@pytest.fixture(scope="session")
def questions(
    built_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Question]:
    """Every question by name. The SQL is the same for any warehouse: it names no database.

    They are kept in the cache of the generated warehouse, where the page /ask finds them too.
    """
    with pytest.MonkeyPatch.context() as patch:
        # Six seconds less, where dbt has read all of the project already for `dbt_target`.
        read_before = parse_cache.read_into(shared_directory(tmp_path_factory) / DBT_TARGET)
        if read_before.exists():
            patch.setenv(parse_cache.VARIABLE, str(read_before))
        return read_questions(built_warehouse.parent / "cache")


@pytest.fixture(scope="session")
def asked(built_warehouse: Path) -> dict[str, AskedQuestion]:
    """Every question by name, as the page and the command know it."""
    found = compiled_questions(built_warehouse.parent / "cache", DBT_PROJECT)
    return {one.name: from_compiled(one) for one in found}


@pytest.fixture(
    scope="session", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def answers(request: pytest.FixtureRequest) -> Iterator[Answers]:
    """What the questions give on generated data, and again on the real data."""
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    warehouse: Path = request.getfixturevalue(name)
    with open_reader(warehouse) as connection:
        yield Answers(connection)
