"""The questions of olist_dw_dbt/analyses/questions as typed data, compiled by dbt itself.

Which rules a question keeps is said by the tests; nothing here judges.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


class QuestionsDoNotCompileError(Exception):
    """dbt refused the questions; the message has the end of what it printed."""


def compile_questions(target: Path, database: Path) -> None:
    """Compile every question into a target directory.

    Args:
        target: Empty directory; dbt's target and the copy of the database go there.
        database: A published warehouse. dbt works on a copy, which is removed afterwards.

    Raises:
        QuestionsDoNotCompileError: dbt ended with an error.
    """
    copy = target / "olist.duckdb"
    shutil.copyfile(database, copy)
    finished = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "compile"),
            *("--select", "path:analyses/questions", "--target", "pipeline"),
            *("--target-path", str(target), "--log-path", str(target / "logs")),
        ],
        cwd=DBT_PROJECT,
        env=os.environ | {"OLIST_DBT_DATABASE": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    copy.unlink()
    if finished.returncode != 0:
        raise QuestionsDoNotCompileError(finished.stdout[-6000:] + finished.stderr[-2000:])


def read_questions(target: Path) -> dict[str, Question]:
    """The compiled questions of a target directory, by name."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return {
        node["name"]: Question(
            name=node["name"],
            description=node["description"],
            meta=node["config"]["meta"],
            columns={c["name"]: c["description"] for c in node["columns"].values()},
            sql=node["compiled_code"],
            template=node["raw_code"],
            reads=tuple(node["depends_on"]["nodes"]),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "analysis"
    }


def finding(question: Question, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    """The sentence that a question's template makes of its result.

    Raises:
        IndexError: There are no rows.
        AttributeError: The template names a column that the result does not have.
        TypeError: A value it formats is missing in the first or last row.
    """
    first, last = (
        SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in (rows[0], rows[-1])
    )
    template: str = question.meta["finding"]
    return template.format(first=first, last=last, rows=len(rows))
