"""No figure of pages, questions, tables and documentation contradicts another of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.lib.explore.docs import (
    BEGIN,
    END,
    MetricsPageError,
    metrics_table,
    write_metrics_page,
)
from dashboards.lib.queries.questions import Question, run_question
from dashboards.lib.queries.warehouse import published
from orchestration.settings import PROJECT_ROOT
from tests.support.asking import asker_of, semantics_beside
from tests.support.named_figures import (
    QUESTIONS,
    TABLES,
    Figure,
    contradictions,
    of_documentation,
    of_metrics,
    of_pages,
    of_questions,
    of_tables,
)

DOCS = PROJECT_ROOT / "docs"


def _computed(path: Path, asked: dict[str, Question], run: Path) -> list[Figure]:
    by_number = {one.number: one for one in asked.values()}
    with published(path) as connection:

        def result(number: int) -> list[dict[str, object]]:
            found = run_question(connection, by_number[number])
            return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

        return [
            *of_tables(connection),
            *of_metrics(asker_of(connection, run)),
            *of_pages(path),
            *of_questions(result),
        ]


def test_pages_questions_metrics_and_tables_tell_one_figure_by_one_name(
    built_warehouse: Path, asked: dict[str, Question]
) -> None:
    assert contradictions(_computed(built_warehouse, asked, built_warehouse)) == []


@pytest.mark.real_data
def test_the_documentation_tells_the_figures_of_the_real_data(
    real_warehouse: Path, built_warehouse: Path, asked: dict[str, Question]
) -> None:
    figures = [*_computed(real_warehouse, asked, built_warehouse), *of_documentation(DOCS)]
    assert contradictions(figures) == []


def test_every_named_figure_of_the_documentation_is_computed_somewhere(
    built_warehouse: Path,
) -> None:
    metrics = semantics_beside(built_warehouse).metrics
    assert {one.name for one in of_documentation(DOCS)} <= {*TABLES, *metrics}
    assert set(QUESTIONS) <= set(TABLES)


@pytest.mark.parametrize(
    "last_columns", ["| all data |", "| figure | definition | full data |"]
)
def test_every_figure_of_the_page_of_metrics_is_marked(last_columns: str) -> None:
    """A figure that nothing compares is the next one to be wrong."""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    table = text.split(last_columns)[1].split("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert rows
    assert [row for row in rows if "<!-- " not in row.rsplit("|", 2)[1]] == []


@pytest.mark.real_data
def test_the_table_of_metrics_is_the_one_that_is_generated(
    real_warehouse: Path, built_warehouse: Path
) -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    with published(real_warehouse) as connection:
        table = metrics_table(asker_of(connection, built_warehouse))
    assert f"{BEGIN}\n\n{table}\n{END}" in text, (
        "Write it, on the real data: python -m dashboards.explore --write-docs"
    )


def test_writing_the_page_of_metrics_leaves_what_stands_around_the_table(
    tmp_path: Path, built_warehouse: Path
) -> None:
    page = tmp_path / "metrics.md"
    page.write_text(f"above\n{BEGIN}\na stale line\n{END}\nbelow\n", encoding="utf-8")
    with published(built_warehouse) as connection:
        source = asker_of(connection, built_warehouse)
        write_metrics_page(page, source)
        once = page.read_text(encoding="utf-8")
        write_metrics_page(page, source)
        page.with_name("other.md").write_text("no table\n", encoding="utf-8")
        with pytest.raises(MetricsPageError, match="no lines"):
            write_metrics_page(page.with_name("other.md"), source)
    assert page.read_text(encoding="utf-8") == once
    assert once.startswith("above\n")
    assert once.endswith("\nbelow\n")
    assert "a stale line" not in once
    assert {one.name for one in of_documentation(tmp_path)} == set(source.semantics.metrics)


@pytest.mark.parametrize(
    ("told", "is_found"),
    [
        ([Figure("repeat_rate", 0.021739, "a"), Figure("repeat_rate", 0.0217, "b", 4)], False),
        ([Figure("repeat_rate", 0.021739, "a"), Figure("repeat_rate", 0.0218, "b", 4)], True),
        ([Figure("repeat_rate", 0.021739, "a"), Figure("repeat_rate", 0.030403, "b")], True),
        ([Figure("sellers", 306.0, "a"), Figure("sellers", 305.0, "b", 0)], True),
        ([Figure("one", 1.0, "a"), Figure("other", 2.0, "b")], False),
    ],
)
def test_a_figure_told_in_two_ways_is_found(told: list[Figure], is_found: bool) -> None:
    assert bool(contradictions(told)) is is_found


def test_a_mark_of_the_documentation_is_read_with_its_rounding(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text(
        "2.17 %<!-- repeat_rate --> of customers, R$ 1,234.50<!-- gmv_amount -->\n",
        encoding="utf-8",
    )
    assert list(of_documentation(page.parent)) == [
        Figure("repeat_rate", 0.0217, "docs/page.md:1", 4),
        Figure("gmv_amount", 1234.5, "docs/page.md:1", 2),
    ]
    page.write_text("2.17 % <!-- repeat_rate -->\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="without a number"):
        list(of_documentation(page.parent))
