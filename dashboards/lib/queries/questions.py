"""The questions that a published warehouse can be asked, and their results.

The SQL of a question is compiled by dbt, once for each state of the project
(``orchestration.questions``). Nothing here knows how a result is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import duckdb

from dashboards.lib.queries.columns import Column, column
from dashboards.lib.queries.warehouse import DashboardDataError
from dashboards.lib.tables import exact_csv
from orchestration.questions import CompiledQuestion, QuestionsError, questions
from orchestration.settings import Settings

Mark = Literal["answerable", "proxy", "not in data", "waits for a model"]
MARKS: tuple[Mark, ...] = get_args(Mark)
ChartKind = Literal["line", "bar", "heatmap", "scatter", "table"]

# The column in which a result that is no full answer says why.
_LIMIT_COLUMNS = ("proxy", "not_in_data", "waits_for_model")
# Columns of which the sentence is made, the same on each row: no part of the answer's table.
FINDING = "finding_"


@dataclass(frozen=True)
class ChartSpec:
    """How a result is drawn: which columns are its axes, and which is the value of a field."""

    kind: ChartKind
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


@dataclass(frozen=True)
class Result:
    """What a query gave.

    Attributes:
        columns: Names of the columns, those of the finding included.
        rows: In the order of the query.
        fields: What the columns are, but those of the finding.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    fields: Mapping[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> tuple[Any, ...]:
        """The values of one column, row by row."""
        position = self.columns.index(name)
        return tuple(row[position] for row in self.rows)

    @property
    def limit(self) -> str | None:
        """What the result itself says of its limits; the same on each row."""
        for name in _LIMIT_COLUMNS:
            if name in self.columns and self.rows:
                return str(self.rows[0][self.columns.index(name)])
        return None

    def csv(self) -> str:
        """The rows as CSV, exact and unformatted, with the names of the query."""
        return exact_csv(self.taken.columns, self.taken.rows)

    @property
    def taken(self) -> Result:
        """What a file has: all columns of the rows, without those of the finding."""
        return self._of([name for name in self.columns if not name.startswith(FINDING)])

    @property
    def shown(self) -> Result:
        """What a table has: the columns that do not say the same of the whole result."""
        return self._of(
            [
                name
                for name in self.columns
                if name not in _LIMIT_COLUMNS and not name.startswith(FINDING)
            ]
        )

    def _of(self, names: Sequence[str]) -> Result:
        positions = [self.columns.index(name) for name in names]
        rows = tuple(tuple(row[n] for n in positions) for row in self.rows)
        return Result(tuple(names), rows, self.fields)


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
    return tuple(sorted((from_compiled(one) for one in found), key=lambda one: one.number))


def run_question(connection: duckdb.DuckDBPyConnection, question: Question) -> Result:
    """The result of a question."""
    cursor = connection.execute(question.sql)
    names = tuple(column[0] for column in cursor.description or ())
    return Result(names, tuple(cursor.fetchall()), question.columns)


def run_list(connection: duckdb.DuckDBPyConnection, question: Question) -> Result:
    """The full list behind an answer that shows its first rows or a summary."""
    cursor = connection.execute(question.list_sql)
    names = tuple(column[0] for column in cursor.description or ())
    return Result(names, tuple(cursor.fetchall()))


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
            name: column(name, words["description"], words["meta"])
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


def _names(unique_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(unique_id.split(".")[-1] for unique_id in unique_ids)
