"""The compiled questions, once a session for all workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.lib.queries.questions import Question as AskedQuestion
from dashboards.lib.queries.questions import from_compiled
from orchestration.dbt.questions import questions as compiled_questions
from orchestration.warehouse.store import open_reader
from tests.support.questions import DBT_PROJECT, Answers, Question, read_questions


@pytest.fixture(scope="session")
def questions(built_warehouse: Path) -> dict[str, Question]:
    """Every question by name. The SQL is the same for any warehouse: it names no database.

    They are kept in the cache of the generated warehouse, where the page /ask finds them too.
    """
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
