"""The questions of olist_dw_dbt/analyses/questions as typed data, compiled by dbt itself.

Which rules a question keeps is said by the tests; nothing here judges.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.questions import _FILE
from orchestration.questions import questions as compiled_questions
from orchestration.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"
FOLDER = DBT_PROJECT / "analyses" / "questions"

# Names of all questions, known before dbt has run: tests have them as parameters.
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer as SQL.

    Attributes:
        name: Stem of its files.
        description: What its result is.
        meta: Its metadata, as the yml has it.
        columns: Descriptions of the result's columns, in order.
        sql: The compiled query.
        template: The query with its Jinja.
        reads: Unique ids of the models it reads.
    """

    name: str
    description: str
    meta: Mapping[str, Any]
    columns: Mapping[str, str]
    sql: str
    template: str
    reads: tuple[str, ...]


def lend_questions(cache_dir: Path, to: Path) -> None:
    """Put what was compiled in one cache, if it was, into another: dbt takes seconds."""
    kept = cache_dir / _FILE
    if kept.exists():
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, to)


def read_questions(cache_dir: Path) -> dict[str, Question]:
    """All questions by name, compiled by dbt unless the cache has them."""
    return {
        one.name: Question(
            name=one.name,
            description=one.description,
            meta=one.meta,
            columns=one.columns,
            sql=one.sql,
            template=(FOLDER / f"{one.name}.sql").read_text(encoding="utf-8"),
            reads=tuple(one.reads),
        )
        for one in compiled_questions(cache_dir, DBT_PROJECT)
    }
