"""The hundred questions give the same rows in PostgreSQL as in DuckDB, compiled for each."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration.warehouse.versions import open_reader
from tests.support import postgres
from tests.support.questions import Question

Row = tuple[Any, ...]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a driver gives
    """Numbers to nine digits, whatever type a driver gives them; a midnight as its day."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return None if math.isnan(value) else float(f"{float(value):.9g}")
    if isinstance(value, datetime) and value == datetime.combine(
        value.date(), datetime.min.time()
    ):
        return value.date()
    return value


def _compiled_for_postgres(directory: Path) -> dict[str, str]:
    """The SQL of each question by its name, by dbt; it opens no database for that."""
    project = str(postgres.PROJECT)
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "compile", "--target", "postgres"),
            *("--select", "path:analyses/questions", "--no-introspect", "--no-populate-cache"),
            *("--project-dir", project, "--profiles-dir", project),
            *("--target-path", str(directory), "--log-path", str(directory)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    found = (directory / "compiled" / "olist_dw" / "analyses" / "questions").glob("*.sql")
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name", ["built_warehouse", pytest.param("real_warehouse", marks=pytest.mark.real_data)]
)
def test_the_questions_give_the_same_rows(
    name: str,
    request: pytest.FixtureRequest,
    questions: Mapping[str, Question],
    database: str,
    tmp_path: Path,
) -> None:
    warehouse: Path = request.getfixturevalue(name)
    postgres.publish(warehouse, database)
    compiled = _compiled_for_postgres(tmp_path)
    different = []
    with open_reader(warehouse) as duckdb, psycopg.connect(database, autocommit=True) as server:
        for question in questions.values():
            ours = duckdb.execute(question.sql).fetchall()
            theirs = server.execute(compiled[question.name].encode()).fetchall()
            if [tuple(map(_plain, row)) for row in ours] != [
                tuple(map(_plain, row)) for row in theirs
            ]:
                different.append(question.name)
    assert len(questions) == 100
    assert different == []
