"""At least three questions of each area, by ``tests.support.independent_questions_*``.

Counts and sums of money must be equal, to the centavo; a ratio must be what the query rounded.
Those of area 10 are the history that stands in until there are models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pandas as pd
import pytest

from tests.support.compare import BothSides
from tests.support.independent_questions_comparisons import QuestionsC
from tests.support.independent_questions_customers import LaterQuestionsA
from tests.support.independent_questions_operations import QuestionsA
from tests.support.independent_questions_risk import LaterQuestionsB
from tests.support.independent_questions_sellers import QuestionsB
from tests.support.independent_questions_statistics import StatisticsOfQuestions
from tests.support.questions import SECOND_ROUTE_KEYS as KEYS
from tests.support.questions import STATISTICS_KEYS, Question
from tests.support.second_route import SecondRoute

# Columns that repeat a dimension, a var, a text or a place in the result.
DESCRIBED = frozenset(
    {
        *("proxy", "lifecycle_stage", "num_months", "min_units", "min_sellers", "gap_rank"),
        *("seller_state", "main_category", "seller_tier", "is_active", "min_shipments"),
        *("band", "category_group", "days_to_first_settlement", "active_within_days"),
        *(
            "min_customers",
            "average_distance_km",
            "min_deliveries",
            "min_reviewed_orders",
            "level_within_rate",
        ),
        *("min_months", "band_number", "min_orders", "not_in_data"),
    }
)
# Decimals to which a query rounds a column: four, but two of an amount, and these.
DECIMALS = {
    **dict.fromkeys(("average_installments", "outstanding_months", "demand_supply_ratio"), 2),
    **dict.fromkeys(("mom_change_points", "yoy_change_points", "average_review_score"), 2),
    **dict.fromkeys(("on_time_review_score", "lost_stars", "lift", "penetration_index"), 2),
    **dict.fromkeys(("average_order_value", "average_revenue_per_seller"), 2),
    **dict.fromkeys(("average_late_days", "average_standing_days", "units_per_seller"), 1),
    **dict.fromkeys(("average_wait_months", "settled_wait_months"), 2),
    **dict.fromkeys(("all_average_wait_months", "all_settled_wait_months"), 2),
    **dict.fromkeys(("average_promised_days", "margin_days", "average_transit_days"), 2),
    **dict.fromkeys(("finding_late_score", "finding_late_after_score"), 2),
    "finding_on_time_after_score": 2,
    **dict.fromkeys(("nps_points", "overall_nps_points", "expected_units"), 1),
    **dict.fromkeys(("low_expected_units", "high_expected_units"), 1),
    **dict.fromkeys(("low_review_score", "high_review_score", "shrunken_review_score"), 3),
    "all_average_review_score": 3,
    **dict.fromkeys(("units_per_product", "low_units_per_product"), 2),
    **dict.fromkeys(("high_units_per_product", "review_score_after_delivery"), 2),
    "average_delivery_days": 1,
    "median_days_to_second_order": 0,
    **dict.fromkeys(("customers_per_thousand_people", "average_items"), 3),
    "all_customers_per_thousand_people": 3,
    **dict.fromkeys(("come_back_rate", "low_rate", "high_rate"), 4),
    **dict.fromkeys(("low_revenue_per_seller", "high_revenue_per_seller"), 1),
    **dict.fromkeys(("low_review_score", "high_review_score", "expected_canceled"), 2),
    **dict.fromkeys(("all_average_review_score", "lift_all_orders"), 2),
    **dict.fromkeys(("low_customers_per_thousand", "high_customers_per_thousand"), 3),
    **dict.fromkeys(("finding_low_points", "finding_high_points"), 3),
}


# Of these the mart has the second route: test_second_route_forecasts.py.
FORECASTS = (91, 93, 94, 95)


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


@pytest.fixture(scope="package")
def routes(
    both_sides: tuple[duckdb.DuckDBPyConnection, SecondRoute], questions: dict[str, Question]
) -> BothRoutes:
    connection, second = both_sides
    marts = second.marts
    answers = (
        *(QuestionsA(marts), LaterQuestionsA(marts, second.customers)),
        *(QuestionsB(second), LaterQuestionsB(marts)),
        *(QuestionsC(marts), StatisticsOfQuestions(second)),
    )
    return BothRoutes(
        connection,
        {number: answer for part in answers for number, answer in part.answers.items()},
        {question.meta["id"]: question for question in questions.values()},
    )


def test_at_least_three_questions_of_each_area_have_a_second_route(routes: BothRoutes) -> None:
    assert set(routes.second) == set(KEYS) | set(STATISTICS_KEYS)
    assert not set(KEYS) & set(STATISTICS_KEYS)
    areas = [(number - 1) // 10 for number in (*KEYS, *FORECASTS)]
    assert all(areas.count(area) >= 3 for area in range(10))


@pytest.mark.parametrize("number", KEYS)
def test_an_answer_equals_the_second_route(routes: BothRoutes, number: int) -> None:
    answer, rounded = routes.answer(number)
    assert not answer.empty
    sides = BothSides(answer, routes.second[number](), KEYS[number])
    sides.assert_same_keys()
    # What a claim finds again in the rows needs no second route beside theirs.
    claims = routes.questions[number].meta.get("claims", {})
    claimed = {place.replace("finding.", "finding_") for place in claims}
    for column in sorted(set(answer.columns) - DESCRIBED - claimed - set(KEYS[number])):
        assert column in sides.second.columns, f"{column} has no second route"
        _assert_same(sides, column, rounded)


@pytest.mark.parametrize("number", STATISTICS_KEYS)
def test_the_statistics_of_an_answer_equal_scipy(routes: BothRoutes, number: int) -> None:
    answer, rounded = routes.answer(number)
    second, keys = routes.second[number](), STATISTICS_KEYS[number]
    if "factor" in keys:
        answer = answer[answer["factor"].isin(second["factor"])]
    sides = BothSides(answer.reset_index(drop=True), second.reset_index(drop=True), keys)
    sides.assert_same_keys()
    claims = routes.questions[number].meta.get("claims", {})
    claimed = {place.replace("finding.", "finding_") for place in claims}
    said = {column for column in answer.columns if column.startswith("finding_")}
    assert said - claimed <= set(second.columns)
    for column in sorted((set(answer.columns) & set(second.columns)) - set(keys)):
        _assert_same(sides, column, rounded)


def _assert_same(sides: BothSides, column: str, rounded: set[str]) -> None:
    if column in rounded:
        decimals = DECIMALS.get(column, 2 if column.endswith("_amount") else 4)
        _assert_rounded(sides, column, decimals)
    else:
        sides.assert_same_values(column)


def _assert_rounded(sides: BothSides, column: str, decimals: int) -> None:
    """The answer is the second route's value to within half of its last decimal."""
    values = sides.values(column)
    exact = values["second"].astype("float64")
    difference = (values["warehouse"].astype("float64") - exact).abs()
    both_missing = values["warehouse"].isna() & exact.isna()
    different = values[~((difference <= 0.5 * 10**-decimals + 1e-9) | both_missing)]
    assert different.empty, f"{column} differs:\n{different.head().to_string()}"
