"""The compiled questions, once a session for all workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.once import made_once
from tests.support.questions import Question, compile_questions, read_questions


@pytest.fixture(scope="session")
def questions(
    tmp_path_factory: pytest.TempPathFactory, built_warehouse: Path
) -> dict[str, Question]:
    """Every question by name. The SQL is the same for any warehouse: it names no database."""
    target = made_once(
        tmp_path_factory,
        "compiled_questions",
        lambda directory: compile_questions(directory, built_warehouse),
    )
    return read_questions(target)
