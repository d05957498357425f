"""The sentence of a question says what its rows say, and no ranking stands without evidence.

The third way a question can fail, a wrong figure, is tested by ``test_second_route_questions``.
"""

from __future__ import annotations

import pytest

from dashboards.lib.queries.questions import Question as AskedQuestion
from dashboards.lib.queries.questions import defaults
from dashboards.lib.results import UNITS
from orchestration.settings import PROJECT_ROOT
from tests.support.claims import Claims
from tests.support.pages import listed_columns
from tests.support.questions import (
    NAMES,
    SECOND_ROUTE_KEYS,
    STATISTICS_KEYS,
    Answers,
    Question,
)


@pytest.fixture
def of(
    answers: Answers, asked: dict[str, AskedQuestion], questions: dict[str, Question], name: str
) -> Claims:
    result = answers.of(asked[name])
    return Claims(asked[name], questions[name].meta, result, answers.connection)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_sentence_says_is_found_again_in_the_rows(of: Claims) -> None:
    assert list(of.broken()) == []
    has_second_route = of.question.number in SECOND_ROUTE_KEYS | STATISTICS_KEYS
    assert list(of.unproven(has_second_route)) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_is_written_into_a_sentence(of: Claims) -> None:
    assert list(of.constants()) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_ranking_by_a_rate_stands_without_evidence(of: Claims) -> None:
    assert list(of.thin()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_last_sentence_of_a_question_holds_whatever_the_data(
    asked: dict[str, AskedQuestion], name: str
) -> None:
    conditions = [one.when for one in asked[name].finding]
    assert conditions[-1] is None
    assert None not in conditions[:-1]


def test_unit_and_label_of_every_column_come_from_metadata(
    asked: dict[str, AskedQuestion],
) -> None:
    used = {name for question in asked.values() for name in question.columns}
    used |= set(listed_columns())
    listed = defaults()
    assert used - set(listed) == {"proxy", "not_in_data"}
    pages = "".join(
        path.read_text("utf-8") for path in (PROJECT_ROOT / "dashboards").rglob("*.py")
    )
    assert [name for name in set(listed) - used if f'"{name}"' not in pages] == []
    for question in asked.values():
        headings = sorted(one.heading for one in question.columns.values())
        assert len(set(headings)) == len(headings), (question.name, headings)
        assert {one.unit for one in question.columns.values()} <= set(UNITS)


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_of_a_column_fits_its_values(
    answers: Answers, asked: dict[str, AskedQuestion], name: str
) -> None:
    """A rank or a count shown as a share would read 17,400 %."""
    result = answers.of(asked[name])
    for column, field in asked[name].columns.items():
        values = [value for value in result.column(column) if value is not None]
        is_text = any(isinstance(value, str) for value in values)
        assert not is_text or field.unit in {"name", "city", "id", "text"}, column
        if field.unit in {"count", "rank"}:
            assert all(value == int(value) for value in values), column
        if field.unit == "share" and not field.label.startswith(("Growth", "Change")):
            assert all(-1 <= value <= 1.0001 for value in values), column
