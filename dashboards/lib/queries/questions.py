"""The questions that a published warehouse can be asked, and their results.

The SQL of a question is compiled by dbt, once for each state of the project
(``orchestration.dbt.questions``). Nothing here knows how a result is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb
import yaml

from dashboards.lib.queries.warehouse import DashboardDataError
from dashboards.lib.results import Column, ResultSet, Unit
from orchestration.dbt.questions import CompiledQuestion, QuestionsError, questions
from orchestration.settings import Settings

Mark = Literal["answerable", "proxy", "not in data"]
MARKS: tuple[Mark, ...] = get_args(Mark)

# The column in which a result that is no full answer says why.
_LIMIT_COLUMNS = ("proxy", "not_in_data")
# Columns of which the sentence is made, the same on each row: no part of the answer's table.
FINDING = "finding_"
_COLUMNS = Path(__file__).with_name("columns.yml")


@dataclass(frozen=True)
class ChartSpec:
    """How a result is drawn: which columns are its axes, and which is the value of a field."""

    kind: Literal["line", "bar", "heatmap", "scatter", "table"]
    x: str | None = None
    y: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True)
class Case:
    """A sentence, and the flag of the result that it needs to be true; without one it holds.

    Attributes:
        when: A ``finding_`` column, without the prefix.
        say: Template of the sentence; see ``dashboards.lib.ask.findings``.
    """

    when: str | None
    say: str


@dataclass(frozen=True)
class Question:
    """A question, with the query that answers it.

    Attributes:
        number: 1 to 100.
        name: Stem of its files in the dbt project.
        area: One of ten areas.
        tier: 1 weekly, 2 monthly, 3 quarterly, 4 ad hoc.
        text: The question.
        mark: How far the data answers it.
        description: What the rows of its result are.
        how_to_read: What to look at, and what not to conclude.
        metrics: Metrics it uses.
        chart: How its result is drawn.
        finding: Its sentences; the first that holds is said.
        columns: The columns of the result, in order, but those of the finding.
        reads: Models and seeds its query names.
        through: Models between the sources and those.
        sources: Source tables all of it comes from.
        sql: The query.
        list_sql: The query of the full list behind the answer; empty where there is none.
    """

    number: int
    name: str
    area: str
    tier: int
    text: str
    mark: Mark
    description: str
    how_to_read: str
    metrics: tuple[str, ...]
    chart: ChartSpec
    finding: tuple[Case, ...]
    columns: Mapping[str, Column]
    reads: tuple[str, ...]
    through: tuple[str, ...]
    sources: tuple[str, ...]
    sql: str
    list_sql: str = ""


class Result(ResultSet):
    """What the query of a question gave, the columns of its finding included."""

    @property
    def limit(self) -> str | None:
        """What the result itself says of its limits; the same on each row."""
        for name in _LIMIT_COLUMNS:
            if name in self.columns and self.rows:
                return str(self.column(name)[0])
        return None

    @property
    def taken(self) -> Result:
        """What a file has: all columns of the rows, without those of the finding."""
        return self.only([name for name in self.columns if not name.startswith(FINDING)])

    @property
    def shown(self) -> Result:
        """What a table has: the columns that do not say the same of the whole result."""
        taken = self.taken
        return taken.only([name for name in taken.columns if name not in _LIMIT_COLUMNS])


def load_questions(
    settings: Settings, on_compile: Callable[[], None] | None = None
) -> tuple[Question, ...]:
    """All questions, by number.

    Args:
        settings: Where the dbt project and the cache are.
        on_compile: Told before the seconds that compiling them takes, if it is needed.

    Raises:
        DashboardDataError: They cannot be compiled.
    """
    try:
        found = questions(settings.cache_dir, settings.dbt_project_dir, on_compile)
    except QuestionsError as error:
        raise DashboardDataError(str(error)) from error
    return tuple(sorted(map(from_compiled, found), key=lambda one: one.number))


def run_question(connection: duckdb.DuckDBPyConnection, question: Question) -> Result:
    """The result of a question."""
    return _run(connection, question.sql, question.columns)


def run_list(connection: duckdb.DuckDBPyConnection, question: Question) -> Result:
    """The full list behind an answer that shows its first rows or a summary."""
    return _run(connection, question.list_sql, {})


def _run(
    connection: duckdb.DuckDBPyConnection, sql: str, columns: Mapping[str, Column]
) -> Result:
    cursor = connection.execute(sql)
    names = tuple(column[0] for column in cursor.description or ())
    return Result(names, tuple(cursor.fetchall()), columns)


def areas(asked: Sequence[Question]) -> tuple[str, ...]:
    """The areas, in the order of their questions."""
    return tuple(dict.fromkeys(one.area for one in asked))


def from_compiled(one: CompiledQuestion) -> Question:
    """A question as the page and the command know it."""
    meta = one.meta
    return Question(
        number=meta["id"],
        name=one.name,
        area=meta["area"],
        tier=meta["tier"],
        text=meta["question"],
        mark=meta["answer"],
        description=one.description,
        how_to_read=meta["how_to_read"],
        metrics=tuple(meta["metrics"]),
        chart=ChartSpec(
            meta["chart"], meta.get("x"), tuple(meta.get("y", ())), meta.get("value")
        ),
        finding=_cases(meta["finding"]),
        columns={
            name: _column(name, words["description"], words["meta"])
            for name, words in one.columns.items()
        },
        reads=_names(one.reads),
        through=_names(one.through),
        sources=tuple(one.sources),
        sql=one.sql,
        list_sql=one.list_sql,
    )


def _cases(found: str | Sequence[Mapping[str, str]]) -> tuple[Case, ...]:
    """A template, or a list of them with their flags."""
    if isinstance(found, str):
        return (Case(None, found),)
    return tuple(
        Case(
            one["when"].removeprefix(FINDING) if "when" in one else None,
            " ".join(one["say"].split()),
        )
        for one in found
    )


def _column(name: str, description: str, meta: Mapping[str, Any]) -> Column:
    """A column by its own metadata, or else by that of its name."""
    unit, label = defaults().get(name, ("text", name.replace("_", " ").capitalize()))
    return Column(description, meta.get("label", label), meta.get("unit", unit))


@cache
def defaults() -> Mapping[str, tuple[Unit, str]]:
    """Unit and label by the name of a column."""
    content = yaml.safe_load(_COLUMNS.read_text(encoding="utf-8"))
    return {name: (unit, label) for name, (unit, label) in content.items()}


def _names(unique_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(unique_id.split(".")[-1] for unique_id in unique_ids)
