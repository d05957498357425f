"""Fifteen questions of areas 6 to 10 equal a second computation from the raw files.

The second route is pandas on the nine files (``tests.support.independent_questions_b``). Counts
and sums of money must be equal, to the centavo; a ratio must be what the query rounded. Those
of area 10 are the history that stands in until there are models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.warehouse import open_reader
from tests.support.compare import assert_same_keys, assert_same_values
from tests.support.independent import IndependentRoute
from tests.support.independent_questions_b import QuestionsB
from tests.support.independent_questions_b_later import LaterQuestionsB
from tests.support.questions import Question

# The columns that tell the rows of each result apart.
KEYS = {
    52: ("cumulative_sellers",),
    54: ("sales_band",),
    58: ("first_sale_month",),
    61: ("state",),
    66: ("metropolitan_region",),
    67: ("state",),
    74: ("category_name_english",),
    75: ("order_kind",),
    78: ("category_a", "category_b"),
    81: ("order_month",),
    83: ("order_status", "reached_stage"),
    88: ("num_installments",),
    91: ("category_name_english",),
    93: ("order_month",),
    96: ("months_since_first",),
}
# Columns that repeat a var or a text.
DESCRIBED = frozenset({"min_orders", "not_in_data", "waits_for_model"})
# Decimals to which a query rounds a column: four, but two of an amount, and these.
DECIMALS = {
    **dict.fromkeys(("average_order_value", "average_revenue_per_seller"), 2),
    **dict.fromkeys(("average_review_score", "average_installments", "lift"), 2),
    **dict.fromkeys(("customers_per_thousand_people", "average_items"), 3),
    "all_customers_per_thousand_people": 3,
    "penetration_index": 2,
    "average_delivery_days": 1,
    "come_back_rate": 5,
}


@dataclass(frozen=True)
class BothRoutes:
    """One warehouse and the second route from the files it was built from."""

    connection: duckdb.DuckDBPyConnection
    second: dict[int, Callable[[], pd.DataFrame]]
    questions: dict[int, Question]

    def answer(self, number: int) -> tuple[pd.DataFrame, set[str]]:
        """The result of a question, exact amounts in centavos, and its rounded columns."""
        query = self.questions[number].sql
        described = self.connection.execute(f"describe {query}").fetchall()
        kinds = {name: kind for name, kind, *_ in described}
        amounts = [name for name, kind in kinds.items() if kind.startswith("DECIMAL")]
        columns = ", ".join(f"cast({name} * 100 as bigint) as {name}" for name in amounts)
        replaced = f"* replace ({columns})" if amounts else "*"
        frame = self.connection.execute(f"select {replaced} from ({query}) as answer").df()
        return frame, {name for name, kind in kinds.items() if kind == "DOUBLE"}


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def routes(
    request: pytest.FixtureRequest, questions: dict[str, Question]
) -> Iterator[BothRoutes]:
    names = {
        "generated": ("built_warehouse", "generated_files"),
        "real": ("real_warehouse", "real_files"),
    }
    warehouse_name, files_name = names[request.param]
    warehouse: Path = request.getfixturevalue(warehouse_name)
    route = IndependentRoute(request.getfixturevalue(files_name))
    numbered = {question.meta["id"]: question for question in questions.values()}
    with open_reader(warehouse) as connection:
        second = QuestionsB(route).answers | LaterQuestionsB(route).answers
        yield BothRoutes(connection, second, numbered)


def test_three_questions_of_each_area_have_a_second_route(routes: BothRoutes) -> None:
    assert set(routes.second) == set(KEYS)
    areas = [(number - 1) // 10 for number in KEYS]
    assert {area: areas.count(area) for area in areas} == dict.fromkeys(range(5, 10), 3)


@pytest.mark.parametrize("number", KEYS)
def test_an_answer_equals_the_second_route(routes: BothRoutes, number: int) -> None:
    answer, rounded = routes.answer(number)
    second = routes.second[number]()
    keys = KEYS[number]
    assert not answer.empty
    assert_same_keys(answer, second, keys)
    for column in sorted(set(answer.columns) - DESCRIBED - set(keys)):
        assert column in second.columns, f"{column} has no second route"
        if column in rounded:
            decimals = DECIMALS.get(column, 2 if column.endswith("_amount") else 4)
            _assert_rounded(answer, second, keys, column, decimals)
        else:
            assert_same_values(answer, second, keys, column)


def _assert_rounded(
    answer: pd.DataFrame,
    second: pd.DataFrame,
    keys: tuple[str, ...],
    column: str,
    decimals: int,
) -> None:
    """The answer is the second route's value to within half of its last decimal."""
    merged = answer[[*keys, column]].merge(
        second[[*keys, column]], on=list(keys), suffixes=("", "_second")
    )
    exact = merged[f"{column}_second"].astype("float64")
    difference = (merged[column].astype("float64") - exact).abs()
    both_missing = merged[column].isna() & exact.isna()
    different = merged[~((difference <= 0.5 * 10**-decimals + 1e-9) | both_missing)]
    assert different.empty, f"{column} differs:\n{different.head().to_string()}"
