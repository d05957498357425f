"""Every question compiles, runs without writing, and gives what its metadata promises.

All of it runs on generated data, and again on the real data where there is some. The figures of
thirty questions are compared with a second route in ``test_second_route_questions``.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from dashboards.lib.ask.findings import finding
from dashboards.lib.queries.questions import FINDING, run_question
from dashboards.lib.queries.questions import Question as AskedQuestion
from tests.support.questions import FOLDER, NAMES, Answers, Question

AREAS = (
    *("Growth and executive", "Revenue and pricing", "Delivery and operations"),
    *("Customer satisfaction and behaviour", "Products and catalogue", "Sellers", "Geography"),
    *("Marketing and acquisition", "Risk", "Prediction"),
)
# How the list of questions marks them; what is in none of these is answerable.
ANSWERED_BY_PROXY = {2, 9, 10, 31, 39, 45, 47, 60, 70, 79, 85, 87, 93}
NOT_IN_DATA = {11, 13, 30, 71, 77, 83, 86}
# The column in which a result says of itself that it is no full answer.
ADMISSION = {
    "proxy": "proxy",
    "not in data": "not_in_data",
}
CHARTS = {"line", "bar", "heatmap", "table", "scatter"}
MOST_ROWS = 100
READABLE_LAYERS = ("dim_", "fact_", "mart_")


def test_the_hundred_questions_are_numbered_without_gaps() -> None:
    assert sorted(int(name[1:4]) for name in NAMES) == list(range(1, 101))


def test_every_question_is_a_query_and_its_description(questions: dict[str, Question]) -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(NAMES) == set(questions)
    assert {path.suffix for path in FOLDER.iterdir()} == {".sql", ".yml"}


def test_no_two_questions_are_the_same(questions: dict[str, Question]) -> None:
    for texts in (
        [question.meta["question"] for question in questions.values()],
        [question.description for question in questions.values()],
    ):
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", NAMES)
def test_the_metadata_of_a_question_is_complete(
    questions: dict[str, Question], name: str
) -> None:
    question = questions[name]
    meta = question.meta
    assert meta["id"] == int(name[1:4])
    assert meta["area"] == AREAS[(meta["id"] - 1) // 10]
    assert meta["tier"] in {1, 2, 3, 4}
    assert meta["metrics"]
    assert meta["chart"] in CHARTS
    for text in (meta["question"], meta["how_to_read"], question.description):
        assert len(text) > 10
    assert all(len(one["description"]) > 5 for one in question.columns.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_marked_as_far_as_the_data_answers_it(
    questions: dict[str, Question], name: str
) -> None:
    meta = questions[name].meta
    marks = {
        "proxy": ANSWERED_BY_PROXY,
        "not in data": NOT_IN_DATA,
    }
    expected = next((mark for mark, ids in marks.items() if meta["id"] in ids), "answerable")
    assert meta["answer"] == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_query_opens_with_its_grain(questions: dict[str, Question], name: str) -> None:
    assert questions[name].template.startswith("-- One row")


@pytest.mark.parametrize("name", NAMES)
def test_a_question_reads_only_core_and_marts(
    questions: dict[str, Question], name: str
) -> None:
    question = questions[name]
    assert question.reads
    # Seeds are reference tables (inhabitants, holidays), not a step of the data's way.
    read = [unique_id.split(".") for unique_id in question.reads]
    assert [
        parts
        for parts in read
        if parts[0] != "seed" and not parts[-1].startswith(READABLE_LAYERS)
    ] == []
    by_hand = r'\b(from|join)\s+"?\w+"?\s*\.'
    assert not re.search(by_hand, question.template), "a relation is named past ref()"


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_a_result_are_those_described(
    answers: Answers, asked: dict[str, AskedQuestion], name: str
) -> None:
    question = asked[name]
    found = [one for one in answers.of(question).columns if not one.startswith(FINDING)]
    assert found == list(question.columns)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_has_rows_a_person_can_read(
    answers: Answers, asked: dict[str, AskedQuestion], name: str
) -> None:
    assert 1 <= len(answers.of(asked[name]).rows) <= MOST_ROWS


@pytest.mark.parametrize("name", NAMES)
def test_the_finding_is_made_from_the_result(
    answers: Answers,
    asked: dict[str, AskedQuestion],
    name: str,
) -> None:
    sentence = finding(asked[name], answers.of(asked[name]))
    assert not re.search(r"[{}]|\b(None|nan|NaT)\b", sentence), sentence
    assert sentence.rstrip().endswith((".", ")", "?", '"')), sentence
    assert sentence not in {one.say for one in asked[name].finding}, "it has no figure"


@pytest.mark.parametrize("name", NAMES)
def test_the_chart_shows_columns_of_the_result(
    questions: dict[str, Question], name: str
) -> None:
    meta, columns = questions[name].meta, questions[name].columns
    if meta["chart"] != "table":
        assert {meta["x"], *meta["y"], meta.get("value", meta["x"])} <= set(columns)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_full_answer_says_so_on_each_row(
    answers: Answers, asked: dict[str, AskedQuestion], name: str
) -> None:
    column = ADMISSION.get(asked[name].mark)
    if column is None:
        return
    result = answers.of(asked[name])
    texts = {row[result.columns.index(column)] for row in result.rows}
    assert len(texts) == 1
    assert len(texts.pop() or "") > 20


@pytest.mark.parametrize("name", NAMES)
def test_a_result_has_the_same_rows_in_the_same_order_again(
    answers: Answers, asked: dict[str, AskedQuestion], name: str
) -> None:
    """A ranking without a last tie-breaker shows itself when one thread does the work."""
    first = answers.of(asked[name])
    answers.connection.execute("set threads = 1")
    try:
        again = run_question(answers.connection, asked[name])
    finally:
        answers.connection.execute("reset threads")
    assert again == first


def test_a_question_cannot_write(answers: Answers) -> None:
    with pytest.raises(duckdb.InvalidInputException):
        answers.connection.execute("create table marts.written as select 1 as one")
