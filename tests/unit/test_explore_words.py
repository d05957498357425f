"""A question to the metrics as text: what is written is read again, what is wrong is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.lib.explore.words import WordsError, parse, write
from dashboards.lib.periods import Period
from dashboards.lib.query import Query

_names = st.sampled_from(["num_sales", "region", "order_month", "by_x", "and_y", "from_z"])
_days = st.dates(date(2016, 1, 1), date(2019, 1, 1))


@st.composite
def _queries(draw: st.DrawFn) -> Query:
    several = st.lists(_names, min_size=1, max_size=3, unique=True).map(tuple)
    values = st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple)
    days = draw(st.none() | st.lists(_days, min_size=2, max_size=2).map(sorted))
    return Query(
        draw(several),
        draw(st.just(()) | several),
        draw(st.dictionaries(_names, values, max_size=2)),
        None if days is None else Period(*days),
    )


@given(_queries())
def test_what_is_written_is_read_as_it_was(query: Query) -> None:
    assert parse(write(query)) == query


@pytest.mark.parametrize(
    "value",
    [
        *("a from b to c", "x where y", "p and q = r", "by, by", 'say "x"', '"', "{{ x }}"),
        *(
            "o'neill",
            " blank ",
            "2018-01-01",
            "a from 2018-01-01 to 2018-01-02",
            "-",
            "São Paulo",
        ),
    ],
)
def test_a_value_may_hold_the_words_of_a_question(value: str) -> None:
    query = Query(("a",), (), {"city": (value, "x"), "region": (value,)})
    assert parse(write(query)) == query


def test_the_form_of_the_issue_is_read_in_any_case() -> None:
    asked = "revenue_amount BY order_month,customer_state Where region = South, North"
    assert parse(asked) == Query(
        ("revenue_amount",), ("order_month", "customer_state"), {"region": ("South", "North")}
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no question"),
        ("a b", "among the metrics is no name"),
        ("a by b c", "among the dimensions is no name"),
        ("a, a", "stands twice among the metrics"),
        ("a where b", "is no filter"),
        ("a where b = ", "Write it as"),
        ("a where b = x,", "A value is missing"),
        ("a where b = x,,y", "A value is missing"),
        ('a where b = x"y', "Write it as"),
        ("a where b = x and b = y", "b is filtered twice"),
        ("a from 2018-02-30 to 2018-03-01", "are no days in order"),
        ("a from 2018-02-02 to 2018-02-01", "are no days in order"),
    ],
)
def test_what_is_no_question_is_said_with_the_form(text: str, words: str) -> None:
    with pytest.raises(WordsError) as caught:
        parse(text)
    assert words in str(caught.value)
