"""A sentence is made of columns of its own, and its checks notice what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from dashboards.lib.ask.findings import finding
from dashboards.lib.queries.questions import Case, ChartSpec, Question, run_question
from dashboards.lib.results import Column
from tests.support.claims import Claims

SQL = """
select
    *,
    first_value(category) over (order by rate desc, category) as finding_best,
    max(rate) over () as finding_best_rate,
    0.0004 as finding_p,
    max(low) over () > max(base) over () as finding_is_apart
from (values
    ('bed_bath_table', 0.30, 0.20, 0.41, 0.10, 9000, 174),
    ('fashio_female_clothing', 0.05, 0.01, 0.15, 0.10, 30, 2),
    ('toys', 0.04, 0.02, 0.12, 0.10, 800, 3),
    ('auto', 0.03, 0.01, 0.11, 0.10, 700, 4),
    ('music', 0.02, 0.01, 0.11, 0.10, 600, 5)
) as answer (category, rate, low, high, base, orders, place_by_rate)
order by rate desc
"""
FIELDS = {
    "category": Column("", "Category", "name"),
    **{name: Column("", name, "share") for name in ("rate", "low", "high", "base")},
    "orders": Column("", "Orders", "count"),
    "place_by_rate": Column("", "Rank by rate", "rank"),
}
SAYS = (
    Case("is_apart", "{finding.best:name} leads with {finding.best_rate:.0%}, {finding.p:p}."),
    Case(None, "No difference among {rows}."),
)
CLAIMS = {
    "finding.best": "arg_max(category, rate)",
    "finding.best_rate": "max(rate)",
    "finding.p": "0.0004",
    "finding.is_apart": "max(low - base) > 0",
}
INTERVAL = {"rate": "rate", "low": "low", "high": "high", "against": "base"}


def claims(
    says: tuple[Case, ...] = SAYS,
    given: Mapping[str, str] = CLAIMS,
    evidence: Mapping[str, Any] | None = INTERVAL,
    sql: str = SQL,
) -> Claims:
    question = Question(
        *(57, "q057_x", "Sellers", 4, "Which?", "answerable", "One row.", "Read.", ()),
        chart=ChartSpec("table"),
        finding=says,
        columns=FIELDS,
        reads=(),
        through=(),
        sources=(),
        sql=sql,
    )
    connection = duckdb.connect()
    meta: dict[str, Any] = {"claims": given}
    if evidence is not None:
        meta["evidence"] = evidence
    return Claims(question, meta, run_question(connection, question), connection)


def problems(one: Claims) -> list[str]:
    return [*one.unproven(has_second_route=False), *one.broken(), *one.constants(), *one.thin()]


def test_the_case_that_holds_is_said_with_words_of_the_data_as_people_write_them() -> None:
    one = claims()
    assert finding(one.question, one.result) == "Bed, bath & table leads with 30%, p < 0.001."
    level = claims(sql=SQL.replace("0.20, 0.41", "0.05, 0.41"))
    assert finding(level.question, level.result) == "No difference among 5."
    assert problems(one) == problems(level) == []


def test_columns_of_the_sentence_are_in_no_table_and_no_csv() -> None:
    result = claims().result
    assert result.shown.columns == tuple(FIELDS)
    assert result.taken.columns == tuple(FIELDS)


def test_a_unit_comes_from_metadata_and_not_from_the_ending_of_a_name() -> None:
    result = claims().result
    assert result.texts("place_by_rate")[0] == "174"
    assert result.texts("rate")[0] == "30.0%"
    assert result.texts("category")[1] == "Fashion, women's clothes"
    assert Column("", "Price", "money").heading == "Price (R$)"


def test_a_name_that_does_not_lead_the_rows_is_noticed() -> None:
    wrong = claims(sql=SQL.replace("order by rate desc, category)", "order by rate, category)"))
    assert any("finding.best is 'music'" in one for one in wrong.broken())


def test_a_figure_without_a_claim_and_a_superlative_without_an_extreme_are_noticed() -> None:
    without = {name: text for name, text in CLAIMS.items() if name != "finding.p"}
    assert list(claims(given=without).unproven(has_second_route=False)) == [
        "finding.p has no claim, and the question no second route"
    ]
    said = claims(says=(Case(None, "{first.category} leads."),), given={})
    assert any("superlative" in one for one in said.unproven(has_second_route=True))


def test_a_figure_written_into_a_sentence_is_noticed() -> None:
    written = claims(says=(Case(None, "12 categories, 95% CI."),))
    assert list(written.constants()) == ["12 is written into '12 categories, 95% CI.'"]


def test_a_ranking_by_a_rate_without_an_interval_or_a_volume_is_noticed() -> None:
    assert any("no evidence" in one for one in claims(evidence=None).thin())
    small = claims(evidence={"volume": "orders", "least": 10_000})
    assert any("rests on 9000, less than 10000" in one for one in small.thin())


def test_a_leader_whose_interval_holds_the_rate_of_all_is_noticed() -> None:
    sql = SQL.replace("max(low) over () > max(base) over ()", "true")
    apart = claims(sql=sql.replace("0.20, 0.41", "0.05, 0.41"))
    assert any("holds 0.1" in one for one in apart.thin())
